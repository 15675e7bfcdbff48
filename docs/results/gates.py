"""What DDTB's gates do to the scores of the trained networks: the same networks without them.

usage: SRVIZ_DATA=... python docs/results/gates.py [SWEEP_FOLDER [DATASET]]

The committed table was made from the folder of the sweep itself, which has the networks of 8 bits,
and copied; the committed folder keeps those of 4 and 3 bits.

Scores every trained EDSR with DDTB that the sweep's folder still holds, on Urban100 by default, and
writes ``gates.csv``: mean PSNR with and without gates, and the images where the gates cost most.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import srviz as sv
from srviz.errors import FileFormatError
from srviz.quantizers import DDTB
from srviz.tables import write_table

SWEEP = Path(__file__).parent / "paper-laptop"


def main(folder: Path, dataset: str) -> None:
    results = sv.load_results(folder)
    rows = []
    for bits in (8, 4, 3):
        for network in ("EDSR", "EDSR + BN"):
            try:
                net = sv.load_quantized(results.model(network, "ddtb", bits))
            except FileFormatError:  # trained, but not kept
                continue
            for module in net.modules():
                if isinstance(module, DDTB):
                    module.gate = None
            without = sv.evaluate({network: net}, dataset, progress=False)
            rows.append({"network": network, "bits": bits, **_compared(results, without)})
    if not rows:
        sys.exit(f"{folder} holds no network trained with DDTB")
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    print(write_table(table, folder / "gates.csv"))


def _compared(results: sv.Results, without: pd.DataFrame) -> dict[str, object]:
    """The scores of the sweep, seed 0, beside those of the same network without gates."""
    keys = without[["network", "bits", "dataset"]].iloc[0]
    rows = results.scores.query("method == 'ddtb' and seed == 0")
    for key, value in keys.items():
        rows = rows.loc[rows[key] == value, :]
    gained = rows.set_index("image")["psnr"] - without.set_index("image")["psnr"]
    return {
        "dataset": keys["dataset"],
        "with_gates": round(rows["psnr"].mean(), 3),
        "without_gates": round(without["psnr"].mean(), 3),
        "worst_image": gained.idxmin(),
        "worst_image_gain": round(gained.min(), 2),
        "images_losing_1_db": int((gained < -1).sum()),
    }


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]) if given else SWEEP, given[1] if len(given) > 1 else "Urban100")
