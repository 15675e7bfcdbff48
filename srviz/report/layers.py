"""The numbers behind the drawings of one layer, small enough to embed for every layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from srviz.report.compact import levels64, significant
from srviz.report.data import ProfileLike, ReportData
from srviz.report.mass import mass_between

N_RIDGES = 24
"""Channels drawn in a distribution plot: more do not fit on a screen."""

N_BINS = 64
"""Bins of an embedded distribution."""


def layer_data(data: ReportData, label: str) -> list[dict[str, Any]]:
    """Ranges, grid and distributions of every site of a network, in execution order."""
    profile = data.profiles[label]
    channels = dict(tuple(profile.channels.groupby("site", sort=False, observed=True)))
    grids = _grids_by_site(data.grids[label][data.bits])
    return [
        {"site": site, **_ranges(channels[site])}
        | _levels(profile, site, grids.get(site, {}))
        | {"dist": _distributions(profile, site, channels[site], data.images)}
        for site in profile.site_names
    ]


def _grids_by_site(grids: Any) -> dict[str, dict[int | None, Any]]:
    """The grids of each site by channel (None: one for all), of the first image if they vary."""
    found: dict[str, dict[int | None, Any]] = {}
    for row in grids:
        found.setdefault(str(row.site), {}).setdefault(row.channel, row.grid)
    return found


def _ranges(table: pd.DataFrame) -> dict[str, Any]:
    """Extremes and, where known, the 1st and 99th percentile of every channel."""
    table = table.sort_values("channel")
    ranges = {
        name: significant(table[name].to_numpy(dtype=float))
        for name in ("min", "max", "q01", "q99", "mean", "std")
        if name in table
    }
    broken = [broken_text(*counts) for counts in zip(*not_finite(table), strict=True)]
    return ranges | ({"broken": broken} if any(broken) else {})


def not_finite(table: pd.DataFrame) -> tuple[list[int], list[int]]:
    """NaN and infinite values of every row of a channels table; 0 where they were not counted."""
    nan, inf = (
        table[name].to_numpy(dtype=int).tolist() if name in table else [0] * len(table)
        for name in ("nan", "inf")
    )
    return nan, inf


def broken_text(nan: int, inf: int) -> str:
    """What is not finite, in words.

    Examples
    --------
    >>> broken_text(2, 1)
    '2 NaN and 1 infinite'
    """
    parts = [f"{n} {word}" for n, word in ((nan, "NaN"), (inf, "infinite")) if n]
    return " and ".join(parts)


def _levels(profile: ProfileLike, site: str, grids: Mapping[Any, Any]) -> dict[str, Any]:
    """Levels and edges: one list for the tensor, or one list per channel."""
    if not grids:
        return {}
    first = next(iter(grids.values()))
    common = {"lo": significant(first.lo), "hi": significant(first.hi)}
    if set(grids) != {None}:
        ordered = [grids[c] for c in sorted(c for c in grids if c is not None)]
        return common | {
            "levels": [significant(g.levels) for g in ordered],
            "edges": [significant(g.edges) for g in ordered],
            "interval": significant(float(np.median([g.interval for g in ordered]))),
        }
    cuts = np.concatenate([[-np.inf], np.asarray(first.edges, dtype=float), [np.inf]])
    mass = mass_between(profile.histogram(site), cuts).sum(axis=0)
    return common | {
        "levels": significant(first.levels),
        "edges": significant(first.edges),
        "interval": significant(first.interval),
        "mass": significant(mass / max(mass.sum(), 1.0)),
    }


def _distributions(
    profile: ProfileLike, site: str, channels: pd.DataFrame, images: tuple[int | str, int | str]
) -> dict[str, Any] | None:
    """Densities of some channels in two images (or in all together), as short strings."""
    picked = _pick_channels(channels)
    lo, hi = _axis(channels)
    if not lo < hi:
        return None
    if len(profile.image_names) >= 2:
        hists = {_name(profile, i): profile.histogram(site, image=i) for i in images}
    else:
        hists = {"all images": profile.histogram(site)}
    cuts = np.linspace(lo, hi, N_BINS + 1)
    curves, zeros = [], []
    for hist in hists.values():
        # An exact zero is an atom, not a density: it is told in words, not drawn.
        mass = mass_between(hist, cuts, zeros=False)[picked]
        total = np.maximum(np.asarray(hist.n, dtype=float)[picked], 1.0)
        curves.append(mass / total[:, None])
        zeros.append(significant(np.asarray(hist.zeros)[picked] / total, digits=2))
    peak = np.maximum(np.max(curves, axis=(0, 2)), 1e-30)
    return {
        "images": list(hists),
        "channels": picked.tolist(),
        "of": len(channels),
        "lo": significant(lo),
        "hi": significant(hi),
        "curves": [[levels64(row / p) for row, p in zip(c, peak, strict=True)] for c in curves],
        "zeros": zeros,
    }


def _pick_channels(channels: pd.DataFrame) -> np.ndarray:
    """Evenly spaced channels: no choice by eye."""
    n = len(channels)
    return np.unique(np.linspace(0, n - 1, min(n, N_RIDGES)).round().astype(int))


def _axis(channels: pd.DataFrame) -> tuple[float, float]:
    """What holds 99.8 % of the values of every channel, or all where that is not known."""
    names = ("q001", "q999") if "q001" in channels else ("min", "max")
    ends = channels[list(names)].to_numpy(dtype=float)
    ends = ends[np.isfinite(ends).all(axis=1)]
    return (float(ends[:, 0].min()), float(ends[:, 1].max())) if len(ends) else (0.0, 0.0)


def _name(profile: ProfileLike, image: int | str) -> str:
    return image if isinstance(image, str) else str(profile.image_names[image])
