"""Weight quantization as a parametrization: symmetric, per tensor, scaled to the largest weight."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize

from srviz.quantizers.base import check_bits
from srviz.quantizers.ste import round_ste


class SymmetricWeight(nn.Module):
    """``round(w / s) * s`` with ``s = max|w| / (2^(b-1) - 1)``, as PAMS quantizes weights.

    The scale follows the weights at every forward pass and is detached; the gradient of the
    weights passes straight through. Nothing is clipped, since the largest weight is a level.
    """

    def __init__(self, *, bits: int) -> None:
        super().__init__()
        self.bits = check_bits(bits)

    def forward(self, weight: Tensor) -> Tensor:
        step = (weight.detach().abs().max() + 1e-8) / (2 ** (self.bits - 1) - 1)
        return round_ste(weight / step) * step


def quantize_weight(conv: nn.Module, bits: int) -> None:
    """Quantize ``conv.weight`` in place; the full-precision weight stays trainable beneath."""
    parametrize.register_parametrization(conv, "weight", SymmetricWeight(bits=bits))
