"""The rows of the page's tables: plain values and texts, no markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from srviz.report.condition import Condition
from srviz.report.cost import costs, shortfall
from srviz.report.data import FULL_PRECISION, ReportData
from srviz.report.glossary import COLUMNS, COST, SHORTFALL, WORDS
from srviz.report.sentences import plain_site, signed


@dataclass(frozen=True)
class Cell:
    """A table cell: what is shown, what it sorts by, and a bar of ``share`` (0..1) if not None."""

    text: str
    sort: float | str
    share: float | None = None
    tone: str = ""


def number(value: Any, digits: int | None, *, bar: float | None = None, tone: str = "") -> Cell:
    """A number; "–" where there is none.

    ``digits`` after the point, or three significant ones if None; ``bar`` is the value of a full
    bar.
    """
    value = float(value) if value is not None else float("nan")
    if not np.isfinite(value):
        return Cell("–", "", tone=tone)
    share = min(max(value / bar, 0.0), 1.0) if bar else None
    text = f"{value:#.3g}".rstrip(".") if digits is None else f"{value:.{digits}f}"
    return Cell(text.replace("-", "−"), value, share, tone)


@dataclass(frozen=True)
class Column:
    """A column of the layer list: its heading, what it means, and one value per site and network.

    ``bar`` is the value that a full bar stands for; None draws none.
    """

    heading: str
    means: str
    values: tuple[Mapping[str, float], Mapping[str, float]]
    digits: int | None
    bar: float | None = None


def layer_columns(data: ReportData, pair: tuple[str, str]) -> list[Column]:
    """The columns of a pair's layer list, those that its tables can fill."""
    # Heading, meaning, values of a network by site, digits (None: three significant), bar.
    specs: list[tuple[str, str, Callable[[str], Mapping[str, float]], int | None, bool]] = [
        ("Short of best, dB", SHORTFALL, lambda k: shortfall(data, k), 1, True),
        ("Costs, dB", COST, lambda k: costs(data, k), 2, True),
        ("SQNR, dB", COLUMNS["sqnr_db"], lambda k: _layer_values(data, k, "sqnr_db"), 1, False),
        (
            "Effective bits",
            COLUMNS["effective_bits"],
            lambda k: _layer_values(data, k, "effective_bits"),
            2,
            False,
        ),
        (
            "Unfitness",
            COLUMNS["unfit_mse"],
            lambda k: _layer_values(data, k, "unfit_mse"),
            2,
            False,
        ),
        ("Interval", WORDS["interval"], lambda k: _intervals(data, k), None, False),
    ]
    found = []
    for heading, means, read, digits, with_bar in specs:
        values = read(pair[0]), read(pair[1])
        if values[0] or values[1]:
            finite = [v for side in values for v in side.values() if np.isfinite(v)]
            bar = max(finite, default=0.0) if with_bar else None
            found.append(Column(heading, means, values, digits, bar))
    return found


def layer_rows(
    data: ReportData, pair: tuple[str, str], columns: Sequence[Column]
) -> list[dict[str, Any]]:
    """One row per site of a pair: its name, depth, and each column without and with BN."""
    rows = []
    for depth, site in enumerate(data.profiles[pair[0]].site_names):
        cells = [
            number(side.get(site), column.digits, bar=column.bar, tone=tone)
            for column in columns
            for side, tone in zip(column.values, ("plain", "bn"), strict=True)
        ]
        rows.append({"site": site, "name": plain_site(site), "depth": depth, "cells": cells})
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
            cells += [number(one, None), number(other, None), number(ratio, 1)]
        rows.append({"site": site, "name": plain_site(site), "cells": cells})
    return {"criteria": [str(c) for c in criteria], "rows": rows}


def score_rows(condition: Condition, data: ReportData) -> dict[str, Any]:
    """Mean PSNR and SSIM of every network at every width, and what BN gains in each pair.

    The better one of a pair is marked; equal at two digits is better for none.
    """
    psnr = condition.psnr
    widths = sorted({b for by_bits in psnr.values() for b in by_bits}, reverse=True)
    rows = []
    for pair in data.pairs:
        known = [label for label in pair if label in psnr]
        for label in known:
            mate = psnr.get(pair[label == pair[0]], {})
            cells = [_score(condition, label, mate, bits) for bits in widths]
            rows.append({"label": label, "gain": False, "cells": cells})
        if len(known) == 2:
            cells = [_gain(condition, pair, bits) for bits in widths]
            rows.append({"label": "gain by BN", "gain": True, "cells": cells})
    heads = ["full" if b >= FULL_PRECISION else str(b) for b in widths]
    return {
        "name": condition.name,
        "method": condition.method,
        "heads": heads,
        "rows": rows,
        "baselines": {name: f"{value:.2f}" for name, value in condition.baselines.items()},
    }


def _score(
    condition: Condition, label: str, mate: Mapping[int, float], bits: int
) -> dict[str, Any]:
    value = condition.psnr[label].get(bits)
    best = value is not None and bits in mate and round(value, 2) > round(mate[bits], 2)
    ssim = number(condition.ssim[label].get(bits), 4).text
    return {"text": number(value, 2).text, "small": ssim, "best": best}


def _gain(condition: Condition, pair: tuple[str, str], bits: int) -> dict[str, Any]:
    """The gain of the mean; below it those of the worst and the best image."""
    gain = condition.gain(*pair).get(bits)
    each = condition.image_gains(*pair, bits).values()
    small = f"{signed(min(each), 1)}…\u200b{signed(max(each), 1)}" if len(each) > 1 else ""
    return {"text": "–" if gain is None else signed(gain), "small": small, "best": False}


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


def _layer_values(data: ReportData, label: str, name: str) -> dict[str, float]:
    """A column of the layers table by site; empty if the table lacks it."""
    table = data.table("layers", label)
    if name not in table:
        return {}
    values = table[name].to_numpy(dtype=float).tolist()
    return dict(zip(table["site"].astype(str), values, strict=True))


def _intervals(data: ReportData, label: str) -> dict[str, float]:
    """The interval really used at each site; the median over the channels if there are many."""
    steps: dict[str, list[float]] = {}
    for row in data.grids[label][data.bits]:
        steps.setdefault(str(row.site), []).append(float(row.grid.interval))
    return {site: float(np.median(values)) for site, values in steps.items()}
