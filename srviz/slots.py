"""Slot: the named places of a network where a quantizer can sit."""

from __future__ import annotations

from torch import nn


class Slot(nn.Identity):
    """An identity module that marks where an activation quantizer may be inserted.

    A network of srviz calls ``self.slot_x(tensor)`` at every such place; inserting a quantizer
    replaces the Slot by it, so the network knows no quantizer and the quantizer no network.

    Parameters
    ----------
    convs : tuple of str
        Names, relative to the parent module, of the convolutions that read this tensor: their
        weights are quantized together with it. Empty for a tensor no convolution reads
        directly (EDSR's branch output, which goes into the addition).
    """

    def __init__(self, *convs: str) -> None:
        super().__init__()
        self.convs = convs

    def extra_repr(self) -> str:
        return ", ".join(self.convs)
