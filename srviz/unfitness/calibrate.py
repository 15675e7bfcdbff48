"""Calibrate: from a profile to the grids of a quantizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from srviz.errors import ArgumentError, NonFiniteError, UnknownNameError
from srviz.grid import Grid, GridRow, Grids
from srviz.histogram import Histogram
from srviz.unfitness.bounds import lower_upper, whole_bits
from srviz.unfitness.optimum import METHOD_FAMILY
from srviz.unfitness.source import ProfileLike

DEFAULT_CRITERION = {"minmax": "minmax", "pams": "absmax", "ddtb": "percentile"}


def calibrate(
    prof: ProfileLike,
    method: str,
    bits: int,
    criterion: str | None = None,
    per: Literal["tensor", "channel"] = "tensor",
    *,
    percentile: float = 1.0,
) -> Grids:
    """The grids of a quantizer with bounds from a profile.

    Parameters
    ----------
    prof : Profile
    method : {"minmax", "pams", "ddtb"}
        minmax: affine, 2^bits levels from bound to bound. pams: symmetric, 2^bits - 1 levels.
        ddtb: affine with an integer zero point.
    bits : int
        2 to 8.
    criterion : str, optional
        "minmax" (affine methods only; minmax's default), "max", "min", "absmax" (pams' default),
        "percentile" (ddtb's default) or "mse", an exact search. "max" and "min" mean alpha =
        \\|max(x)\\| and \\|min(x)\\|.
    per : {"tensor", "channel"}
        One grid for each site, or one for each of its channels.
    percentile : float
        For "percentile": 1 means the 1st and the 99th (DDTB's choice).

    Returns
    -------
    Grids
        Where a criterion leaves no room between the bounds, a constant gets a grid between it
        and 0, and zeros get the bound 1: both are represented exactly.

    Raises
    ------
    ArgumentError
        Bits out of range, or the criterion leaves no room between the bounds ("min" after a
        ReLU).
    NonFiniteError
        A site has no finite value at all.
    UnknownNameError
        No such method or criterion.
    """
    if method not in METHOD_FAMILY:
        raise UnknownNameError.of("quantizer", method, METHOD_FAMILY)
    bits = whole_bits(bits, 8)
    if per not in ("tensor", "channel"):  # pyright: ignore[reportUnnecessaryContains]
        raise ArgumentError(f"per={per!r}", allowed="'tensor' or 'channel'")
    criterion = criterion or DEFAULT_CRITERION[method]
    rows: list[GridRow] = []
    for site in prof.site_names:
        found = prof.histogram(site)
        if not found.finite.any():
            raise NonFiniteError(f"no finite value at {site}", fix="look at the layers before it")
        found = found if per == "channel" else found.pooled()
        for channel, grid in enumerate(_grids(found, method, bits, criterion, percentile, site)):
            place = channel if per == "channel" else None
            rows.append(GridRow(site, place, None, method, bits, grid))
    return Grids(rows)


def _grids(
    found: Histogram, method: str, bits: int, criterion: str, percentile: float, site: str
) -> Iterator[Grid]:
    family = METHOD_FAMILY[method]
    lower, upper = lower_upper(found, criterion, family, bits, percentile)
    some = found.finite > 0
    for c in range(found.channels):
        low, high = float(lower[c]), float(upper[c])
        if not low < high:
            values = (float(found.min[c]), float(found.max[c])) if some[c] else (0.0, 0.0)
            if criterion in ("max", "min") and values[0] < values[1]:
                raise ArgumentError(
                    f"criterion {criterion!r} gives alpha 0 at {site}, whose values are "
                    f"{values[0]:g} to {values[1]:g}",
                    fix="criterion='absmax'",
                )
            low, high = _widened(low, *values)
        if family == "symmetric":
            yield Grid.symmetric(max(-low, high), bits)
        else:
            yield Grid.affine(low, high, bits, zero_point=family == "zero_point")


def _widened(bound: float, smallest: float, largest: float) -> tuple[float, float]:
    """Bounds where a criterion leaves no room between them."""
    if smallest == largest == 0:
        return 0.0, 1.0
    if bound == 0:  # more zeros than the percentile leaves out: take the whole range
        return min(smallest, 0.0), max(largest, 0.0)
    return min(bound, 0.0), max(bound, 0.0)
