"""Verbs that train: one recipe, or every run of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from srviz.cli import shared
from srviz.cli.app import app


@app.command(epilog="Example:  srviz train recipes/laptop-pams.toml --data TRAIN --out runs/pams4")
def train(
    recipe: Annotated[Path, typer.Argument(help="A recipe in TOML.")],
    data: Annotated[Path, typer.Option(help="Parent of the recipe's folders.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; resumes if it holds one.")],
    norm: Annotated[str | None, typer.Option(help="Overrides the recipe's norm.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Start from this file ('bundled' too); overrides the recipe's."),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(help="Full-precision network to distil; what the run starts from if unset."),
    ] = None,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard's files.")] = False,
) -> None:
    """Train a network, quantized if the recipe says so; Ctrl-C is safe, the same call resumes."""
    from srviz.training import train_recipe

    # The bar stays on in a log, too: it is all that tells of hours of training.
    train_recipe(
        recipe,
        data=data,
        out=out,
        norm=norm,
        weights=weights,
        teacher=teacher,
        tensorboard=tensorboard,
    )
    print(out / "model.safetensors")


@app.command(epilog="Example:  srviz sweep recipes/paper-laptop.toml --data TRAIN --out runs/paper")
def sweep(
    plan: Annotated[Path, typer.Argument(help="A plan of runs in TOML.")],
    data: Annotated[Path, typer.Option(help="Parent of the recipes' folders.")],
    out: Annotated[Path, typer.Option(help="Folder of the sweep; finished runs are kept.")],
    on: Annotated[str, typer.Option(help="'local' or 'ray'.")] = "local",
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.")] = None,
    dry: Annotated[bool, typer.Option(help="List the runs and do nothing.")] = False,
) -> None:
    """Train and score every run of a plan; the same call goes on after Ctrl-C.

    Prints the study's tables T2 (PAMS) and T3 (DDTB) beside the published numbers, and leaves
    them in the folder as CSV and LaTeX.
    """
    from srviz.sweep import load_plan, runs_table
    from srviz.sweep import sweep as run

    loaded = load_plan(plan)
    if not dry:
        scores = run(loaded, data=data, out=out, on=on, address=address)
        _print_exhibits(scores, out)
    table = runs_table(loaded, out)
    shared.show(table, None)
    if not dry and set(table["state"].tolist()) != {"finished"}:
        raise typer.Exit(1)


def _print_exhibits(scores: Any, out: Path) -> None:
    from srviz.sweep import exhibits

    for exhibit in exhibits(scores) if len(scores) else ():
        path = out / exhibit.name
        print(f"{exhibit.name}: PSNR in dB, {exhibit.setting}; {path}.csv and .tex")
        print(exhibit.table.to_string(float_format=lambda v: f"{v:.2f}", na_rep="-") + "\n")
