"""The numbers of one pair of networks that the page's words and pictures rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from srviz.report.condition import SAME_DB, Condition
from srviz.report.cost import Cost, cost, measured_on, shortfall
from srviz.report.data import FULL_PRECISION, ReportData
from srviz.report.glossary import GAPS
from srviz.report.mass import mass_between


@dataclass(frozen=True)
class Rebound:
    """PSNR that rises when bits are taken away: ``low`` bits score better than ``high``.

    ``zeroed`` is the share of the quantized values that round to 0 at ``low`` bits.
    """

    normed: bool
    low: int
    high: int
    psnr: tuple[float, float]
    zeroed: float | None


@dataclass(frozen=True)
class Comparison:
    """What differs between a network without and with BN; what is unknown is empty or None.

    Pairs of values are (without, with BN). ``elsewhere`` is the gain at ``key_bits`` under the
    other conditions that the pair was scored under.
    """

    name: str
    plain: str
    normed: str
    gain: Mapping[int, float] = field(default_factory=dict)
    image_gains: Mapping[str, float] = field(default_factory=dict)
    key_bits: int | None = None
    key_psnr: tuple[float, float] | None = None
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)
    rebounds: Sequence[Rebound] = ()
    intervals: Sequence[tuple[float, float]] = ()
    sqnr: tuple[float, float] | None = None
    gaps: tuple[Mapping[str, float], Mapping[str, float]] | None = None
    worst_site: str | None = None
    crossed: tuple[float, float] | None = None
    n_levels: int | None = None
    costs: tuple[Cost, Cost] | None = None
    costs_on: str | None = None

    @property
    def interval_ratio(self) -> float | None:
        """Median over the layers of the interval without BN over that with BN."""
        if not self.intervals:
            return None
        return float(np.median([one / other for one, other in self.intervals]))


def compare(
    data: ReportData,
    pair: tuple[str, str],
    condition: Condition | None,
    others: Sequence[Condition] = (),
) -> Comparison:
    """Reduce the tables to the numbers of one pair, scored under ``condition``.

    ``others`` are all conditions: what holds under one may not hold under another.
    """
    plain, normed = pair
    gain = condition.gain(plain, normed) if condition else {}
    key = _key_bits(gain)
    gaps = tuple(_mean_gaps(data.table("waterfall", label)) for label in pair)
    lost = cost(data, plain), cost(data, normed)
    worst = _worst_site(data, plain)
    return Comparison(
        name=plain,
        plain=plain,
        normed=normed,
        gain=gain,
        image_gains=condition.image_gains(plain, normed, key) if condition and key else {},
        key_bits=key,
        key_psnr=(condition.psnr[plain][key], condition.psnr[normed][key])
        if condition and key
        else None,
        elsewhere=_elsewhere(pair, key, condition, others) if condition and key else {},
        baselines=condition.baselines if condition else {},
        rebounds=_rebounds(data, pair, condition) if condition else (),
        intervals=_intervals(data, plain, normed),
        sqnr=_sqnr(data, plain, normed),
        gaps=(gaps[0], gaps[1]) if all(gaps) else None,
        worst_site=worst,
        crossed=_crossed(data, pair, worst),
        n_levels=_n_levels(data, plain, worst),
        costs=(lost[0], lost[1]) if lost[0] and lost[1] else None,
        costs_on=measured_on(data, plain),
    )


def _key_bits(gain: Mapping[int, float]) -> int | None:
    """The width the headline speaks of: 3 bits, as in the study, or the narrowest scored.

    Fixed in advance: picking the width with the largest gain would flatter BN.
    """
    widths = [bits for bits in gain if bits < FULL_PRECISION]
    return (3 if 3 in widths else min(widths)) if widths else None


def _elsewhere(
    pair: tuple[str, str], bits: int, condition: Condition, others: Sequence[Condition]
) -> dict[str, float]:
    """The gain of BN at ``bits`` under every other condition, named by what is different in it."""
    found = {}
    for other in others:
        if other is not condition and bits in other.gain(*pair):
            name = other.method if other.name == condition.name else f"{other.name}, {other.method}"
            found[name] = other.gain(*pair)[bits]
    return found


def _rebounds(data: ReportData, pair: tuple[str, str], condition: Condition) -> list[Rebound]:
    """Neighbouring widths of which the narrower scores higher, for both networks."""
    found = []
    for label in pair:
        psnr = condition.psnr[label]
        widths = sorted((b for b in psnr if b < FULL_PRECISION), reverse=True)
        for high, low in pairwise(widths):
            if psnr[low] - psnr[high] >= SAME_DB:
                zeroed = _zeroed(data, label, low)
                found.append(Rebound(label == pair[1], low, high, (psnr[low], psnr[high]), zeroed))
    return found


def _zeroed(data: ReportData, label: str, bits: int) -> float | None:
    """Mean over the sites of the share of values that the grids of this width round to 0."""
    shares = []
    for row in data.grids[label].get(bits, ()):
        levels, edges = (np.asarray(values, float) for values in (row.grid.levels, row.grid.edges))
        i = int(np.abs(levels).argmin())
        if row.channel is not None or abs(levels[i]) > 1e-6 * np.abs(levels).max():
            return None
        cuts = np.concatenate([[-np.inf], edges, [np.inf]])
        mass = mass_between(data.profiles[label].histogram(str(row.site)), cuts).sum(axis=0)
        shares.append(mass[i] / max(mass.sum(), 1.0))
    return float(np.mean(shares)) if shares else None


def _intervals(data: ReportData, plain: str, normed: str) -> list[tuple[float, float]]:
    """Intervals without and with BN of every site that has one in both.

    Each site counts with its largest interval over the criteria (that of absmax where "max" and
    "min" are given), since the interval of a single criterion is 0 on a one-sided tensor.
    """
    widest = [_widest(data.table("intervals", label)) for label in (plain, normed)]
    pairs = [(widest[0][site], widest[1][site]) for site in widest[0] if site in widest[1]]
    return [two for two in pairs if min(two) > 0 and np.isfinite(two).all()]


def _widest(table: pd.DataFrame) -> dict[str, float]:
    """The largest interval of each site over the criteria."""
    found: dict[str, float] = {}
    if not table.empty:
        for site, interval in table[["site", "interval"]].to_numpy().tolist():
            found[str(site)] = max(found.get(str(site), 0.0), float(interval))
    return found


def _sqnr(data: ReportData, plain: str, normed: str) -> tuple[float, float] | None:
    """Mean SQNR over the layers in dB, without and with BN."""
    for name in ("waterfall", "layers"):
        tables = [data.table(name, label) for label in (plain, normed)]
        if all("sqnr_db" in table and not table.empty for table in tables):
            one, other = (_mean(table, "sqnr_db") for table in tables)
            return (one, other) if np.isfinite([one, other]).all() else None
    return None


def _mean(table: pd.DataFrame, name: str) -> float:
    """Mean of what is finite in a column; NaN if nothing is."""
    values = table[name].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def _mean_gaps(table: pd.DataFrame) -> dict[str, float]:
    """Mean over the layers of each gap of the waterfall, in dB."""
    means = {name: _mean(table, name) for name in GAPS if name in table}
    return {name: value for name, value in means.items() if np.isfinite(value)}


def _worst_site(data: ReportData, label: str) -> str | None:
    """The site furthest from the best possible quantizer."""
    total = shortfall(data, label)
    table = data.table("layers", label)
    if not total and "unfit_mse" in table:
        unfit = table["unfit_mse"].to_numpy(dtype=float).tolist()
        total = dict(zip(table["site"].astype(str), unfit, strict=True))
    total = {site: value for site, value in total.items() if np.isfinite(value)}
    if total:
        return max(total, key=lambda site: total[site])
    names = data.profiles[label].site_names
    return str(names[-1]) if len(names) else None


def _crossed(
    data: ReportData, pair: tuple[str, str], site: str | None
) -> tuple[float, float] | None:
    """Levels in the range of a channel of the site, mean over the channels."""
    means: list[Any] = []
    for label in pair:
        table = data.table("unfitness", label)
        if "levels_in_range" not in table:
            return None
        means.append(_mean(table.loc[table["site"].astype(str) == site, :], "levels_in_range"))
    return (means[0], means[1]) if np.isfinite(means).all() else None


def _n_levels(data: ReportData, label: str, site: str | None) -> int | None:
    """How many levels the quantizer of a site has."""
    rows = [row for row in data.grids[label][data.bits] if str(row.site) == site]
    return len(rows[0].grid.levels) if rows else None
