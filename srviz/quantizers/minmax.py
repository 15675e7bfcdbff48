"""MinMax: the plain affine quantizer between two fixed bounds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from srviz.grid import Grid
from srviz.quantizers.base import Quantizer, separate
from srviz.quantizers.observers import Stats


class MinMax(Quantizer):
    """2^b levels, evenly from ``lower`` to ``upper``, both of which are levels.

    ``q = lower + round((clip(x) - lower) / s) * s`` with ``s = (upper - lower) / (2^b - 1)``. The
    bounds are buffers, not trained; the gradient is 1 inside them and 0 outside.

    Parameters
    ----------
    bits : int
        2 to 8.

    Examples
    --------
    >>> quantizer = MinMax(bits=2)
    >>> quantizer.set_bounds(0.0, 3.0)
    >>> quantizer(torch.tensor([-1.0, 0.4, 1.6, 9.0]))
    tensor([0., 0., 2., 3.])
    """

    method = "minmax"
    bound_names = ("lower", "upper")
    lower: Tensor
    upper: Tensor

    def __init__(self, *, bits: int) -> None:
        super().__init__(bits=bits)
        self.register_buffer("lower", torch.tensor(torch.nan))
        self.register_buffer("upper", torch.tensor(torch.nan))

    def _quantize(self, x: Tensor) -> Tensor:
        out: Tensor = _Affine.apply(x, self.lower, self.upper, 2**self.bits - 1)  # pyright: ignore[reportAssignmentType]
        return out

    def _valid(self) -> Tensor:
        return self.upper > self.lower

    def _project(self, eps: float) -> None:
        separate(self.lower, self.upper, eps)

    def _grid(self, *bounds: float) -> Grid:
        return Grid.affine(bounds[0], bounds[1], self.bits)

    @classmethod
    def bounds_of(cls, grid: Grid) -> tuple[float, ...]:
        return float(grid.lo), float(grid.hi)

    @classmethod
    def bounds_from(cls, stats: Stats) -> tuple[float, ...]:
        return float(stats.min[0]), float(stats.max[0])


class _Affine(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, lower: Tensor, upper: Tensor, steps: int) -> Tensor:
        ctx.save_for_backward(x, lower, upper)
        step = (upper - lower) / steps
        clipped = torch.clamp(x, lower, upper)
        return clipped.sub_(lower).div_(step).round_().mul_(step).add_(lower)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        x, lower, upper = ctx.saved_tensors
        return grad * ((x > lower) & (x < upper)), None, None, None
