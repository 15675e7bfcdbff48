"""Slot: the named places of a network where a quantizer can sit."""

from __future__ import annotations

from typing import Literal

from torch import nn

Graph = Literal["paper", "release"]
"""Where a block's quantizers act: as the papers draw it, or as their released code has it."""


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
    bypassed : bool
        In the release graph these convolutions read the tensor from before the quantizer; their
        weights are quantized all the same.
    paper_only : bool
        The release graph has no quantizer here.

    Notes
    -----
    A block whose two graphs differ has an attribute ``graph``, "paper" or "release", which its
    forward pass obeys; without quantizers both compute the same.
    """

    def __init__(self, *convs: str, bypassed: bool = False, paper_only: bool = False) -> None:
        super().__init__()
        self.convs = convs
        self.bypassed = bypassed
        self.paper_only = paper_only

    def extra_repr(self) -> str:
        return ", ".join(self.convs)
