"""Why BN helps a trained quantized network or not: what its quantizers get, and how they fit it.

usage: python docs/results/why.py [SWEEP_FOLDER]

Of every trained network that the sweep's folder still holds, seed 0, on the bundled photographs:
each quantizer's own input and real grid, averaged over the blocks. Prints the table and writes
``why.csv`` beside the sweep's tables. The committed table was made from the folder of the sweep
itself, which has every network, and copied; the committed folder keeps EDSR at 4 and 3 bits.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from torch import nn

import srviz as sv
from srviz.data import ImageSet
from srviz.errors import FileFormatError
from srviz.tables import write_table

SWEEP = Path(__file__).parent / "paper-laptop"
SHOWN = [
    "std", "range_start", "range_end", "clipped", "effective_bits", "alpha_log2_ratio", "sqnr_db",
    "unfit_mse",
]  # fmt: skip
KEYS = ["method", "bits", "network", "slot"]


def main(folder: Path) -> None:
    results = sv.load_results(folder)
    images = sv.load_images("samples")
    runs = results.bounds.query("seed == 0")[["network", "method", "bits"]].drop_duplicates()
    tables = []
    for label, method, bits in runs.itertuples(index=False, name=None):
        try:
            net = sv.load_quantized(results.model(label, method, bits))
        except FileFormatError:  # trained, but not kept
            continue
        bounds = results.bounds_of(label, method, bits)
        tables.append(_fit(net, images, bounds).assign(network=label, method=method, bits=bits))
    if not tables:
        sys.exit(f"{folder} holds no trained network")
    table = pd.concat(tables).groupby(KEYS, sort=False).mean(numeric_only=True).reset_index()
    table = table.sort_values([*KEYS[:2], "slot"], ascending=[False, False, True], kind="stable")
    print(table.round(2).to_string(index=False))
    print(write_table(table.round(4), folder / "why.csv"))


def _fit(net: nn.Module, images: ImageSet, bounds: pd.DataFrame) -> pd.DataFrame:
    """One row per quantizer: what it gets, its range before and after training, and its fit."""
    prof = sv.capture(net, images, sites="slots", progress=False)
    table = sv.unfitness(prof, sv.read_grids(net, at="inputs"), per="layer")
    sites = table["site"].astype(str)
    names = sites.str.removesuffix(":in")
    pooled = [prof.histogram(site).pooled() for site in sites]
    ranges = _ranges(bounds)
    table = table.assign(
        slot=names.str.rpartition(".")[2],
        std=[float(one.std[0]) for one in pooled],
        range_start=names.map(ranges.xs(0)),
        range_end=names.map(ranges.xs(bounds["step"].max())),
        clipped=table["clipped_low"] + table["clipped_high"],
    )
    return table[["slot", *SHOWN]]


def _ranges(bounds: pd.DataFrame) -> pd.Series:
    """Upper minus lower bound (twice alpha) by step and module."""
    sign = bounds["bound"].map({"alpha": 2.0, "upper": 1.0, "lower": -1.0})
    rows = bounds.assign(value=sign * bounds["value"], site=bounds["site"].str.removesuffix(":out"))
    return rows.groupby(["step", "site"])["value"].sum()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SWEEP)
