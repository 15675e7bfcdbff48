"""Lloyd-Max: the best levels there are, even or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviz.errors import ArgumentError
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import cells, mse

Values = NDArray[np.float64]

_DUST = 1e-12  # cells with less mass keep their level: their centroid is rounding noise


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Levels (C, L), ascending, and their mean squared error (C,)."""

    levels: Values
    mse: Values


def lloyd_max(histogram: Histogram, n_levels: int) -> Levels:
    """The MSE-optimal scalar quantizer of each channel.

    Lloyd (1982) and Max (1960): levels are centroids of their cells, thresholds half-way between
    levels, repeated until neither moves.

    Parameters
    ----------
    histogram : Histogram
    n_levels : int
        At least 1.

    Returns
    -------
    Levels
        A local optimum, reached from the companding rule of Panter and Dite (1951) and from even
        levels over the range, whichever ends lower.
    """
    if n_levels < 1:
        raise ArgumentError(f"n_levels={n_levels}", allowed="1 or more")
    density = Density.of(histogram)
    even = (np.arange(n_levels) + 0.5) / n_levels
    over_range = density.low[:, None] + (density.high - density.low)[:, None] * even
    return refine(density, [companded(density, n_levels), over_range])


def companded(density: Density, n_levels: int) -> Values:
    """Levels (C, L) at even quantiles of the cube root of the density: near-optimal for many."""
    mass, start, end = (density.pieces[..., i] for i in (3, 4, 5))
    steps = np.cbrt(mass) * np.cbrt((end - start) ** 2)
    position = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, 1)], 1)
    wanted = (np.arange(n_levels) + 0.5) / n_levels
    out = np.empty((density.channels, n_levels))
    for c in range(density.channels):
        # Pieces of no width add nothing; the ends of the others are where the levels lie.
        ends = np.concatenate([start[c, :1], end[c]])
        out[c] = np.interp(wanted * position[c, -1], position[c], ends)
    return np.sort(np.clip(out, density.low[:, None], density.high[:, None]), axis=1)


def refine(density: Density, starts: Sequence[Values], rounds: int = 100) -> Levels:
    """Lloyd's iteration from the best of several starts (C, L), never worse than any of them."""
    probes = max(1, rounds // 10)
    tried = [_iterate(density, start, probes) for start in starts]
    errors = np.stack([mse(density, levels) for levels in tried])
    best = np.stack(tried)[errors.argmin(0), np.arange(density.channels)]
    levels = _iterate(density, best, rounds - probes)
    found = np.stack([mse(density, q) for q in (levels, *starts)])
    choice = found.argmin(0)
    rows = np.arange(density.channels)
    return Levels(levels=np.stack([levels, *starts])[choice, rows], mse=found[choice, rows])


def _iterate(density: Density, levels: Values, rounds: int) -> Values:
    low, high = density.low[:, None], density.high[:, None]
    scale = np.maximum(density.high - density.low, density.reach)
    for _ in range(rounds):
        edges = (levels[:, 1:] + levels[:, :-1]) / 2
        mass, first = cells(density, edges)
        left = np.concatenate([np.minimum(low, levels[:, :1]), edges], 1)
        right = np.concatenate([edges, np.maximum(high, levels[:, -1:])], 1)
        centre = np.divide(first, mass, out=levels.copy(), where=mass > _DUST)
        moved = np.clip(centre, left, right)
        done = (np.abs(moved - levels).max(1) <= 1e-7 * scale).all()
        levels = moved
        if done:
            break
    return levels
