"""Verbs that tell what is there: the page of a study, and the state of this machine."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from srviz.cli import shared
from srviz.cli.app import app
from srviz.cli.options import Bits, Images, Limit, Method


@app.command(epilog="Example:  srviz report --out build/report --images Set5")
def report(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder of the page, tables and figures.")] = Path(
        "srviz-report"
    ),
    images: Images = "samples",
    limit: Limit = None,
    method: Method = "pams",
    bits: Bits = 4,
    figures: Annotated[bool, typer.Option(help="Also write the figures as PDF and PNG.")] = True,
    sweep: Annotated[
        Path | None, typer.Option(help="A folder of 'srviz sweep': its trained networks as well.")
    ] = None,
) -> None:
    """Compare the bundled networks with and without BN: one page, figures and tables."""
    from srviz.output import writable
    from srviz.study import run_study, write_figures, write_report

    writable(out)
    trained = _trained(sweep) if sweep else {}  # read first: it may be the wrong folder
    found = shared.load(images, 4, limit)
    study = run_study(images=found, method=method, bits=bits, progress=shared.progress())
    study.provenance["command"] = _again(ctx)
    study.tables.update(trained | _best(study.profiles, trained))
    if figures:
        write_figures(study, out / "figures")
    print(write_report(study, out))


def _again(ctx: typer.Context) -> str:
    """The command that makes the same page, wherever it is written to."""
    names = [name for name in ctx.params if name not in ("out", "figures")]
    sources = {name: ctx.get_parameter_source(name) for name in names}
    given = [
        f"--{name} {shlex.quote(str(ctx.params[name]))}"
        for name, source in sources.items()
        if source is not None and source.name == "COMMANDLINE"
    ]
    return " ".join(["srviz report", *given])


def _trained(folder: Path) -> dict[str, Any]:
    """What a sweep left, as tables of the report."""
    from srviz.sweep import load_results, scores_table

    results = load_results(folder)
    return {"trained": scores_table(results.scores), "bounds": results.bounds}


def _best(profiles: Any, trained: dict[str, Any]) -> dict[str, Any]:
    """Beside every trained bound, the one of least error."""
    from srviz.unfitness import best_bounds

    if not trained:
        return {}
    runs = trained["bounds"][["network", "method", "bits"]].drop_duplicates()
    return {"best_bounds": best_bounds(profiles, runs.itertuples(index=False, name=None))}


@app.command()
def doctor() -> None:
    """Check versions, data folders, bundled weights and writable folders."""
    from rich.console import Console
    from rich.table import Table

    from srviz.doctor import examine

    marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[red]problem[/]"}
    table, findings = Table(box=None), list(examine())
    for column in ("", "topic", "finding"):
        table.add_column(column)
    for finding in findings:
        table.add_row(marks[finding.level], finding.topic, finding.text)
    Console().print(table)
    if any(f.level == "problem" for f in findings):
        raise typer.Exit(1)
