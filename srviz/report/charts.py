"""The numbers that the page's charts are drawn from, as plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from srviz.report.compact import significant
from srviz.report.compare import Comparison
from srviz.report.condition import Condition, scored
from srviz.report.cost import costs, shortfall
from srviz.report.data import ReportData
from srviz.report.glossary import GAPS, METRICS
from srviz.report.kinds import kinds

MEASURES = {
    "shortfall": "distance to the best quantizer (dB of SQNR)",
    "mse": "mean squared error of the activations",
    "sqnr_db": "SQNR of the layer (dB)",
    "effective_bits": "effective bits of the layer",
    "unfit_mse": "unfitness of the layer (0 to 1)",
}
"""What the cost of a layer can be drawn against, in the order of the menu."""


def chart_data(
    data: ReportData, found: Sequence[Comparison], conditions: Sequence[Condition]
) -> dict[str, Any]:
    """Everything the charts need except the per-layer data, which is parsed on demand."""
    return {
        "bits": data.bits,
        "pairs": [_pair(c, conditions) for c in found],
        "labels": data.labels,
        "gaps": GAPS,
        "metrics": METRICS,
        "measures": MEASURES,
        "scores": [_scores(condition) for condition in conditions],
        "waterfall": {k: _waterfall(data.table("waterfall", k)) for k in data.labels},
        "intervals": {k: _intervals(data.table("intervals", k)) for k in data.labels},
        "heat": {k: _heat(data.table("unfitness", k)) for k in data.labels},
        "sensitivity": {k: _sensitivity(data, k) for k in data.labels},
    }


def _pair(c: Comparison, conditions: Sequence[Condition]) -> dict[str, Any]:
    """Labels of a pair, the layer looked at first, and the scores that its words rest on."""
    condition = scored(conditions, (c.plain, c.normed))
    return {
        "name": c.name,
        "plain": c.plain,
        "bn": c.normed,
        "worst": c.worst_site,
        "keyBits": c.key_bits,
        "condition": conditions.index(condition) if condition else 0,
    }


def _scores(condition: Condition) -> dict[str, Any]:
    psnr = {
        label: [[bits, significant(value, 5)] for bits, value in sorted(by_bits.items())]
        for label, by_bits in condition.psnr.items()
    }
    baselines = {name: significant(value, 5) for name, value in condition.baselines.items()}
    name = f"{condition.name}, {condition.method}"
    return {"name": name, "psnr": psnr, "baselines": baselines}


def _waterfall(table: pd.DataFrame) -> dict[str, Any]:
    """Gaps of every site, and which of the sites are of one kind (their places in the list)."""
    if table.empty:
        return {}
    names = [name for name in [*GAPS, "sqnr_db"] if name in table]
    sites = table["site"].astype(str).tolist()
    place = {site: i for i, site in enumerate(sites)}
    return {
        "site": sites,
        "kinds": {kind: [place[s] for s in members] for kind, members in kinds(sites).items()},
    } | {name: significant(table[name].to_numpy(dtype=float), 3) for name in names}


def _intervals(table: pd.DataFrame) -> dict[str, Any]:
    """By criterion, the interval of each site."""
    if table.empty:
        return {}
    return {
        str(criterion): {
            "site": rows["site"].astype(str).tolist(),
            "interval": significant(rows["interval"].to_numpy(dtype=float)),
        }
        for criterion, rows in table.groupby("criterion", sort=False, observed=True)
    }


def _heat(table: pd.DataFrame) -> dict[str, Any]:
    """By metric, one list of channel values per site."""
    if table.empty:
        return {}
    if "unfit_mse" in table:
        # 0 to 1 crowds near 1 where a grid is bad; in dB "bad" and "ten times worse" differ.
        left = np.maximum(1.0 - table["unfit_mse"].to_numpy(dtype=float), 1e-6)
        distance = -10.0 * np.log10(left) + 0.0
        if "sqnr_db" in table:  # without signal (nothing but zeros, NaN or Inf) nothing can fit
            distance[np.isnan(table["sqnr_db"].to_numpy(dtype=float))] = np.nan
        table = table.assign(unfit_db=distance)
    names = [name for name in METRICS if name in table]
    table = table.assign(site=table["site"].astype(str))
    groups = [(s, g.sort_values("channel")) for s, g in table.groupby("site", sort=False)]
    return {
        "site": [site for site, _ in groups],
        "metrics": {
            name: [significant(g[name].to_numpy(dtype=float), 3) for _, g in groups]
            for name in names
        },
    }


def _sensitivity(data: ReportData, label: str) -> dict[str, Any]:
    """What each site costs alone, what sparing it brings (dB), and how unfit it is."""
    lost = costs(data, label)
    if not lost:
        return {}
    table = data.table("sensitivity", label)
    spared = (table["psnr_without"] - table["psnr_all"]).to_numpy(dtype=float).tolist()
    relief = dict(zip(table["site"].astype(str), spared, strict=True))
    found: dict[str, Any] = {
        "site": list(lost),
        "cost": [significant(value, 3) for value in lost.values()],
        "relief": [significant(relief[site], 3) for site in lost],
    }
    return found | {
        name: [significant(values.get(site, np.nan), 4) for site in lost]
        for name, values in _measures(data, label).items()
    }


def _measures(data: ReportData, label: str) -> dict[str, Mapping[str, float]]:
    """Every known measure of unfitness by site."""
    found = {"shortfall": shortfall(data, label)}
    table = data.table("layers", label)
    for name in MEASURES:
        if name in table:
            values = table[name].to_numpy(dtype=float).tolist()
            found[name] = dict(zip(table["site"].astype(str), values, strict=True))
    return {name: values for name, values in found.items() if values}
