"""Unfitness: how badly the grids of a quantizer fit each channel and layer."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from srviz.errors import ArgumentError
from srviz.grid import Grids
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import FLOOR, Distortion, distortion, sqnr_db
from srviz.unfitness.lloyd import companded, refine
from srviz.unfitness.occupancy import occupancy
from srviz.unfitness.optimum import best_bounds, even_levels
from srviz.unfitness.places import Place, places
from srviz.unfitness.source import ProfileLike, depths
from srviz.unfitness.stacked import Stacked

Values = NDArray[np.float64]

WORSE_IF_HIGH = {
    "range_intervals": False,
    "levels_in_range": False,
    "is_dead": True,
    "utilisation": False,
    "effective_bits": False,
    "wasted_range": True,
    "clipped_low": True,
    "clipped_high": True,
    "mse": True,
    "mse_granular": True,
    "mse_overload": True,
    "sqnr_db": False,
    "alpha_log2_ratio": True,
    "unfit_mse": True,
    "unfit_levels": True,
}
"""The measures, in the order of their columns, and which end of each is the bad one."""


def unfitness(
    prof: ProfileLike, grids: Grids, per: Literal["channel", "layer"] = "channel"
) -> pd.DataFrame:
    """Measure the misfit of grids to activations, from histograms alone.

    Parameters
    ----------
    prof : Profile
    grids : Grids
        Of one or several methods and widths; sites that the profile lacks are left out.
    per : {"channel", "layer"}

    Returns
    -------
    DataFrame
        Keys ``label, site, depth, channel, method, bits``, then

        - ``range_intervals`` (max - min) / interval; ``levels_in_range`` levels in min..max;
          ``is_dead`` all values in one cell;
        - ``utilisation`` share of the levels with more than 1e-4 of the values;
          ``effective_bits`` entropy of the levels, bit;
        - ``wasted_range`` share of lo..hi outside min..max; ``clipped_low``, ``clipped_high``
          share of the values below lo and above hi;
        - ``mse = mse_granular + mse_overload`` (inside and outside lo..hi), in squared units of
          the activations; ``sqnr_db``, at most 120, NaN for a channel without signal;
        - ``alpha_log2_ratio`` log2 of the half-width of lo..hi over that of the MSE-optimal
          bounds of the same family for this channel; NaN without signal;
        - ``unfit_mse`` 1 - (MSE of the channel's Lloyd-Max levels, 2^bits of them) / mse;
          ``unfit_levels`` 1 - 2^effective_bits / L.

        Per layer, the means over channels weighted by their number of values (``sqnr_db`` from
        mean power and mean error, ``alpha_log2_ratio`` from its magnitude), ``channels``, and
        for each measure ``<measure>_worst``, its worst decile of the channels.

    Notes
    -----
    Values are taken as uniform inside a histogram bin, exact zeros as a point; NaN and
    infinities do not take part, and a channel of nothing else is dead and its measures are NaN.
    Never trust one number alone: with 0.1 % outliers a max-abs grid is only 1 dB from
    MSE-optimal, yet 99.9 % of the values share one level.

    Raises
    ------
    SiteError
        The grids fit no site of the profile.
    """
    if per not in ("channel", "layer"):  # pyright: ignore[reportUnnecessaryContains]
        raise ArgumentError(f"per={per!r}", allowed="'channel' or 'layer'")
    depth = depths(prof)
    parts: list[pd.DataFrame] = []
    for place in places(prof, grids):
        found = prof.histogram(place.site)
        density = Density.of(found)
        table = pd.DataFrame(_measures(found, density, place))
        keys: dict[str, object] = {
            "label": prof.label,
            "site": place.site,
            "depth": depth[place.site],
        }
        if per == "layer":
            table = _layer(table, density)
        else:
            keys["channel"] = np.arange(density.channels)
        keys |= {"method": place.method, "bits": place.bits}
        for position, (name, value) in enumerate(keys.items()):
            table.insert(position, name, value)  # pyright: ignore[reportArgumentType]
        parts.append(table)
    table = pd.concat(parts, ignore_index=True)
    order = list(prof.site_names)
    return table.assign(site=pd.Categorical(table["site"], categories=order, ordered=True))


def _measures(found: Histogram, density: Density, place: Place) -> dict[str, NDArray[np.generic]]:
    grids = place.grids
    if len(grids) not in (1, density.channels):
        raise ArgumentError(
            f"{len(grids)} grids for the {density.channels} channels of {place.site}",
            allowed="one grid per tensor, or one for each channel",
        )
    stacked = Stacked.of(grids)
    seen, lost = occupancy(density, stacked), distortion(density, stacked)
    measured = {
        "range_intervals": seen.range_intervals,
        "levels_in_range": np.where(found.finite > 0, seen.levels_in_range, 0),
        "is_dead": seen.is_dead,
        "utilisation": seen.utilisation,
        "effective_bits": seen.effective_bits,
        "wasted_range": seen.wasted_range,
        "clipped_low": seen.clipped_low,
        "clipped_high": seen.clipped_high,
        "mse": lost.mse,
        "mse_granular": lost.granular,
        "mse_overload": lost.overload,
        "sqnr_db": lost.sqnr_db,
        "alpha_log2_ratio": _alpha_ratio(density, place, stacked),
        "unfit_mse": _unfit_mse(density, place.bits, stacked, lost),
        "unfit_levels": 1 - np.exp2(seen.effective_bits) / stacked.count,
    }
    # Of a channel without a finite value nothing is known: an error of 0 would call it fit.
    whole = ("levels_in_range", "is_dead")
    return {
        name: values if name in whole else np.where(found.finite > 0, values, np.nan)
        for name, values in measured.items()
    }


def _alpha_ratio(density: Density, place: Place, grids: Stacked) -> Values:
    best = best_bounds(density, place.family, place.bits).alpha
    used = np.broadcast_to((grids.hi - grids.lo) / 2, best.shape)
    ratio = np.divide(used, best, out=np.full_like(best, np.nan), where=density.power > 0)
    return np.log2(ratio, out=np.full_like(best, np.nan), where=ratio > 0)


def _unfit_mse(density: Density, bits: int, grids: Stacked, lost: Distortion) -> Values:
    n_levels = max(1 << bits, grids.levels.shape[1])
    used = np.broadcast_to(grids.levels, (density.channels, grids.levels.shape[1]))
    # The grid in use, filled up to the same number of levels, bounds the search from above.
    pad = np.repeat(used[:, -1:], n_levels - used.shape[1], axis=1)
    over_range = even_levels(density.low, density.high, n_levels)
    starts = [np.concatenate([used, pad], 1), companded(density, n_levels), over_range]
    best = refine(density, starts, rounds=60).mse
    floor = FLOOR * density.power
    best, error = np.maximum(best, floor), np.maximum(lost.mse, floor)
    share = np.divide(best, error, out=np.ones_like(best), where=error > 0)
    return np.clip(1 - share, 0, 1)


def _layer(table: pd.DataFrame, density: Density) -> pd.DataFrame:
    """One row: means weighted by the number of values, and the worst decile of the channels."""
    weight = density.n / density.n.sum() if density.n.any() else np.ones_like(density.n)
    out: dict[str, float | int] = {"channels": density.channels}
    worst: dict[str, float] = {}
    for name, high in WORSE_IF_HIGH.items():
        values = table[name].to_numpy(np.float64)
        values = np.abs(values) if name == "alpha_log2_ratio" else values
        known = ~np.isnan(values)
        if not known.any():
            out[name] = worst[f"{name}_worst"] = float("nan")
            continue
        total = weight[known].sum()
        share = weight[known] / total if total > 0 else np.full(known.sum(), 1 / known.sum())
        out[name] = float((values[known] * share).sum())
        worst[f"{name}_worst"] = float(np.quantile(values[known], 0.9 if high else 0.1))
    mse = np.nan_to_num(table["mse"].to_numpy(np.float64))
    power, error = (np.array([(weight * a).sum()]) for a in (density.power, mse))
    out["sqnr_db"] = float(sqnr_db(power, error)[0])
    return pd.DataFrame([out | worst])
