"""Write the page: one HTML file that needs nothing else, and the tables beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from srviz.errors import OutputError
from srviz.report import glossary
from srviz.report.charts import chart_data
from srviz.report.compact import embed
from srviz.report.compare import compare, conditions
from srviz.report.data import TABLES, ReportData
from srviz.report.findings import finding, headline
from srviz.report.layers import layer_data
from srviz.report.rows import (
    interval_rows,
    layer_columns,
    layer_rows,
    plain_rows,
    score_rows,
    tree,
)

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("core.js", "overview.js", "layer.js", "maps.js", "table.js")
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
    scored = conditions(data)
    found = [compare(data, pair, scored[0] if scored else None) for pair in data.pairs]
    scripts = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return env.get_template("page.html.j2").render(
        _words(data, found, scored)
        | {
            "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
            "scripts": Markup(scripts),
            "plotly": Markup(get_plotlyjs().replace("</script", "<\\/script")),
            "terms_json": Markup(embed(glossary.COLUMNS)),
            "core": Markup(embed(chart_data(data, found, scored))),
            "layers": [Markup(embed(layer_data(data, label))) for label in data.labels],
        }
    )


def _words(data: ReportData, found: list[Any], scored: list[Any]) -> dict[str, Any]:
    """What the template needs besides scripts and chart data."""
    first = scored[0] if scored else None
    return {
        "title": data.title,
        "bits": data.bits,
        "pairs": data.pairs,
        "headline": headline(found),
        "findings": [finding(c, first, data.bits) for c in found],
        "condition": first,
        "conditions": scored,
        "columns": layer_columns(data),
        "layer_rows": [layer_rows(data, pair) for pair in data.pairs],
        "intervals": [interval_rows(data, pair) for pair in data.pairs],
        "scores": [score_rows(condition, data) for condition in scored],
        "per_image": plain_rows(data.table("scores")),
        "placement": plain_rows(data.table("placement")),
        "broken": broken_sites(data),
        "has": {name: data.has(name) for name in TABLES},
        "tables": [name for name in TABLES if name in data.tables],
        "worst": [c.worst_site for c in found],
        "provenance": tree(data.provenance),
        "command": data.provenance.get("command", "srviz report"),
        "words": glossary.WORDS,
        "terms": glossary.COLUMNS,
        "metrics": glossary.METRICS,
        "distributions": len(data.profiles[data.labels[0]].image_names) >= 2,
    }


def broken_sites(data: ReportData) -> list[str]:
    """Sites with NaN or infinite activations, each with its counts."""
    found = []
    for label in data.labels:
        channels = data.profiles[label].channels
        names = {"nan": "NaN", "inf": "infinite"}
        known = [name for name in names if name in channels]
        for site, rows in channels.groupby("site", sort=False, observed=True):
            sums = {name: int(rows[name].to_numpy().sum()) for name in known}
            what = " and ".join(f"{n} {names[name]}" for name, n in sums.items() if n)
            if what:
                found.append(f"{label}, {site}: {what} values")
    return found
