"""Run the benchmarks named on the command line (all by default) and print one table."""

from __future__ import annotations

import importlib
import sys

import pandas as pd

NAMES = ("startup", "capture", "train_step", "evaluation", "report")


def main(names: list[str]) -> None:
    rows = []
    for name in names or NAMES:
        rows += importlib.import_module(f"benchmarks.{name}").run()
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
