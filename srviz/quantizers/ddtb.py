"""DDTB (Zhong et al., ECCV 2022, arXiv 2203.03844): two trainable bounds, integer zero point."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from srviz.grid import Grid
from srviz.quantizers.base import Quantizer, Stats


class DDTB(Quantizer):
    """2^b levels that contain 0 exactly, between (nearly) ``lower`` and ``upper``.

    ``s = (2^b - 1) / (upper - lower)``, ``z = round(s * lower) + 2^(b-1)``,
    ``q = (round(s * clip(x) - z) + z) / s``. Because the zero point is rounded, the outer levels
    miss the bounds by up to half a step. This is the static part of the paper: no gate scales
    the bounds per image.

    Parameters
    ----------
    bits : int
        2 to 8.

    Examples
    --------
    >>> quantizer = DDTB(bits=2)
    >>> quantizer.set_bounds(2.3, -1.1)
    >>> [round(q, 3) for q in quantizer(torch.tensor([-5.0, 0.1, 1.0, 5.0])).tolist()]
    [-1.133, 0.0, 1.133, 2.267]
    """

    method = "ddtb"
    bound_names = ("upper", "lower")

    def __init__(self, *, bits: int) -> None:
        super().__init__(bits=bits)
        self.upper = nn.Parameter(torch.tensor(torch.nan))
        self.lower = nn.Parameter(torch.tensor(torch.nan))

    def _quantize(self, x: Tensor) -> Tensor:
        out: Tensor = _Ddtb.apply(x, self.upper, self.lower, self.bits)  # pyright: ignore[reportAssignmentType]
        return out

    def _valid(self) -> Tensor:
        return self.upper > self.lower

    def _grid(self, *bounds: float) -> Grid:
        return Grid.affine(bounds[1], bounds[0], self.bits, zero_point=True)

    @classmethod
    def bounds_of(cls, grid: Grid) -> tuple[float, ...]:
        return float(grid.hi), float(grid.lo)

    @classmethod
    def bounds_from(cls, stats: Stats) -> tuple[float, ...]:
        """The 99th and the 1st percentile, as in the paper."""
        return float(stats.quantile(0.99)[0]), float(stats.quantile(0.01)[0])


class _Ddtb(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, upper: Tensor, lower: Tensor, bits: int) -> Tensor:
        scale = (2**bits - 1) / (upper - lower)
        zero = (scale * lower).round() + 2 ** (bits - 1)
        clipped = torch.clamp(x, lower, upper)
        out = clipped.mul_(scale).sub_(zero).round_().add_(zero).div_(scale)
        ctx.save_for_backward(x, upper, lower, out)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        x, upper, lower, out = ctx.saved_tensors
        above, below = x >= upper, x <= lower
        # The zero point's own gradients cancel under straight-through rounding.
        slope = (out - torch.clamp(x, lower, upper)) / (upper - lower)
        g_upper = (grad * (slope + above)).sum_to_size(upper.shape)
        g_lower = (grad * (below.to(slope.dtype) - slope)).sum_to_size(lower.shape)
        return grad * ~(above | below), g_upper, g_lower, None
