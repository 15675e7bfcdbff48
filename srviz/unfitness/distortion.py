"""Distortion: the mean squared error of a grid, exactly, from the histogram alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviz.unfitness.density import Density
from srviz.unfitness.stacked import Stacked

Values = NDArray[np.float64]

FLOOR = 1e-12
"""Errors below this share of the power count as this much: no SQNR above 120 dB."""

_CHUNK = 1 << 19  # thresholds looked up at once: temporaries of some ten MB


@dataclass(frozen=True, kw_only=True)
class Distortion:
    """Mean squared error per channel, (C,) each, in squared units of the activations.

    ``mse = granular + overload``: inside and outside the clipping bounds.
    """

    mse: Values
    granular: Values
    overload: Values
    sqnr_db: Values


def cells(density: Density, edges: Values) -> tuple[Values, Values]:
    """Mass and first moment in each cell of grids: (C, ..., L - 1) edges to (C, ..., L)."""
    mass, first = density.below(edges)
    shape = (-1,) + (1,) * (edges.ndim - 1)
    ends = np.broadcast_to(density.total.reshape(shape), (*edges.shape[:-1], 1))
    mean = np.broadcast_to(density.mean.reshape(shape), ends.shape)
    zero = np.zeros(ends.shape)
    return (
        np.diff(np.concatenate([zero, mass, ends], -1), axis=-1),
        np.diff(np.concatenate([zero, first, mean], -1), axis=-1),
    )


def mse(density: Density, levels: Values, edges: Values | None = None) -> Values:
    """E[(x - q(x))^2] for levels (C, ..., L); thresholds half-way unless given.

    Returns
    -------
    float64 (C, ...)
        Exact for values uniform inside a bin; rounding leaves about 1e-15 of the power.
    """
    flat = levels.reshape(density.channels, -1, levels.shape[-1])
    between = (flat[..., 1:] + flat[..., :-1]) / 2
    if edges is not None:
        between = edges.reshape(between.shape)
    step = max(1, _CHUNK // max(1, density.channels * flat.shape[-1]))
    out = np.empty(flat.shape[:2])
    for start in range(0, flat.shape[1], step):
        part = slice(start, start + step)
        mass, first = cells(density, between[:, part])
        q = flat[:, part]
        out[:, part] = density.power[:, None] + (q * (q * mass - 2 * first)).sum(-1)
    return np.maximum(out, 0).reshape(levels.shape[:-1])


def sqnr_db(power: Values, error: Values) -> Values:
    """10 log10(power / error), at most 120 dB; NaN where there is no signal."""
    floored = np.maximum(error, power * FLOOR)
    ratio = np.divide(power, floored, out=np.full_like(power, np.nan), where=power > 0)
    return 10 * np.log10(ratio)


def distortion(density: Density, grids: Stacked) -> Distortion:
    """Error of one grid per channel (or of one grid for all) on each channel."""
    shape = (density.channels, grids.levels.shape[1])
    levels = np.broadcast_to(grids.levels, shape)
    edges = np.broadcast_to(grids.edges, (shape[0], shape[1] - 1))
    error = mse(density, levels, edges)
    low, high = (np.broadcast_to(b, density.n.shape) for b in (grids.lo, grids.hi))
    m0, m1, m2 = density.below(np.stack([low, high], -1), second=True)
    top = np.stack([density.total, density.mean, density.power], -1)
    above = top - np.stack([m0[:, 1], m1[:, 1], m2[:, 1]], -1)
    below = np.stack([m0[:, 0], m1[:, 0], m2[:, 0]], -1)
    outside = sum(
        part[:, 2] - 2 * q * part[:, 1] + q * q * part[:, 0]
        for part, q in ((below, levels[:, 0]), (above, levels[:, -1]))
    )
    overload = np.minimum(np.maximum(outside, 0), error)
    return Distortion(
        mse=error,
        granular=error - overload,
        overload=overload,
        sqnr_db=sqnr_db(density.power, error),
    )
