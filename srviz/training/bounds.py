"""The trained bounds of quantizers, and their trajectory over training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch
from torch import nn

from srviz.quantizers import Quantizer


def bounds_of(net: nn.Module) -> Iterator[tuple[str, str, nn.Parameter]]:
    """Site, name and tensor of every trained bound of a network, in the order of its modules."""
    for module in net.modules():
        if isinstance(module, Quantizer):
            for name in module.bound_names:
                bound = getattr(module, name)
                if isinstance(bound, nn.Parameter):
                    yield module.site, name, bound


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
