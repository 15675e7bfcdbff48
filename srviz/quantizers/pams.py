"""PAMS (Li et al., ECCV 2020, arXiv 2011.04212): symmetric, one trainable bound per layer."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.grid import Grid
from srviz.quantizers.base import Quantizer, Stats


class PAMS(Quantizer):
    """2^b - 1 levels, symmetric about 0: ``round(clip(x, -alpha, alpha) * n / alpha) * alpha / n``.

    ``n = 2^(b-1) - 1``, so the interval is ``alpha / n``. The same grid serves tensors after a
    ReLU, where the negative half of the levels is wasted.

    Parameters
    ----------
    bits : int
        2 to 8.
    alpha_grad : {"lsq", "pact"}
        Gradient of alpha for values inside the bounds: that of the released code,
        ``(q - x) / alpha``, or 0. Outside it is ``sign(x)`` in both.

    Examples
    --------
    >>> quantizer = PAMS(bits=2)
    >>> quantizer.set_bounds(2.0)
    >>> quantizer(torch.tensor([-9.0, 0.9, 1.2])).tolist()
    [-2.0, 0.0, 2.0]
    """

    method = "pams"
    bound_names = ("alpha",)

    def __init__(self, *, bits: int, alpha_grad: Literal["lsq", "pact"] = "lsq") -> None:
        super().__init__(bits=bits)
        if alpha_grad not in ("lsq", "pact"):
            raise ArgumentError(f"alpha_grad={alpha_grad!r}", allowed="'lsq' or 'pact'")
        self.alpha_grad = alpha_grad
        self.alpha = nn.Parameter(torch.tensor(torch.nan))

    def _quantize(self, x: Tensor) -> Tensor:
        n = 2 ** (self.bits - 1) - 1
        out: Tensor = _Pams.apply(x, self.alpha, n, self.alpha_grad == "lsq")  # pyright: ignore[reportAssignmentType]
        return out

    def _valid(self) -> Tensor:
        return self.alpha > 0

    def _grid(self, *bounds: float) -> Grid:
        return Grid.symmetric(bounds[0], self.bits)

    @classmethod
    def bounds_of(cls, grid: Grid) -> tuple[float, ...]:
        return (float(grid.hi),)

    @classmethod
    def bounds_from(cls, stats: Stats) -> tuple[float, ...]:
        return (max(abs(float(stats.min[0])), abs(float(stats.max[0]))),)


class _Pams(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Tensor, n: int, lsq: bool) -> Tensor:
        out = torch.clamp(x, -alpha, alpha).mul_(n / alpha).round_().mul_(alpha / n)
        ctx.save_for_backward(x, alpha, out if lsq else None)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        x, alpha, out = ctx.saved_tensors
        inside = x.abs() < alpha
        slope = torch.zeros_like(x) if out is None else (out - x) / alpha
        slope = torch.where(inside, slope, x.sign())
        return grad * inside, (grad * slope).sum_to_size(alpha.shape), None, None
