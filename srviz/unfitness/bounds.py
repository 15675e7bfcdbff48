"""Bounds: where a grid should begin and end, from a histogram by a named criterion."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import NDArray

from srviz.errors import ArgumentError, UnknownNameError
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.optimum import best_bounds

Values = NDArray[np.float64]

CRITERIA = ("minmax", "max", "min", "absmax", "percentile", "mse")
"""How bounds are found; "minmax" gives two bounds and is not for symmetric grids."""


def alpha(histogram: Histogram, criterion: str, bits: int, percentile: float = 1.0) -> Values:
    """Clipping bound of a symmetric grid for each channel, (C,).

    Parameters
    ----------
    histogram : Histogram
    criterion : str
        "max": \\|max(x)\\|; "min": \\|min(x)\\|; "absmax": the larger of the two; "percentile": the
        larger magnitude of the two percentiles; "mse": least mean squared error at ``bits``.
    percentile : float
        0 to 50; 1 stands for the 1st and the 99th.

    Returns
    -------
    float64 (C,)
        Never negative; 0 for a channel of zeros, or without finite values.
    """
    low, high = _range(histogram)
    if criterion == "max":
        return np.abs(high)
    if criterion == "min":
        return np.abs(low)
    if criterion == "absmax":
        return np.maximum(np.abs(low), np.abs(high))
    if criterion == "percentile":
        lower, upper = _percentiles(histogram, percentile)
        return np.maximum(np.abs(lower), np.abs(upper))
    if criterion == "mse":
        density = Density.of(histogram)
        found = best_bounds(density, "symmetric", bits)
        return np.where(density.power > 0, found.alpha, 0.0)
    known = [name for name in CRITERIA if name != "minmax"]
    raise UnknownNameError.of("criterion for a symmetric grid", criterion, known)


def lower_upper(
    histogram: Histogram, criterion: str, family: str, bits: int, percentile: float = 1.0
) -> tuple[Values, Values]:
    """Bounds of a grid for each channel, (C,) each.

    ``family`` is "symmetric", "affine" or "zero_point". For the last two "minmax" is the range,
    "percentile" the two percentiles, "mse" the best bounds; the criteria that give an alpha make
    the bounds symmetric.
    """
    if family != "symmetric":
        if criterion == "minmax":
            return _range(histogram)
        if criterion == "percentile":
            return _percentiles(histogram, percentile)
        if criterion == "mse":
            density = Density.of(histogram)
            found = best_bounds(density, family, bits)
            live = density.power > 0
            return np.where(live, found.lower, 0.0), np.where(live, found.upper, 0.0)
        if criterion not in CRITERIA:
            raise UnknownNameError.of("criterion", criterion, CRITERIA)
    bound = alpha(histogram, criterion, bits, percentile)
    return -bound, bound


def whole_bits(bits: int, most: int) -> int:
    """``bits`` as a plain int (numpy's integers are welcome), 2 to ``most``.

    Raises
    ------
    ArgumentError
        Not a whole number, or out of range.
    """
    try:
        whole = operator.index(bits)
    except TypeError:
        whole = 0
    if not 2 <= whole <= most:
        raise ArgumentError(f"bits={bits!r}", allowed=f"whole numbers from 2 to {most}")
    return whole


def _range(histogram: Histogram) -> tuple[Values, Values]:
    some = histogram.finite > 0
    return np.where(some, histogram.min, 0.0), np.where(some, histogram.max, 0.0)


def _percentiles(histogram: Histogram, percentile: float) -> tuple[Values, Values]:
    if not 0 <= percentile < 50:
        raise ArgumentError(f"percentile {percentile}", allowed="0 to 50, e.g. 1 for 1 and 99")
    share = percentile / 100
    found = np.nan_to_num(histogram.quantile([share, 1 - share]))
    return found[:, 0], found[:, 1]
