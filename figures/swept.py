"""The study's sweep over the bundled networks: what T2, T3 and the crops are made from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bundled import out_folder

import srviz as sv
from srviz.sweep import Results, load_plan
from srviz.sweep.exhibit import write_exhibits
from srviz.training import build_network

ROOT = Path(__file__).parents[1]
PLAN = ROOT / "recipes" / "paper-laptop.toml"
SWEEP = ROOT / "docs" / "results" / "paper-laptop"
"""Where the plan was carried out, unless a folder is given as the scripts' second argument."""

SHOWN = {"Urban100": "Urban100", "Photo2K": "Photo2K (stand-in)"}
"""The study's data set first; Photo2K stands in for Test2K, which needs a registration."""


def swept() -> Results:
    """The finished runs."""
    return sv.load_results(sys.argv[2] if len(sys.argv) > 2 else SWEEP)


def provenance(results: Results, method: str) -> dict[str, dict[str, Any]]:
    """By network: the weights its runs began with, the plan, and how much of it is done."""
    runs = results.runs.loc[results.runs["method"].isin(["none", method]), :]
    about = {
        "plan": PLAN.relative_to(ROOT).as_posix(),
        "protocol": "/".join(dict.fromkeys(results.scores["protocol"])),
        "runs_planned": len(runs),
        "runs_finished": int((runs["state"] == "finished").sum()),
    }
    # A run's id contains the digest of its weights, so equal ids mean equal weights.
    found = [
        run for run in load_plan(PLAN).runs() if not run.trained and run.id in set(runs["run"])
    ]
    return {
        run.label: {"weights_sha256": build_network(run.recipe).weights_sha256, "run": run.id}
        | about
        for run in found
    }


def gains(name: str, method: str) -> None:
    """Print and write the table of one method, and draw what BN gains on each data set."""
    out, results = out_folder(), swept()
    scores = results.scores.loc[results.scores["method"].isin(["none", method]), :]
    scores = scores.assign(dataset=scores["dataset"].map(lambda d: SHOWN.get(d, d)))
    first = scores["dataset"] != SHOWN["Urban100"]
    scores = scores.loc[first.sort_values(kind="stable").index, :]
    table = sv.scores_table(scores)
    print(sv.paper_table(table, method.upper()).round(2).to_string(na_rep="-"))
    out.mkdir(parents=True, exist_ok=True)
    write_exhibits(scores, out)
    figure = sv.figure_bn_gain(table)
    drawn = sv.save_figure(figure, out / name, provenance=provenance(results, method))
    print(out / f"{name}.csv", out / f"{name}.tex", *drawn)
