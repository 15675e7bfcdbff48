"""Observers: what calibration over several batches keeps of the activations of one site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from srviz.histogram import Histogram


class Stats(Protocol):
    """What a quantizer's bounds need of a :class:`srviz.histogram.Histogram`."""

    @property
    def min(self) -> NDArray[np.float64]: ...

    @property
    def max(self) -> NDArray[np.float64]: ...

    def pooled(self) -> Stats: ...

    def quantile(self, p: float) -> NDArray[np.float64]: ...


class Observer(Protocol):
    """Sees the activations of a site batch by batch; ends with the quantizer's bounds."""

    def update(self, x: Tensor) -> None: ...

    def bounds(self) -> tuple[float, ...]: ...


class Pooled:
    """Every value of every batch in one exact histogram; order and batch split do not matter."""

    def __init__(self, bounds_from: Callable[[Stats], tuple[float, ...]]) -> None:
        self.bounds_from = bounds_from
        self.histogram = Histogram.empty(1)

    def update(self, x: Tensor) -> None:
        values = x.float().reshape(1, -1).cpu().numpy()
        self.histogram = self.histogram + Histogram.from_values(values)

    def bounds(self) -> tuple[float, ...]:
        return self.bounds_from(self.histogram)


class MeanMaximum:
    """Exponential moving average over batches of the mean over images of max|x| (PAMS).

    Corrected for its start at 0: the first batch counts as much as any, so a few batches give
    nearly their plain mean, where the release keeps the last batch alone.
    """

    def __init__(self, decay: float = 0.9997) -> None:
        self.decay, self.total, self.weight = decay, 0.0, 0.0

    def update(self, x: Tensor) -> None:
        largest = float(x.abs().flatten(1).amax(1).double().mean())
        self.total = self.decay * self.total + (1 - self.decay) * largest
        self.weight = self.decay * self.weight + (1 - self.decay)

    def bounds(self) -> tuple[float, ...]:
        return (self.total / self.weight,)
