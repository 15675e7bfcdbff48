"""DDTB (Zhong et al., ECCV 2022, arXiv 2203.03844): two trainable bounds, integer zero point."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.grid import Grid
from srviz.quantizers.affine import fake_quantize
from srviz.quantizers.base import EPS, Quantizer, separate
from srviz.quantizers.gate import Gate
from srviz.quantizers.observers import Stats
from srviz.quantizers.weight import PercentileWeight


class DDTB(Quantizer):
    """2^b levels that contain 0 exactly, between (nearly) ``lower`` and ``upper``.

    ``s = (2^b - 1) / (upper - lower)``, ``z = round(s * lower) + 2^(b-1)``,
    ``q = (round(s * clip(x) - z) + z) / s``. Because the zero point is rounded, the outer levels
    miss the bounds by up to half a step.

    With a gate (:meth:`add_gate`, :func:`srviz.quantizers.select_gates`) the bounds follow each
    image: ``upper * beta_u`` and ``lower * beta_l``. ``grid()`` is then the static part,
    beta = 1, and :meth:`grids_for` gives the grids of a batch's images.

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
    weight = PercentileWeight
    gate: Gate | None

    def __init__(self, *, bits: int) -> None:
        super().__init__(bits=bits)
        self.upper = nn.Parameter(torch.tensor(torch.nan))
        self.lower = nn.Parameter(torch.tensor(torch.nan))
        self.register_module("gate", None)

    def add_gate(self, channels: int, *, release: bool = False) -> Gate:
        """Let the bounds follow each image of (N, ``channels``, H, W); see :class:`Gate`.

        Raises
        ------
        ArgumentError
            There is a gate already, or the bounds are per channel.
        """
        if self.gate is not None:
            raise ArgumentError(f"the quantizer at {self.site} has a gate already")
        if self.granularity == "channel":
            raise ArgumentError(
                f"a gate for the bounds per channel at {self.site}", allowed="bounds per tensor"
            )
        self.gate = Gate(channels, release=release).to(self.upper.device)
        return self.gate.train(self.training)

    def grids_for(self, x: Tensor) -> list[Grid]:
        """The grids that evaluation uses for each image of (N, C, H, W), gate included."""
        self._check()
        training = self.training
        self.eval()
        with torch.no_grad():
            upper, lower = (bound.expand(len(x), 1, 1, 1) for bound in self._bounds(x))
        self.train(training)
        pairs = zip(upper.flatten().tolist(), lower.flatten().tolist(), strict=True)
        return [self._grid(*pair) for pair in pairs]

    def _quantize(self, x: Tensor) -> Tensor:
        upper, lower = self._bounds(x)
        codes, offset = 2**self.bits - 1, 2 ** (self.bits - 1)
        return fake_quantize(x, lower, upper, codes=codes, offset=offset)

    def _bounds(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Upper and lower: shape (), or (N, 1, 1, 1) once the gate is applied."""
        beta = None if self.gate is None else self.gate(x)
        if beta is None:
            return self.upper, self.lower
        upper, lower = (beta * torch.stack([self.upper, self.lower])).unbind(1)
        # Bounds of the same sign can be scaled past each other.
        upper = torch.maximum(upper, lower + EPS)
        return upper.reshape(-1, 1, 1, 1), lower.reshape(-1, 1, 1, 1)

    def _valid(self) -> Tensor:
        return self.upper > self.lower

    def _project(self, eps: float) -> None:
        separate(self.lower, self.upper, eps)

    def _grid(self, *bounds: float) -> Grid:
        return Grid.affine(bounds[1], bounds[0], self.bits, zero_point=True)

    @classmethod
    def bounds_of(cls, grid: Grid) -> tuple[float, ...]:
        return float(grid.hi), float(grid.lo)

    @classmethod
    def bounds_from(cls, stats: Stats) -> tuple[float, ...]:
        """The 99th and the 1st percentile, as in the paper; the extremes where these coincide."""
        upper, lower = float(stats.quantile(0.99)[0]), float(stats.quantile(0.01)[0])
        if upper > lower:
            return upper, lower
        return float(stats.max[0]), float(stats.min[0])

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        # A file of a network with gates loads into one that has just been quantized.
        first = state_dict.get(f"{prefix}gate.conv1.parametrizations.weight.original")
        if first is not None and self.gate is None:
            self.add_gate(first.shape[1])
        super()._load_from_state_dict(state_dict, prefix, *args)
