"""Optimum: the bounds with the least mean squared error, searched on the exact objective.

The objective has many local minima when levels are few, so every search scans the whole range
first and then closes in on several of the best places at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from srviz.errors import UnknownNameError
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import mse

Values = NDArray[np.float64]

FAMILIES = ("symmetric", "affine", "zero_point")
"""PAMS' grids; even grids anywhere; even grids of multiples of their step (DDTB)."""

_SCAN = 48  # steps tried over the whole range

METHOD_FAMILY = {"pams": "symmetric", "minmax": "affine", "ddtb": "zero_point"}


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Lower and upper bound of an even grid and its mean squared error, (C,) each."""

    lower: Values
    upper: Values
    mse: Values

    @property
    def alpha(self) -> Values:
        """Half the distance of the bounds: alpha itself for a symmetric grid."""
        return (self.upper - self.lower) / 2


def optimum(histogram: Histogram, family: str, bits: int) -> Bounds:
    """Best bounds of each channel for a family of grids.

    Parameters
    ----------
    histogram : Histogram
    family : {"symmetric", "affine", "zero_point"}
    bits : int
        Symmetric grids have 2^bits - 1 levels, the others 2^bits.

    Raises
    ------
    UnknownNameError
        No such family.
    """
    return best_bounds(Density.of(histogram), family, bits)


def best_bounds(
    density: Density,
    family: str,
    bits: int,
    starts: Sequence[tuple[Values, Values]] = (),
    n_levels: int | None = None,
) -> Bounds:
    """Best bounds of a family on each channel, never worse than any of the ``starts``.

    ``starts`` are pairs (lower, upper) of (C,) arrays, the outer levels of grids that belong to
    the family. ``n_levels`` overrides the number of levels of an affine or zero-point grid. A
    channel without signal gets some bounds with a level at 0, where its error is 0.
    """
    if family == "symmetric":
        n = (1 << (bits - 1)) - 1
        steps = [upper / n for _, upper in starts]
        steps.append(octav(density, 2 * n + 1) / n)
        return _scaled(density, np.full_like(density.n, -n), 2 * n + 1, steps)
    if family == "affine":
        return best_affine(density, n_levels or 1 << bits, starts)
    if family == "zero_point":
        return _best_zero_point(density, n_levels or 1 << bits, starts)
    raise UnknownNameError.of("family of grids", family, FAMILIES)


def even_levels(lower: Values, upper: Values, n_levels: int) -> Values:
    """``n_levels`` even levels from lower to upper, (...) to (..., L)."""
    share = np.arange(n_levels) / max(1, n_levels - 1)
    return lower[..., None] + (upper - lower)[..., None] * share


def octav(density: Density, n_levels: int, rounds: int = 10) -> Values:
    """OCTAV's fixed point for the clipping bound of a symmetric grid, (C,).

    Sakr et al., ICML 2022, arXiv 2206.06501: Newton's rule on clipping error plus
    ``step^2 / 12``; the estimate is good for many levels and a start for few.
    """
    noise = 1 / (3 * n_levels**2)
    zero = np.zeros(density.channels)
    share_zero = density.at_most(zero) - density.below(zero)[0]
    bound = np.sqrt(density.power)
    for _ in range(rounds):
        m0, m1 = density.below(np.stack([-bound, bound], 1))
        tail = m0[:, 0] + density.total - m0[:, 1]
        moment = density.mean - m1[:, 1] - m1[:, 0]
        core = np.maximum(density.total - tail - share_zero, 0)
        weight = noise * core + tail
        bound = np.divide(moment, weight, out=bound.copy(), where=(weight > 0) & (moment > 0))
    return np.where(bound > 0, bound, 1.0)


def _scaled(density: Density, low: Values, n_levels: int, starts: Sequence[Values] = ()) -> Bounds:
    """Best step for the levels step * (low, low + 1, ...); whole numbers ``low`` are (C,)."""
    codes = (low[:, None] + np.arange(n_levels))[:, None]
    top, reach = _covering_step(density, low, n_levels), np.abs(codes).max((1, 2))
    rms = np.sqrt(density.power)
    ratio = np.divide(10 * top * reach, rms, out=np.ones_like(top), where=rms > 0)
    octaves = np.clip(np.log2(np.maximum(ratio, 1)), 2, 14)[:, None]
    scan = 1.25 * top[:, None] * np.exp2(-octaves * np.linspace(0, 1, _SCAN))
    error = mse(density, scan[..., None] * codes)
    best = _lowest(error, 3)
    given = [np.maximum(start, 1e-30)[:, None] for start in starts]
    step = np.concatenate([np.take_along_axis(scan, best, 1), *given], axis=1)
    error = mse(density, step[..., None] * codes)
    width = octaves / (_SCAN - 1)
    for _ in range(9):
        near = step[..., None] * np.exp2(width[..., None] * np.array([-1.0, -0.5, 0.5, 1.0]))
        tried = mse(density, near[..., None] * codes[..., None, :])
        step, error = _better(step, error, near, tried)
        width = width / 2
    return _pick(step * low[:, None], step * (low + n_levels - 1)[:, None], error)


def _covering_step(density: Density, low: Values, n_levels: int) -> Values:
    """Smallest step whose levels reach the values on both sides, as far as codes reach there."""
    high = low + n_levels - 1
    zero = np.zeros_like(low)
    up = np.divide(density.high, high, out=zero.copy(), where=high > 0)
    down = np.divide(density.low, low, out=zero.copy(), where=low < 0)
    step = np.maximum(up, down)
    farthest = np.maximum(np.abs(low), np.abs(high))
    step = np.where(step > 0, step, density.reach / farthest)
    return np.where(step > 0, step, 1 / farthest)


def best_affine(
    density: Density,
    n_levels: int,
    starts: Sequence[tuple[Values, Values]] = (),
    scan: int = 8,
    rounds: int = 12,
) -> Bounds:
    """Best even grid of ``n_levels``, anywhere; see :func:`best_bounds`.

    ``scan`` places per side are tried between the mean and the extremes, the best two and all
    starts refined; ``scan=0`` refines the starts alone.
    """
    pairs = [np.stack(start, -1)[:, None] for start in starts]
    if scan:
        pairs.append(_scan_affine(density, n_levels, scan))
    bounds = np.concatenate(pairs, axis=1)
    error = mse(density, even_levels(bounds[..., 0], bounds[..., 1], n_levels))
    width = 0.15 * (bounds[..., 1] - bounds[..., 0])[..., None, None]
    moves = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j], np.float64)
    for _ in range(rounds):
        near = bounds[:, :, None] + width * moves
        tried = mse(density, even_levels(near[..., 0], near[..., 1], n_levels))
        lower, _ = _better(bounds[..., 0], error, near[..., 0], tried)
        upper, error = _better(bounds[..., 1], error, near[..., 1], tried)
        bounds, width = np.stack([lower, upper], -1), 0.6 * width
    return _pick(bounds[..., 0], bounds[..., 1], error)


def _scan_affine(density: Density, n_levels: int, scan: int) -> Values:
    """The two best of ``scan`` x ``scan`` bounds between the mean and the extremes, (C, 2, 2)."""
    down, up = density.mean - density.low, density.high - density.mean
    # A point, or a channel without values: any grid with a level on it is perfect.
    flat = (down + up) <= 1e-12 * density.reach
    size = np.where(density.reach > 0, density.reach, 1.0)
    down, up = np.where(flat, 0.0, down), np.where(flat, size, up)
    std = np.sqrt(np.maximum(density.power - density.mean**2, 0))
    sides: list[Values] = []
    for side in (down, up):
        ratio = np.divide(side, 0.25 * std, out=np.full_like(std, 2.0), where=std > 0)
        octaves = np.clip(np.log2(np.maximum(ratio, 2.0)), 1, 14)[:, None]
        sides.append(side[:, None] * np.exp2(-octaves * np.linspace(0, 1, scan)))
    lower = np.repeat(density.mean[:, None] - sides[0], scan, axis=1)
    upper = np.tile(density.mean[:, None] + sides[1], (1, scan))
    upper = np.where(upper > lower, upper, lower + size[:, None])
    errors = mse(density, even_levels(lower, upper, n_levels))
    best = np.argsort(errors, axis=1, kind="stable")[:, :2]
    return np.stack([np.take_along_axis(a, best, 1) for a in (lower, upper)], -1)


def _best_zero_point(
    density: Density, n_levels: int, starts: Sequence[tuple[Values, Values]]
) -> Bounds:
    """Best step and integer zero point: all of them for few levels, else those near affine's."""
    n = n_levels - 1
    even = best_affine(density, n_levels)
    step = (even.upper - even.lower) / n
    tries = [(np.round(low / (high - low) * n), [(high - low) / n]) for low, high in starts]
    for near in (-1, 0, 1):
        low = np.round(even.lower / step) + near
        fitting = np.divide(even.lower, low, out=step.copy(), where=even.lower * low > 0)
        tries.append((low, [step, fitting]))
    if n_levels <= 9:
        tries += [(np.full_like(density.n, k), []) for k in range(-n, 1)]
    return reduce(_least, [_scaled(density, low, n_levels, steps) for low, steps in tries])


def _least(one: Bounds, other: Bounds) -> Bounds:
    """The better of two bounds, channel by channel."""
    take = other.mse < one.mse
    return Bounds(
        lower=np.where(take, other.lower, one.lower),
        upper=np.where(take, other.upper, one.upper),
        mse=np.where(take, other.mse, one.mse),
    )


def _lowest(errors: Values, count: int) -> NDArray[np.int64]:
    """Indices (C, count) of the lowest local minima along the scan, filled up with others."""
    inner = np.pad(errors, ((0, 0), (1, 1)), constant_values=np.inf)
    is_minimum = (errors <= inner[:, :-2]) & (errors <= inner[:, 2:])
    order = np.lexsort((errors, ~is_minimum), axis=1)
    return order[:, :count]


def _better(old: Values, error: Values, new: Values, tried: Values) -> tuple[Values, Values]:
    """Per place the best of its neighbours (..., N), or itself if none is better."""
    best = tried.argmin(-1)[..., None]
    found = np.take_along_axis(tried, best, -1)[..., 0]
    moved = np.take_along_axis(new, best, -1)[..., 0]
    take = found < error
    return np.where(take, moved, old), np.where(take, found, error)


def _pick(lower: Values, upper: Values, error: Values) -> Bounds:
    """The best place of each channel: (C, S) to (C,)."""
    best = error.argmin(1)[:, None]
    lower, upper, error = (np.take_along_axis(a, best, 1)[:, 0] for a in (lower, upper, error))
    return Bounds(lower=lower, upper=upper, mse=error)
