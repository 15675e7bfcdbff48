"""Copy what is worth keeping of a sweep: tables, logs, trajectories, and the networks asked for.

usage: python recipes/results.py PLAN RUN_FOLDER OUT [NETWORK:BITS ...]

For instance ``recipes/paper-laptop.toml runs/paper-laptop docs/results/paper-laptop EDSR:4
EDSR:3``: the trained networks of EDSR at 4 and 3 bits, seed 0, with and without BN. Runs that are
not finished are left out. ``OUT`` is itself the folder of a sweep: ``srviz sweep PLAN --out OUT``
prints its tables and trains only what is missing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from srviz.sweep import gather, runs_table

KEPT = ("recipe.json", "log.csv", "bounds.parquet", "placement.csv", "scores-*.parquet")


def main(plan: Path, runs: Path, out: Path, networks: list[str]) -> None:
    """Copy, then write the tables of what was copied."""
    asked = {(name, int(bits)) for name, bits in (n.split(":") for n in networks)}
    table = runs_table(plan, runs)
    for row in table.loc[table["state"] == "finished", :].to_dict("records"):
        source, target = (folder / "runs" / str(row["run"]) for folder in (runs, out))
        target.mkdir(parents=True, exist_ok=True)
        keep_network = (row["network"], row["bits"]) in asked and row["seed"] == 0
        for pattern in (*KEPT, *(["model.safetensors"] if keep_network else [])):
            for path in source.glob(pattern):
                shutil.copyfile(path, target / path.name)
    gather(plan, out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), sys.argv[4:])
