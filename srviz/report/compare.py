"""The numbers of one pair of networks that the page's words and pictures rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from srviz.report.data import FULL_PRECISION, ReportData

GAPS = {
    "gap_bounds_db": "bounds set badly",
    "gap_symmetry_db": "a symmetric grid on one-sided values",
    "gap_channel_db": "one grid for all channels",
    "gap_input_db": "one grid for all images",
    "gap_grid_db": "evenly spaced levels",
}
"""Columns of the waterfall table, in its order, and what each of them says."""

CONDITION = ["dataset", "scale", "protocol", "mode", "method"]
"""Columns of the scores table that must agree before two PSNR may be compared."""


@dataclass(frozen=True)
class Condition:
    """PSNR by network and bit width, means over the images, under one protocol.

    ``psnr[label][bits]`` and ``ssim[label][bits]``; bits 32 is full precision.
    """

    name: str
    method: str
    n_images: int
    psnr: Mapping[str, Mapping[int, float]]
    ssim: Mapping[str, Mapping[int, float]]

    def gain(self, plain: str, normed: str) -> dict[int, float]:
        """PSNR with BN minus PSNR without in dB, by the widths both were scored at, widest first.

        A width at which one of them has no finite PSNR is left out.
        """
        one, other = self.psnr.get(plain, {}), self.psnr.get(normed, {})
        gains = {b: other[b] - one[b] for b in sorted(set(one) & set(other), reverse=True)}
        return {b: gain for b, gain in gains.items() if np.isfinite(gain)}


@dataclass(frozen=True)
class Comparison:
    """What differs between a network without and with BN; what is unknown is empty or None."""

    name: str
    plain: str
    normed: str
    gain: Mapping[int, float] = field(default_factory=dict)
    key_bits: int | None = None
    interval: tuple[float, float] | None = None
    interval_ratio: float | None = None
    sqnr: tuple[float, float] | None = None
    gaps: tuple[Mapping[str, float], Mapping[str, float]] | None = None
    worst_site: str | None = None


def conditions(data: ReportData) -> list[Condition]:
    """Every combination of data set, protocol and method in the scores, in their order."""
    if not data.has("scores"):
        return []
    scores = data.table("scores").astype(dict.fromkeys(CONDITION, str))
    scores = scores[scores["network"].astype(str).isin(data.labels)]
    full = scores[scores["bits"] >= FULL_PRECISION]
    low = scores[scores["bits"] < FULL_PRECISION]
    found = []
    for key, rows in low.groupby(CONDITION, sort=False):
        same = (full[CONDITION[:-1]] == list(key[:-1])).all(axis=1)
        found.append(_condition(key, pd.concat([full[same], rows])))
    return found


def _condition(key: tuple[str, ...], rows: pd.DataFrame) -> Condition:
    means = rows.groupby([rows["network"].astype(str), "bits"])[["psnr", "ssim"]].mean()

    def nested(column: str) -> dict[str, dict[int, float]]:
        out: dict[str, dict[int, float]] = {}
        for (label, bits), value in means[column].items():
            out.setdefault(label, {})[int(bits)] = float(value)
        return out

    dataset, scale, protocol, mode, method = key
    name = f"{dataset} ×{scale}, protocol {protocol}, {mode}"
    return Condition(name, method, rows["image"].nunique(), nested("psnr"), nested("ssim"))


def compare(data: ReportData, pair: tuple[str, str], condition: Condition | None) -> Comparison:
    """Reduce the tables to the numbers of one pair."""
    plain, normed = pair
    gain = condition.gain(plain, normed) if condition else {}
    interval, ratio = _intervals(data, plain, normed)
    gaps = tuple(_mean_gaps(data.table("waterfall", label)) for label in pair)
    return Comparison(
        name=plain,
        plain=plain,
        normed=normed,
        gain=gain,
        key_bits=_key_bits(gain),
        interval=interval,
        interval_ratio=ratio,
        sqnr=_sqnr(data, plain, normed),
        gaps=(gaps[0], gaps[1]) if all(gaps) else None,
        worst_site=_worst_site(data, plain),
    )


def _key_bits(gain: Mapping[int, float]) -> int | None:
    """The width the headline speaks of: 3 bits, as in the study, or the narrowest scored.

    Fixed in advance: picking the width with the largest gain would flatter BN.
    """
    widths = [bits for bits in gain if bits < FULL_PRECISION]
    return (3 if 3 in widths else min(widths)) if widths else None


def _intervals(
    data: ReportData, plain: str, normed: str
) -> tuple[tuple[float, float] | None, float | None]:
    """Median interval without and with BN, and the median over layers of their ratio.

    Each site counts with its largest interval over the criteria (that of absmax where "max" and
    "min" are given), since the interval of a single criterion is 0 on a one-sided tensor.
    """
    widest = []
    for label in (plain, normed):
        table = data.table("intervals", label)
        if table.empty:
            return None, None
        widest.append(table.groupby(table["site"].astype(str))["interval"].max())
    both = pd.concat(widest, axis=1, join="inner", keys=["plain", "normed"])
    both = both[(both > 0).all(axis=1) & np.isfinite(both).all(axis=1)]
    if both.empty:
        return None, None
    medians = both.median()
    ratio = float((both["plain"] / both["normed"]).median())
    return (float(medians["plain"]), float(medians["normed"])), ratio


def _sqnr(data: ReportData, plain: str, normed: str) -> tuple[float, float] | None:
    """Mean SQNR over the layers in dB, without and with BN."""
    for name in ("waterfall", "layers"):
        tables = [data.table(name, label) for label in (plain, normed)]
        if all("sqnr_db" in table and not table.empty for table in tables):
            means = [float(_finite(table["sqnr_db"]).mean()) for table in tables]
            return (means[0], means[1]) if np.isfinite(means).all() else None
    return None


def _finite(values: pd.Series) -> pd.Series:
    return values[np.isfinite(values.astype(float))]


def _mean_gaps(table: pd.DataFrame) -> dict[str, float]:
    """Mean over the layers of each gap of the waterfall, in dB."""
    means = {name: float(_finite(table[name]).mean()) for name in GAPS if name in table}
    return {name: value for name, value in means.items() if np.isfinite(value)}


def _worst_site(data: ReportData, label: str) -> str | None:
    """The site furthest from the best possible quantizer."""
    table = data.table("waterfall", label)
    columns = [name for name in GAPS if name in table]
    if columns:
        total = table[columns].sum(axis=1)
        return str(table.loc[total.idxmax(), "site"])
    table = data.table("layers", label)
    if "unfit_mse" in table and table["unfit_mse"].notna().any():
        return str(table.loc[table["unfit_mse"].idxmax(), "site"])
    names = data.profiles[label].site_names
    return str(names[-1]) if len(names) else None
