"""Put a finished run among the bundled networks, with its recipe, log, seed and scores.

usage: SRVIZ_DATA=... python recipes/bundle.py RUN_FOLDER NAME      e.g. runs/edsr_s edsr_s_x4

Writes srviz/networks/bundled/NAME.{safetensors,json,csv} and refreshes SHA256.json.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import torch

import srviz as sv
from srviz.networks.registry import BUNDLED

SETS = ("Set5", "Set14")


def main(run: Path, name: str) -> None:
    BUNDLED.mkdir(exist_ok=True)
    weights = BUNDLED / f"{name}.safetensors"
    shutil.copyfile(run / "model.safetensors", weights)
    shutil.copyfile(run / "log.csv", BUNDLED / f"{name}.csv")
    about = {"torch": torch.__version__}
    if (run / "recipe.json").exists():
        network = "edsr" if name.startswith("edsr") else "idn"
        net = sv.load_network(network, weights=weights)
        scores = sv.evaluate({name: net}, SETS)
        means = scores.groupby("dataset", sort=False)[["psnr", "ssim"]].mean().round(4)
        about |= {
            "recipe": json.loads((run / "recipe.json").read_text()),
            "norm": net.config.norm,
            "protocol": "y, whole images, x4",
            "scores": means.to_dict("index"),
        }
    (BUNDLED / f"{name}.json").write_text(json.dumps(about, indent=2) + "\n")
    sums = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(BUNDLED.glob("*.safetensors"))
    }
    (BUNDLED / "SHA256.json").write_text(json.dumps(sums, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
