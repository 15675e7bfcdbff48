"""PAMS (Li et al., ECCV 2020, arXiv 2011.04212): symmetric, one trainable bound per layer."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.grid import Grid
from srviz.quantizers.affine import fake_quantize
from srviz.quantizers.base import Quantizer
from srviz.quantizers.observers import MeanMaximum, Observer, Stats
from srviz.quantizers.weight import SymmetricWeight


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
    weight = SymmetricWeight

    def __init__(self, *, bits: int, alpha_grad: Literal["lsq", "pact"] = "lsq") -> None:
        super().__init__(bits=bits)
        if alpha_grad not in ("lsq", "pact"):
            raise ArgumentError(f"alpha_grad={alpha_grad!r}", allowed="'lsq' or 'pact'")
        self.alpha_grad = alpha_grad
        self.alpha = nn.Parameter(torch.tensor(torch.nan))

    def _quantize(self, x: Tensor) -> Tensor:
        n = 2 ** (self.bits - 1) - 1
        slope = self.alpha_grad == "lsq"
        return fake_quantize(x, -self.alpha, self.alpha, codes=2 * n, offset=n, slope=slope)

    def _valid(self) -> Tensor:
        return self.alpha > 0

    def _project(self, eps: float) -> None:
        self.alpha.clamp_(min=eps)

    def _grid(self, *bounds: float) -> Grid:
        return Grid.symmetric(bounds[0], self.bits)

    @classmethod
    def bounds_of(cls, grid: Grid) -> tuple[float, ...]:
        return (float(grid.hi),)

    @classmethod
    def bounds_from(cls, stats: Stats) -> tuple[float, ...]:
        return (max(abs(float(stats.min[0])), abs(float(stats.max[0]))),)

    @classmethod
    def observer(cls) -> Observer:
        """Alpha starts at the running mean of the images' largest absolute values."""
        return MeanMaximum()
