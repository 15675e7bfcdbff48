"""The numbers that the page's charts are drawn from, as plain JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from srviz.report.compact import significant
from srviz.report.compare import GAPS, Comparison, Condition
from srviz.report.data import ReportData
from srviz.report.glossary import METRICS


def chart_data(
    data: ReportData, found: Sequence[Comparison], scored: Sequence[Condition]
) -> dict[str, Any]:
    """Everything the charts need except the per-layer data, which is parsed on demand."""
    return {
        "bits": data.bits,
        "pairs": [
            {
                "name": c.name,
                "plain": c.plain,
                "bn": c.normed,
                "worst": c.worst_site,
                "keyBits": c.key_bits,
            }
            for c in found
        ],
        "labels": data.labels,
        "gaps": GAPS,
        "metrics": METRICS,
        "scores": [_scores(condition) for condition in scored],
        "waterfall": {k: _waterfall(data.table("waterfall", k)) for k in data.labels},
        "intervals": {k: _intervals(data.table("intervals", k)) for k in data.labels},
        "heat": {k: _heat(data.table("unfitness", k)) for k in data.labels},
        "sensitivity": {k: _sensitivity(data, k) for k in data.labels},
    }


def _scores(condition: Condition) -> dict[str, Any]:
    psnr = {
        label: [[bits, significant(value, 5)] for bits, value in sorted(by_bits.items())]
        for label, by_bits in condition.psnr.items()
    }
    return {"name": f"{condition.name}, {condition.method}", "psnr": psnr}


def _waterfall(table: pd.DataFrame) -> dict[str, Any]:
    if table.empty:
        return {}
    names = [name for name in [*GAPS, "sqnr_db"] if name in table]
    return {"site": table["site"].astype(str).tolist()} | {
        name: significant(table[name].to_numpy(dtype=float), 3) for name in names
    }


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
    """What each site costs alone, and what leaving it out of the quantization brings (dB)."""
    table = data.table("sensitivity", label)
    if table.empty:
        return {}
    gaps = data.table("waterfall", label)
    columns = [name for name in GAPS if name in gaps]
    total = gaps[columns].sum(axis=1).to_numpy() if columns else []
    gap = dict(zip(gaps["site"].astype(str), total, strict=True)) if columns else {}
    sites = table["site"].astype(str).tolist()
    return {
        "site": sites,
        "cost": significant((table["psnr_fp"] - table["psnr_only"]).to_numpy(dtype=float), 3),
        "relief": significant((table["psnr_without"] - table["psnr_all"]).to_numpy(dtype=float), 3),
        "gap": [significant(gap.get(site, float("nan")), 3) for site in sites],
    }
