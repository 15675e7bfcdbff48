"""Stacked: the grids of several channels as arrays, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviz.grid import Grid

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stacked:
    """Grids side by side; shorter ones are padded with levels that nothing reaches.

    Attributes
    ----------
    levels : float64 (C, L), edges : float64 (C, L - 1)
        Padded at the end: the last level again, behind a threshold at infinity.
    lo, hi, interval : float64 (C,)
    count : int64 (C,)
        How many of the levels are real.
    """

    levels: Values
    edges: Values
    lo: Values
    hi: Values
    interval: Values
    count: NDArray[np.int64]

    @classmethod
    def of(cls, grids: Sequence[Grid]) -> Stacked:
        """One row per grid."""
        most = max(len(g.levels) for g in grids)
        levels = [np.pad(g.levels, (0, most - len(g.levels)), mode="edge") for g in grids]
        pads = [np.full(most - len(g.levels), np.inf) for g in grids]
        edges = [np.concatenate([g.edges, pad]) for g, pad in zip(grids, pads, strict=True)]
        return cls(
            np.stack(levels),
            np.stack(edges),
            np.array([g.lo for g in grids]),
            np.array([g.hi for g in grids]),
            np.array([g.interval for g in grids]),
            np.array([len(g.levels) for g in grids], np.int64),
        )

    @property
    def is_real(self) -> NDArray[np.bool_]:
        """Which levels are not padding, (C, L)."""
        index: NDArray[np.int64] = np.arange(self.levels.shape[1], dtype=np.int64)
        return np.less(index, self.count[:, None])
