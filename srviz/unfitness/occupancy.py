"""Occupancy: how much of a grid a channel uses, and how much of the channel it covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviz.unfitness.density import Density
from srviz.unfitness.distortion import cells
from srviz.unfitness.stacked import Stacked

Values = NDArray[np.float64]

USED = 1e-4
"""A level counts as used if more than this share of the values falls on it."""

_DUST = 1e-12  # mass below this is rounding of the cumulated moments


@dataclass(frozen=True, kw_only=True)
class Occupancy:
    """One entry per channel, (C,).

    ``range_intervals, levels_in_range, is_dead`` as one sees them in a drawing of levels over
    ranges; ``utilisation`` in 0..1; ``effective_bits`` in 0..log2 L; ``wasted_range``,
    ``clipped_low`` and ``clipped_high`` in 0..1.
    """

    range_intervals: Values
    levels_in_range: NDArray[np.int64]
    is_dead: NDArray[np.bool_]
    utilisation: Values
    effective_bits: Values
    wasted_range: Values
    clipped_low: Values
    clipped_high: Values


def level_mass(density: Density, grids: Stacked) -> Values:
    """Share of each channel's values on each level, (C, L)."""
    shape = (density.channels, grids.edges.shape[1])
    mass, _ = cells(density, np.broadcast_to(grids.edges, shape))
    return np.where(mass > _DUST, mass, 0.0)


def occupancy(density: Density, grids: Stacked) -> Occupancy:
    """Occupancy of one grid per channel (or of one grid for all)."""
    low, high = density.low, density.high
    mass = level_mass(density, grids)
    inside = (grids.levels >= low[:, None]) & (grids.levels <= high[:, None]) & grids.is_real
    bits = -(mass * np.log2(mass, out=np.zeros_like(mass), where=mass > 0)).sum(1)
    lo, hi = (np.broadcast_to(b, density.n.shape) for b in (grids.lo, grids.hi))
    width = hi - lo
    overlap = np.maximum(np.minimum(hi, high) - np.maximum(lo, low), 0)
    covered = np.divide(overlap, width, out=np.ones_like(overlap), where=width > 0)
    above = density.total - density.at_most(hi)
    return Occupancy(
        range_intervals=(high - low) / grids.interval,
        levels_in_range=inside.sum(1),
        is_dead=(mass > 0).sum(1) <= 1,
        utilisation=(mass > USED).sum(1) / grids.count,
        effective_bits=np.maximum(bits, 0),
        wasted_range=1 - covered,
        clipped_low=density.below(lo)[0],
        clipped_high=np.maximum(above, 0),
    )
