"""Put a finished run among the bundled networks, with its recipe, log, seed and scores.

usage: SRVIZ_DATA=... python recipes/bundle.py NAME RUN_FOLDER [RUN_FOLDER ...]

For instance ``edsr_s_x4 runs/edsr_s runs/edsr_s_cycle2``: the weights of the last run, the recipes
and logs of all of them, in order. Writes srviz/networks/bundled/NAME.{safetensors,json,csv} and
refreshes SHA256.json.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import torch

import srviz as sv
from srviz.networks.registry import BUNDLED

SETS = ("Set5", "Set14")


def main(name: str, runs: list[Path]) -> None:
    BUNDLED.mkdir(exist_ok=True)
    weights = BUNDLED / f"{name}.safetensors"
    shutil.copyfile(runs[-1] / "model.safetensors", weights)
    logs = [pd.read_csv(run / "log.csv").assign(cycle=i) for i, run in enumerate(runs, 1)]
    pd.concat(logs).to_csv(BUNDLED / f"{name}.csv", index=False, float_format="%.6g")
    about = {"torch": torch.__version__, **_about(name, runs, weights)}
    (BUNDLED / f"{name}.json").write_text(json.dumps(about, indent=2) + "\n")
    sums = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(BUNDLED.glob("*.safetensors"))
    }
    (BUNDLED / "SHA256.json").write_text(json.dumps(sums, indent=2) + "\n")


def _about(name: str, runs: list[Path], weights: Path) -> dict[str, Any]:
    """Recipes, and scores on the benchmarks; the digits' ResNet tells its accuracy in its log."""
    recipes = [run / "recipe.json" for run in runs if (run / "recipe.json").exists()]
    if not recipes:
        return {"recipe": "recipes/digits.py", "seed": 0}
    net = sv.load_network(name.split("_")[0], weights=weights)
    scores = sv.evaluate({name: net}, SETS)
    means = scores.groupby("dataset", sort=False)[["psnr", "ssim"]].mean().round(4)
    print(means)
    return {
        "recipes": [json.loads(path.read_text()) for path in recipes],
        "norm": net.config.norm,
        "protocol": "y, whole images, x4",
        "scores": means.to_dict("index"),
    }


if __name__ == "__main__":
    main(sys.argv[1], [Path(folder) for folder in sys.argv[2:]])
