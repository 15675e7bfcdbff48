"""The numbers of one pair of networks that the page's words and pictures rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    full: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in data.table("scores").to_dict("records"):
        key = tuple(str(row[name]) for name in CONDITION)
        if row["bits"] < FULL_PRECISION:
            groups.setdefault(key, []).append(row)
        else:
            full.setdefault(key[:-1], []).append(row)
    # A network that is not quantized has no method: it stands beside every one.
    return [_condition(key, full.get(key[:-1], []) + rows) for key, rows in groups.items()]


def _condition(key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> Condition:
    dataset, scale, protocol, mode, method = key
    images = {str(row["image"]) for row in rows}
    name = f"{dataset} ×{scale}, protocol {protocol}, {mode}"
    return Condition(name, method, len(images), _means(rows, "psnr"), _means(rows, "ssim"))


def _means(rows: Sequence[Mapping[str, Any]], column: str) -> dict[str, dict[int, float]]:
    """Mean over the images of a column, by network and bits."""
    values: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        by_bits = values.setdefault(str(row["network"]), {})
        by_bits.setdefault(int(row["bits"]), []).append(float(row[column]))
    return {
        label: {bits: float(np.mean(v)) for bits, v in by_bits.items()}
        for label, by_bits in values.items()
    }


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
    widest = [_widest(data.table("intervals", label)) for label in (plain, normed)]
    pairs = [(widest[0][site], widest[1][site]) for site in widest[0] if site in widest[1]]
    pairs = [two for two in pairs if min(two) > 0 and np.isfinite(two).all()]
    if not pairs:
        return None, None
    one, other = np.array(pairs).T
    medians = float(np.median(one)), float(np.median(other))
    return medians, float(np.median(one / other))


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
    table = data.table("waterfall", label)
    columns = [name for name in GAPS if name in table]
    if not columns:
        table = data.table("layers", label)
        columns = [name for name in ("unfit_mse",) if name in table]
    if columns:
        total = np.nan_to_num(table[columns].to_numpy(dtype=float)).sum(axis=1)
        return str(table["site"].iloc[int(total.argmax())])
    names = data.profiles[label].site_names
    return str(names[-1]) if len(names) else None
