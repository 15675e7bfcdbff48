"""Waterfall: the SQNR a layer loses, split by the reason, in dB."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from srviz.errors import ArgumentError
from srviz.grid import Grids
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import mse, sqnr_db
from srviz.unfitness.lloyd import companded, refine
from srviz.unfitness.optimum import best_affine, best_bounds, even_levels
from srviz.unfitness.places import Place, places
from srviz.unfitness.source import ProfileLike, as_table, depths
from srviz.unfitness.stacked import Stacked

Values = NDArray[np.float64]
Pair = tuple[Values, Values]

GAPS = ("gap_bounds_db", "gap_symmetry_db", "gap_channel_db", "gap_input_db", "gap_grid_db")
COLUMNS = ("label", "site", "depth", "method", "bits", *GAPS, "sqnr_db", "sqnr_best_db")


def waterfall(prof: ProfileLike, grids: Grids) -> pd.DataFrame:
    """Why a layer's SQNR falls short: five gaps between nested families of grids.

    Parameters
    ----------
    prof : Profile
        With statistics per image for ``gap_input_db``; else that column is NaN.
    grids : Grids
        Even grids (all of srviz's methods), per tensor or per channel.

    Returns
    -------
    DataFrame
        ``label, site, depth, method, bits``, then the gaps in dB, each at least 0:

        - ``gap_bounds_db`` from the grid in use to the best bounds of its family;
        - ``gap_symmetry_db`` from there to the best even grid of 2^bits levels anywhere (affine);
        - ``gap_channel_db`` from there to the best affine grid for each channel;
        - ``gap_input_db`` from there to the best for each channel and image;
        - ``gap_grid_db`` from there to 2^bits levels placed freely (Lloyd-Max).

        ``sqnr_db`` is that of the grid in use, ``sqnr_best_db`` that of Lloyd-Max: the sum of
        both and the gaps. All are NaN for a layer without signal.

    Raises
    ------
    ArgumentError
        A grid in use is not even: the families would not be nested.

    Notes
    -----
    Each family contains the one before, and each search starts from the optimum before, so no
    gap is negative. The error of a layer is the mean over its channels and images, weighted by
    their numbers of values. With statistics per image all steps use those histograms, so that
    the families stay nested; their bins are wider, and SQNR may differ from that of
    :func:`unfitness` by some hundredths of a dB.
    """
    depth = depths(prof)
    rows: list[dict[str, object]] = []
    for place in places(prof, grids):
        keys = (prof.label, place.site, depth[place.site], place.method, place.bits)
        values = (*keys, *_decibels(prof, place))
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return as_table(rows, COLUMNS, prof.site_names)


def _decibels(prof: ProfileLike, place: Place) -> list[float]:
    """The gaps of one site, its SQNR and its best SQNR."""
    images = [prof.histogram(place.site, i) for i in range(len(prof.image_names))]
    whole = sum(images[1:], images[0]) if images else prof.histogram(place.site)
    used = Stacked.of(place.grids)
    # DDTB with symmetric bounds has a level more than 2^bits; then every family here has.
    n_levels = max(1 << place.bits, int(used.count.max()))
    errors, channel = _shared_errors(whole, place, used, n_levels)
    best_even, best = _image_errors(images or [whole], _span(whole), n_levels, channel)
    errors += [best_even if images else errors[-1], best]
    density = Density.of(whole, _span(whole))
    power = np.full(len(errors), _mean(density.power, density.n))
    sqnr = sqnr_db(power, np.array(errors))
    gaps: list[float] = np.diff(sqnr).tolist()
    if not images:
        gaps[3] = float("nan")
    return [*gaps, float(sqnr[0]), float(sqnr[-1])]


def _shared_errors(
    whole: Histogram, place: Place, used: Stacked, n: int
) -> tuple[list[float], Pair]:
    """Errors with the grid in use, best bounds, affine, and affine per channel; the last bounds."""
    channels = Density.of(whole, _span(whole))
    _check_even(place, used)
    per_channel = len(place.grids) > 1
    density = channels if per_channel else Density.of(whole.pooled(), _span(whole))
    if per_channel and len(place.grids) != channels.channels:
        raise ArgumentError(
            f"{len(place.grids)} grids for the {channels.channels} channels of {place.site}"
        )
    now = mse(density, used.levels, used.edges)
    first, step = used.levels[:, 0], used.interval
    length = (1 << place.bits) - 2 if place.family == "symmetric" else n - 1
    start = (first, first + length * step)
    inside = best_bounds(density, place.family, place.bits, [start], n)
    affine = best_affine(density, n, _extended(inside.lower, inside.upper, length, n - 1))
    start = (affine.lower, affine.upper)
    if not per_channel:
        start = tuple(np.repeat(side, channels.channels) for side in start)
    best = best_affine(channels, n, [(start[0], start[1])])
    means = [_mean(e, density.n) for e in (now, inside.mse, affine.mse)]
    return [*means, _mean(best.mse, channels.n)], (best.lower, best.upper)


def _image_errors(
    parts: list[Histogram], span: tuple[float, float], n: int, channel: Pair
) -> tuple[float, float]:
    """Errors with the best affine grid, and the best levels, for each channel of each part."""
    errors: list[tuple[Values, Values]] = []
    weights: list[Values] = []
    shared: Values | None = None
    for part in parts:
        density = Density.of(part, span)
        scan = 4 if len(parts) > 1 else 0
        affine = best_affine(density, n, [channel], scan=scan, rounds=8)
        even = even_levels(affine.lower, affine.upper, n)
        starts = [even, companded(density, n)] if shared is None else [even, shared]
        free = refine(density, starts, rounds=40)
        shared = free.levels
        errors.append((affine.mse, free.mse))
        weights.append(density.n)
    weight = np.concatenate(weights)
    return (
        _mean(np.concatenate([e[0] for e in errors]), weight),
        _mean(np.concatenate([e[1] for e in errors]), weight),
    )


def _extended(lower: Values, upper: Values, length: int, wanted: int) -> list[Pair]:
    """The same levels with a further one at either end, if the affine family has one more."""
    step = (upper - lower) / length
    more = (wanted - length) * step
    return [(lower, upper + more), (lower - more, upper)] if wanted > length else [(lower, upper)]


def _check_even(place: Place, used: Stacked) -> None:
    for row in range(len(used.levels)):
        gaps = np.diff(used.levels[row, : used.count[row]])
        if gaps.size and not np.allclose(gaps, used.interval[row], rtol=1e-6):
            raise ArgumentError(
                f"the levels at {place.site} are not even",
                allowed="even grids: the waterfall's families are nested for those only",
            )


def _span(h: Histogram) -> tuple[float, float]:
    low, high = float(h.min.min(initial=np.inf)), float(h.max.max(initial=-np.inf))
    return (low, high) if low <= high else (0.0, 0.0)


def _mean(values: Values, weight: Values) -> float:
    return float((values * weight).sum() / max(float(weight.sum()), 1.0))
