"""Write the page: one HTML file that needs nothing else, and the tables beside it."""

from __future__ import annotations

import os
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from srviz.errors import OutputError
from srviz.report import glossary
from srviz.report.charts import chart_data
from srviz.report.compact import embed
from srviz.report.compare import Comparison, compare
from srviz.report.condition import Condition, conditions, scored
from srviz.report.data import FULL_PRECISION, TABLES, ReportData
from srviz.report.findings import finding, headline
from srviz.report.gains import lines, main_dataset
from srviz.report.layers import broken_text, layer_data, not_finite
from srviz.report.rows import (
    interval_rows,
    layer_columns,
    layer_rows,
    plain_rows,
    score_rows,
    tree,
)
from srviz.report.training_charts import training_data
from srviz.report.training_rows import trained_tables
from srviz.report.training_words import (
    elsewhere_words,
    line_words,
    note_words,
    steps_text,
    training_headline,
)

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("core.js", "overview.js", "layer.js", "maps.js", "trained.js", "table.js")
"""Scripts of the page, in the order in which they run."""


def report(data: ReportData, out: str | Path) -> Path:
    """Write the report page and its tables.

    Parameters
    ----------
    data : ReportData
        Networks, grids and tables to show.
    out : path
        Folder to write to; made if missing. Files of the same names are replaced.

    Returns
    -------
    Path
        ``out/index.html``. It works from disk, offline, and holds all of its scripts and data.
        ``out/tables`` has every table as CSV and parquet.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    out = Path(out)
    page = out / "index.html"
    text = render(data)
    try:
        write_tables(data, out / "tables")
        part = page.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, page)
    except OSError as error:
        raise OutputError(
            f"cannot write the report to {out}: {error.strerror or error}",
            fix="choose a folder you may write to, with room for 20 MB",
        ) from error
    return page


def write_tables(data: ReportData, folder: Path) -> None:
    """Write every table as ``folder/NAME.csv`` and ``folder/NAME.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in data.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
        table.to_parquet(folder / f"{name}.parquet", index=False)


def render(data: ReportData) -> str:
    """The page as one string of HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = conditions(data)
    pairs = [compare(data, pair, scored(found, pair), found) for pair in data.pairs]
    scripts = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return env.get_template("page.html.j2").render(
        _words(data, pairs, found)
        | {
            "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
            "scripts": Markup(scripts),
            "plotly": Markup(get_plotlyjs().replace("</script", "<\\/script")),
            "terms_json": Markup(embed(glossary.COLUMNS)),
            "core": Markup(embed(chart_data(data, pairs, found))),
            "trained_json": Markup(embed(training_data(data, lines(data.table("trained"))))),
            "layers": [Markup(embed(layer_data(data, label))) for label in data.labels],
        }
    )


def _words(data: ReportData, pairs: list[Comparison], found: list[Condition]) -> dict[str, Any]:
    """What the template needs besides scripts and chart data."""
    columns = [layer_columns(data, pair) for pair in data.pairs]
    return {
        "title": data.title,
        "bits": data.bits,
        "pairs": data.pairs,
        "headline": headline(pairs),
        "findings": [
            finding(c, scored(found, pair), data.bits)
            for c, pair in zip(pairs, data.pairs, strict=True)
        ],
        "settings": [setting(data, pair, scored(found, pair)) for pair in data.pairs],
        "conditions": found,
        "columns": columns,
        "layer_rows": [
            layer_rows(data, pair, own) for pair, own in zip(data.pairs, columns, strict=True)
        ],
        "intervals": [interval_rows(data, pair) for pair in data.pairs],
        "scores": [score_rows(condition, data) for condition in found],
        "costs_on": [c.costs_on for c in pairs],
        "training": training(data),
        "per_image": plain_rows(data.table("scores")),
        "placement": plain_rows(data.table("placement")),
        "broken": broken_sites(data),
        "partial": partial_profiles(data),
        "has": {name: data.has(name) for name in TABLES},
        "tables": [name for name in TABLES if name in data.tables],
        "provenance": tree(data.provenance),
        "command": data.provenance.get("command", "srviz report"),
        "words": glossary.WORDS | (glossary.TRAINING if data.has("trained") else {}),
        "terms": glossary.COLUMNS,
        "metrics": glossary.METRICS,
        "gaps": glossary.GAPS,
        "distributions": len(data.profiles[data.labels[0]].image_names) >= 2,
    }


def training(data: ReportData) -> dict[str, Any] | None:
    """Sentences and tables about the trained networks; None if there are none."""
    found = lines(data.table("trained"))
    if not found:
        return None
    dataset = main_dataset(found)
    return {
        "headline": training_headline(found, steps_text(data.table("bounds"))),
        "elsewhere": elsewhere_words(found),
        "lines": [(line.name, line_words(line)) for line in found if line.dataset == dataset],
        "notes": list(note_words(found)),
        "tables": trained_tables(found),
        "repeated": any(g.spread > 0 for line in found for g in line.known),
        "published": any(isfinite(g.published_db) for line in found for g in line.gains),
    }


def setting(data: ReportData, pair: tuple[str, str], condition: Condition | None) -> str:
    """What the scores of a pair rest on: images, protocol, and what is quantized."""
    if condition is None:
        return ""
    n = condition.n_images
    words = f"Mean PSNR over {n} image{'' if n == 1 else 's'} of {condition.name}."
    table = data.table("placement", pair[0])
    if table.empty:
        return f"{words} Quantizer {condition.method}; {data.setting}."
    full = bool((table["weight_bits"].to_numpy() >= FULL_PRECISION).all())
    return (
        f"{words} Quantizer {condition.method} at {len(table)} places"
        f"{', bounds at the largest values' if at_largest(data, pair[0]) else ''}, weights "
        f"{'in full precision' if full else 'quantized too'}; {data.setting}."
    )


def at_largest(data: ReportData, label: str) -> bool:
    """Whether the bounds of every site are its largest magnitude: nothing is clipped."""
    table = data.profiles[label].channels
    tops: dict[str, float] = {}
    ends = table[["min", "max"]].to_numpy(dtype=float)
    for site, top in zip(table["site"].astype(str), np.abs(ends).max(axis=1), strict=True):
        tops[site] = max(tops.get(site, 0.0), 0.0 if np.isnan(top) else float(top))
    rows = [row for row in data.grids[label][data.bits] if row.channel is None]
    return bool(rows) and all(
        np.isclose(max(-row.grid.lo, row.grid.hi), tops[str(row.site)], rtol=1e-3) for row in rows
    )


def partial_profiles(data: ReportData) -> list[str]:
    """Networks whose capture was broken off, with how far it came."""
    found = []
    for label in data.labels:
        meta = getattr(data.profiles[label], "meta", {})
        if not meta.get("complete", True):
            n = meta.get("images_count", "some")
            found.append(f"{label}: broken off after {n} image{'' if n == 1 else 's'}")
    return found


def broken_sites(data: ReportData) -> list[str]:
    """Sites with NaN or infinite activations, each with its counts."""
    found = []
    for label in data.labels:
        channels = data.profiles[label].channels
        for site, rows in channels.groupby("site", sort=False, observed=True):
            what = broken_text(*map(sum, not_finite(rows)))
            if what:
                found.append(f"{label}, {site}: {what} values")
    return found
