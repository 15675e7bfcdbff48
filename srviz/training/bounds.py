"""The trained bounds of quantizers: found, kept in their domain, and their trajectory recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch
from torch import nn

from srviz.errors import NonFiniteError
from srviz.quantizers import Quantizer

SMALLEST = 1e-5
"""Least alpha, and least distance of the two bounds (relative to them, when they are large)."""


def bounds_of(net: nn.Module) -> Iterator[tuple[str, str, nn.Parameter]]:
    """Site, name and tensor of every trained bound of a network, in the order of its modules."""
    for module in net.modules():
        if isinstance(module, Quantizer):
            for name in module.bound_names:
                bound = getattr(module, name)
                if isinstance(bound, nn.Parameter):
                    yield module.site, name, bound


@torch.no_grad()
def keep_valid(net: nn.Module) -> None:
    """Put bounds that an optimizer step moved out of their domain back to its rim, in place.

    alpha > 0, and upper > lower: bounds that have crossed meet in their middle.

    Raises
    ------
    NonFiniteError
        A bound is NaN or Inf; the site is named.
    """
    for site, name, bound in bounds_of(net):
        if not bound.isfinite().all():
            raise NonFiniteError(f"{name} at {site} is not finite")
    for module in net.modules():
        if not isinstance(module, Quantizer):
            continue
        named = {name: getattr(module, name) for name in module.bound_names}
        if not all(isinstance(bound, nn.Parameter) for bound in named.values()):
            continue
        if "alpha" in named:
            named["alpha"].clamp_(min=SMALLEST)
        elif {"upper", "lower"} <= set(named):
            upper, lower = named["upper"], named["lower"]
            middle = (upper + lower) / 2
            room = SMALLEST * middle.abs().clamp(min=1)
            upper.copy_(torch.where(upper - lower < room, middle + room / 2, upper))
            lower.copy_(torch.where(upper - lower < room, middle - room / 2, lower))


class Trajectory:
    """The bounds of every site over training."""

    def __init__(self, net: nn.Module) -> None:
        self._bounds = list(bounds_of(net))
        self._steps: list[int] = []
        self._values: list[torch.Tensor] = []

    def record(self, step: int) -> None:
        """Note where the bounds are after ``step`` steps."""
        if self._bounds:
            self._steps.append(step)
            flat = [bound.detach().reshape(-1).float().cpu() for *_, bound in self._bounds]
            self._values.append(torch.cat(flat))

    @property
    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        values = torch.stack(self._values) if self._values else torch.empty(0, 0)
        return {"steps": list(self._steps), "values": values}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from the ``state`` of a checkpoint."""
        self._steps, self._values = list(state["steps"]), list(state["values"])

    def latest(self) -> dict[str, float]:
        """Mean of each bound now, by ``site/bound``."""
        return {
            f"{site}/{name}": float(bound.detach().mean()) for site, name, bound in self._bounds
        }

    def table(self) -> pd.DataFrame:
        """One row per step, site and bound: ``step, site, bound, value, channel``.

        ``channel`` is missing where a bound serves the whole tensor.
        """
        keys = [
            (site, name, None if bound.ndim == 0 else channel)
            for site, name, bound in self._bounds
            for channel in range(bound.numel())
        ]
        rows = [
            (step, site, name, float(value), channel)
            for step, values in zip(self._steps, self._values, strict=True)
            for (site, name, channel), value in zip(keys, values.tolist(), strict=True)
        ]
        table = pd.DataFrame(rows, columns=["step", "site", "bound", "value", "channel"])
        return table.astype({"step": "int64", "value": "float64", "channel": "Int64"})
