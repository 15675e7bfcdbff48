"""The rows of the page's tables: plain values and texts, no markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from srviz.report.compare import Condition
from srviz.report.data import FULL_PRECISION, ReportData

LAYER_COLUMNS = {
    "unfit_mse": ("Unfitness", 2),
    "effective_bits": ("Effective bits", 2),
    "sqnr_db": ("SQNR dB", 1),
}
"""Columns of the layer list, with their heading and digits; those the table lacks are left out."""


@dataclass(frozen=True)
class Cell:
    """A table cell: what is shown, what it sorts by, and a bar of ``share`` (0..1) if not None."""

    text: str
    sort: float | str
    share: float | None = None
    tone: str = ""


def number(value: Any, digits: int, *, share: bool = False, tone: str = "") -> Cell:
    """A number; "–" where there is none."""
    value = float(value) if value is not None else float("nan")
    if not np.isfinite(value):
        return Cell("–", "", tone=tone)
    bar = min(max(value, 0.0), 1.0) if share else None
    return Cell(f"{value:.{digits}f}", value, bar, tone)


def layer_columns(data: ReportData) -> dict[str, tuple[str, int]]:
    """The columns of the layer list that this report can fill."""
    table = data.table("layers")
    return {name: spec for name, spec in LAYER_COLUMNS.items() if name in table}


def layer_rows(data: ReportData, pair: tuple[str, str]) -> list[dict[str, Any]]:
    """One row per site of a pair: its name, depth, and each column without and with BN."""
    columns = layer_columns(data)
    tables = [_by_site(data.table("layers", label)) for label in pair]
    steps = [_intervals(data, label) for label in pair]
    rows = []
    for depth, site in enumerate(data.profiles[pair[0]].site_names):
        cells = [
            number(_at(table, site, name), digits, share=name == "unfit_mse", tone=tone)
            for name, (_, digits) in columns.items()
            for table, tone in zip(tables, ("plain", "bn"), strict=True)
        ]
        cells += [
            Cell(f"{step[site]:.3g}", step[site], tone=tone) if site in step else Cell("–", "")
            for step, tone in zip(steps, ("plain", "bn"), strict=True)
        ]
        rows.append({"site": site, "depth": depth, "cells": cells})
    return rows


def interval_rows(data: ReportData, pair: tuple[str, str]) -> dict[str, Any]:
    """T1: the interval of every site by criterion, without and with BN, and their ratio."""
    tables = [data.table("intervals", label) for label in pair]
    if any(table.empty for table in tables):
        return {"criteria": [], "rows": []}
    wide = [
        t.assign(site=t["site"].astype(str)).pivot_table(
            index="site", columns="criterion", values="interval", observed=True, sort=False
        )
        for t in tables
    ]
    criteria = [c for c in wide[0].columns if c in wide[1].columns]
    rows = []
    for site in wide[0].index.intersection(wide[1].index, sort=False):
        cells = []
        for criterion in criteria:
            one, other = (float(w.loc[site, criterion]) for w in wide)
            ratio = one / other if other > 0 and one > 0 else float("nan")
            cells += [number(one, 3), number(other, 3), number(ratio, 1)]
        rows.append({"site": site, "cells": cells})
    return {"criteria": [str(c) for c in criteria], "rows": rows}


def score_rows(condition: Condition, data: ReportData) -> dict[str, Any]:
    """Mean PSNR and SSIM of every network at every width; the better one of a pair is marked."""
    labels = [label for label in data.labels if label in condition.psnr]
    widths = sorted({b for label in labels for b in condition.psnr[label]}, reverse=True)
    rows = []
    for label in labels:
        mates = [m for pair in data.pairs if label in pair for m in pair if m != label]
        cells = []
        for bits in widths:
            psnr = condition.psnr[label].get(bits)
            best = psnr is not None and all(
                round(psnr, 2) > round(condition.psnr.get(mate, {}).get(bits, -np.inf), 2)
                for mate in mates
            )
            cells.append(
                {
                    "psnr": number(psnr, 2),
                    "ssim": number(condition.ssim[label].get(bits), 4),
                    "best": best,
                }
            )
        rows.append({"label": label, "cells": cells})
    heads = ["full" if b >= FULL_PRECISION else f"{b} bits" for b in widths]
    return {"name": condition.name, "method": condition.method, "heads": heads, "rows": rows}


def plain_rows(table: pd.DataFrame, limit: int = 400) -> dict[str, Any]:
    """Any table as texts, its first ``limit`` rows; ``left_off`` says how many are not shown."""
    shown = table.head(limit)
    rows = [[_text(value) for value in row] for row in shown.itertuples(index=False)]
    return {
        "heads": [str(c) for c in table.columns],
        "rows": rows,
        "left_off": len(table) - len(shown),
    }


def tree(value: Any) -> Any:
    """Provenance as nested mappings and texts, whatever was put into it."""
    if isinstance(value, Mapping):
        return {str(key): tree(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(str(item) for item in value)
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.4g}" if np.isfinite(value) else "–"
    return "none" if value is None else str(value)


def _by_site(table: pd.DataFrame) -> pd.DataFrame:
    return table if table.empty else table.assign(site=table["site"].astype(str)).set_index("site")


def _at(table: pd.DataFrame, site: str, name: str) -> float:
    return float(table.at[site, name]) if site in table.index else float("nan")


def _intervals(data: ReportData, label: str) -> dict[str, float]:
    """The interval really used at each site; the median over the channels if there are many."""
    steps: dict[str, list[float]] = {}
    for row in data.grids[label][data.bits]:
        steps.setdefault(str(row.site), []).append(float(row.grid.interval))
    return {site: float(np.median(values)) for site, values in steps.items()}
