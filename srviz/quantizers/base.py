"""What every activation quantizer has in common."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError, NonFiniteError
from srviz.grid import Grid
from srviz.quantizers.bits import check_bits
from srviz.quantizers.observers import Observer, Pooled, Stats
from srviz.quantizers.weight import SymmetricWeight, WeightQuantizer

EPS = 1e-4
"""Least distance of two bounds, in units of the activations."""


class Quantizer(nn.Module):
    """Fake quantization of one activation tensor: floats in, floats on a grid out.

    Parameters
    ----------
    bits : int
        2 to 8.

    Notes
    -----
    Bounds are tensors of shape () (one grid per tensor) or (1, C, 1, 1) (one per channel); NaN
    until calibrated. ``site`` is where the quantizer sits, for messages and tables. Subclasses
    set ``method`` and ``bound_names`` and write ``_quantize``, ``_valid``, ``_project``, ``_grid``
    and ``bounds_of``. ``weight`` is what the method does to the weights of convolutions. While
    ``watch`` is set, ``forward`` shows it the activations and hands them on as they are.
    """

    method: ClassVar[str]
    bound_names: ClassVar[tuple[str, ...]]
    weight: ClassVar[type[WeightQuantizer]] = SymmetricWeight

    def __init__(self, *, bits: int) -> None:
        super().__init__()
        self.bits = check_bits(bits)
        self.site = type(self).__name__
        self.watch: Observer | None = None
        self._checked = False

    def _quantize(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def _valid(self) -> Tensor:
        """Elementwise: are the bounds inside their domain?"""
        raise NotImplementedError

    def _project(self, eps: float) -> None:
        """Move finite bounds into their domain, at least ``eps`` from its end; in place."""
        raise NotImplementedError

    def _grid(self, *bounds: float) -> Grid:
        raise NotImplementedError

    @classmethod
    def bounds_of(cls, grid: Grid) -> tuple[float, ...]:
        """The bounds, in the order of ``bound_names``, that make a quantizer have this grid."""
        raise NotImplementedError

    @classmethod
    def bounds_from(cls, stats: Stats) -> tuple[float, ...]:
        """The method's own starting bounds for one channel (or a pooled tensor) of values."""
        raise NotImplementedError

    @classmethod
    def observer(cls) -> Observer:
        """What finds the method's own starting bounds from several batches."""
        return Pooled(cls.bounds_from)

    def forward(self, x: Tensor) -> Tensor:
        """Quantize (N, C, H, W), or any shape when the bounds are per tensor.

        Half precision, as under autocast, is quantized in the (single) precision of the bounds.

        Raises
        ------
        ArgumentError
            The quantizer is not calibrated.
        NonFiniteError
            A bound is NaN, Inf or out of its domain, or ``x`` has NaN in it.
        """
        if self.watch is not None:
            return self._watched(x, self.watch)
        if self.training or not self._checked:
            self._check()
        bound = getattr(self, self.bound_names[0])
        out = self._quantize(x.to(torch.promote_types(x.dtype, bound.dtype)))
        # A NaN survives clipping and rounding, and a sum carries it: one cheap pass finds it.
        if math.isnan(float(out.detach().sum())):
            raise NonFiniteError(f"NaN in the activations at {self.site}")
        return out

    @property
    def granularity(self) -> str:
        """ "tensor" or "channel"."""
        return "channel" if getattr(self, self.bound_names[0]).ndim else "tensor"

    @property
    def is_calibrated(self) -> bool:
        """False until the bounds have been set."""
        return not bool(torch.isnan(getattr(self, self.bound_names[0])).all())

    def set_bounds(self, *bounds: Any) -> None:
        """Set the bounds, in the order of ``bound_names``: numbers, or arrays of shape (C,).

        Raises
        ------
        ArgumentError
            A bound is out of its domain.
        """
        for name, bound in zip(self.bound_names, bounds, strict=True):
            old = getattr(self, name)
            new = torch.as_tensor(bound, dtype=old.dtype, device=old.device)
            self._replace(name, new.reshape(1, -1, 1, 1) if new.ndim else new)
        self._check(ArgumentError)

    @torch.no_grad()
    def clamp_bounds(self) -> None:
        """Bring the bounds back into their domain: alpha > 0, upper > lower. After each step.

        Raises
        ------
        NonFiniteError
            A bound is NaN or Inf; the message names the site.
        """
        if self._finite():
            self._project(EPS)
        self._check()

    def calibrate(self, stats: Stats) -> None:
        """Set the bounds from a histogram, all channels together."""
        self.set_bounds(*self.bounds_from(stats.pooled()))

    def grids(self) -> list[Grid]:
        """The grids ``forward`` uses: one, or one per channel."""
        self._check()
        columns = [getattr(self, name).detach().double().reshape(-1) for name in self.bound_names]
        return [self._grid(*(float(b) for b in row)) for row in zip(*columns, strict=True)]

    def grid(self, channel: int = 0) -> Grid:
        """The grid ``forward`` uses (of one channel, when bounds are per channel)."""
        return self.grids()[channel]

    def _replace(self, name: str, new: Tensor) -> None:
        if name in self._parameters:
            setattr(self, name, nn.Parameter(new.detach().clone()))
        else:
            setattr(self, name, new.detach().clone())

    def _finite(self) -> bool:
        return all(bool(getattr(self, name).isfinite().all()) for name in self.bound_names)

    def _watched(self, x: Tensor, observer: Observer) -> Tensor:
        if not bool(x.isfinite().all()):
            raise NonFiniteError(f"NaN or Inf in the activations at {self.site}")
        observer.update(x.detach())
        return x

    def _check(self, kind: type[Exception] = NonFiniteError) -> None:
        # NaN is where bounds begin; once they were good, it is where training went wrong.
        if not self.is_calibrated and not self._checked:
            raise ArgumentError(
                f"the quantizer at {self.site} is not calibrated",
                fix="calibrate_on(net, batches), or quantize(..., grids=calibrate(profile, ...))",
            )
        if not self._finite() or not bool(self._valid().all()):
            bounds = [getattr(self, name).detach() for name in self.bound_names]
            shown = ", ".join(
                f"{name}={bound.reshape(-1)[0].item():g}"
                for name, bound in zip(self.bound_names, bounds, strict=True)
            )
            raise kind(f"the bounds at {self.site} left their domain ({shown})")
        self._checked = True

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        # A file may hold per-channel bounds for a quantizer that was built per tensor.
        for name in self.bound_names:
            value = state_dict.get(prefix + name)
            if value is not None and value.shape != getattr(self, name).shape:
                self._replace(name, value)
        self._checked = False
        super()._load_from_state_dict(state_dict, prefix, *args)

    def extra_repr(self) -> str:
        return f"bits={self.bits}"


def separate(lower: Tensor, upper: Tensor, eps: float) -> None:
    """Push bounds that crossed, or nearly so, apart about their middle; in place.

    They end up ``eps`` apart, or more where single precision needs it to tell them apart.
    """
    middle = (upper + lower) / 2
    width = torch.clamp(middle.abs() * 1e-5, min=eps)
    half = torch.maximum(upper - lower, width) / 2
    crossed = upper - lower < width
    upper.copy_(torch.where(crossed, middle + half, upper))
    lower.copy_(torch.where(crossed, middle - half, lower))
