"""Weight quantization as a parametrization: the full-precision weight stays trainable beneath."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from srviz.quantizers.affine import fake_quantize
from srviz.quantizers.bits import check_bits
from srviz.quantizers.ste import round_ste


class WeightQuantizer(nn.Module):
    """What every weight quantizer has in common: a bit width, and bounds that follow the weights.

    The bounds are computed anew at every forward pass and detached, so there is nothing to
    calibrate or to save.
    """

    def __init__(self, *, bits: int) -> None:
        super().__init__()
        self.bits = check_bits(bits)

    def extra_repr(self) -> str:
        return f"bits={self.bits}"


class SymmetricWeight(WeightQuantizer):
    """``round(w / s) * s`` with ``s = max|w| / (2^(b-1) - 1)``, as PAMS quantizes weights.

    The gradient of the weights passes straight through. Nothing is clipped, since the largest
    weight is a level. Li et al., ECCV 2020, arXiv 2011.04212.
    """

    def forward(self, weight: Tensor) -> Tensor:
        step = (weight.detach().abs().max() + 1e-8) / (2 ** (self.bits - 1) - 1)
        return round_ste(weight / step) * step


class PercentileWeight(WeightQuantizer):
    """2^b levels with an integer zero point between the 1st and the 99th percentile, as in DDTB.

    Weights beyond the percentiles are clipped and get no gradient. Zhong et al., ECCV 2022,
    arXiv 2203.03844.
    """

    def forward(self, weight: Tensor) -> Tensor:
        lower, upper = tail_percentiles(weight.detach(), 0.01)
        # Constant weights have no range of their own.
        upper = torch.maximum(upper, lower + lower.abs() * 1e-6 + 1e-8)
        codes, offset = 2**self.bits - 1, 2 ** (self.bits - 1)
        return fake_quantize(weight, lower, upper, codes=codes, offset=offset)


def tail_percentiles(x: Tensor, tail: float) -> tuple[Tensor, Tensor]:
    """The ``tail`` and ``1 - tail`` quantiles, linear between neighbours as numpy's are.

    Only the tails are sorted, so that it is fast for a small ``tail``; any device, any size.
    """
    values = x.flatten()
    position = tail * (values.numel() - 1)
    whole = math.floor(position)
    share, kept = position - whole, min(whole + 2, values.numel())
    ends = []
    for largest in (False, True):
        sorted_tail = values.topk(kept, largest=largest).values
        ends.append(torch.lerp(sorted_tail[whole], sorted_tail[kept - 1], share))
    return ends[0], ends[1]


def quantize_weight(
    conv: nn.Module, bits: int, kind: type[WeightQuantizer] = SymmetricWeight
) -> None:
    """Quantize ``conv.weight`` in place.

    Parameters
    ----------
    conv : nn.Module
        Any module with a parameter ``weight``.
    bits : int
        2 to 8.
    kind : type
        :class:`SymmetricWeight` (PAMS) or :class:`PercentileWeight` (DDTB).
    """
    parametrize.register_parametrization(conv, "weight", kind(bits=bits))
