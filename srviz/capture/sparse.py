"""SparseHistogram: a Histogram without its empty bins, as kept per image and on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from srviz.histogram import ARRAYS, Histogram, half_bins

SCALARS = tuple(name for name in ARRAYS if name != "counts")
"""Arrays of one entry per channel: the special counters, min, max and the sums."""


@dataclass(frozen=True, eq=False)
class SparseHistogram:
    """Occupied bins (channel, bin, count) and the per-channel scalars of a Histogram."""

    channel: NDArray[np.int32]
    bin: NDArray[np.int32]
    count: NDArray[np.int64]
    scalars: Mapping[str, NDArray[Any]]
    m: int

    @classmethod
    def of(cls, h: Histogram) -> SparseHistogram:
        channel, index = np.nonzero(h.counts)
        return cls(
            channel.astype(np.int32),
            index.astype(np.int32),
            h.counts[channel, index],
            {name: getattr(h, name) for name in SCALARS},
            h.m,
        )

    @property
    def channels(self) -> int:
        return len(self.scalars["zeros"])

    def dense(self) -> Histogram:
        counts = np.zeros((self.channels, 2 * half_bins(self.m)), np.int64)
        counts[self.channel, self.bin] = self.count
        return Histogram(counts=counts, **self.scalars, m=self.m)

    def frames(self, **keys: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The bins and the scalars as tables, with constant key columns in front."""
        bins = pd.DataFrame({"channel": self.channel, "bin": self.bin, "count": self.count})
        scalars = pd.DataFrame(dict(self.scalars)).assign(m=self.m)
        scalars.insert(0, "channel", np.arange(self.channels, dtype=np.int32))
        for position, (name, value) in enumerate(keys.items()):
            bins.insert(position, name, np.int32(value))
            scalars.insert(position, name, np.int32(value))
        return bins, scalars

    @classmethod
    def from_frames(cls, bins: pd.DataFrame, scalars: pd.DataFrame) -> SparseHistogram:
        """Raises ValueError where the tables do not fit each other."""
        scalars = scalars.sort_values("channel")
        m = int(scalars["m"].iloc[0])
        sides = (("channel", len(scalars)), ("bin", 2 * half_bins(m)))
        if not all(bins[name].between(0, size - 1).all() for name, size in sides):
            raise ValueError("a bin beyond the last one")
        return cls(
            bins["channel"].to_numpy(np.int32),
            bins["bin"].to_numpy(np.int32),
            bins["count"].to_numpy(np.int64),
            {name: scalars[name].to_numpy(copy=True) for name in SCALARS},
            m,
        )
