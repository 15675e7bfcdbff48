"""The scripts of figures/ run as a user runs them and write what they promise."""

from __future__ import annotations

import hashlib
import json
import re
import runpy
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import srviz as sv

FOLDER = Path(__file__).parents[1] / "figures"
SWEEP = FOLDER.parent / "docs" / "results" / "paper-laptop"
SCRIPTS = sorted(p for p in FOLDER.glob("*.py") if p.stem not in ("bundled", "swept"))


def test_there_is_a_script_for_each_exhibit() -> None:
    assert [p.stem for p in SCRIPTS] == ["crops", "f1", "f2", "f3", "t1", "t2", "t3"]


def test_make_runs_every_script() -> None:
    rule = (FOLDER.parent / "Makefile").read_text().split("figures: ")[1].split("\n")[1]
    patterns = re.findall(r"figures/(\S+\.py)", rule)
    assert sorted(p for pattern in patterns for p in FOLDER.glob(pattern)) == SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_a_script_writes_its_exhibit(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(script), str(tmp_path)])
    monkeypatch.setattr(sv, "load_images", partial(sv.load_images, limit=3))
    monkeypatch.syspath_prepend(str(FOLDER))
    runpy.run_path(str(script), run_name="__main__")
    names = ["crops_pams", "crops_ddtb"] if script.stem == "crops" else [script.stem.upper()]
    for name in names:
        for suffix in (".pdf", ".png", ".json"):
            assert (tmp_path / f"{name}{suffix}").stat().st_size
        about = json.loads((tmp_path / f"{name}.json").read_text())
        assert {"EDSR", "EDSR + BN"} <= set(about["sources"])
        assert all(source["weights_sha256"] for source in about["sources"].values())
    if script.stem in CHECKS:
        CHECKS[script.stem](tmp_path)


def _intervals(out: Path) -> None:
    table = pd.read_csv(out / "T1.csv")
    plain, normed = table["EDSR, max"], table["EDSR + BN, max"]
    assert (plain > 2 * normed).all(), "BN shrinks the intervals, as in the study"


def _gains(name: str, published: float, out: Path) -> None:
    """Beside the study's cell, the mean over the committed scores."""
    table = pd.read_csv(out / f"{name}.csv")
    assert table["dataset"].tolist()[0] == "Urban100"
    assert "Photo2K (stand-in)" in set(table["dataset"])
    cell = table.query("network == 'EDSR' and bits == 3 and dataset == 'Urban100'").iloc[0]
    assert cell["bn_gain_published"] == published
    scores = pd.read_csv(SWEEP / "scores.csv")
    mine = scores.query("method == @cell.method.lower() and bits == 3 and dataset == 'Urban100'")
    means = mine.groupby("network")["psnr"].mean()
    assert cell["bn_gain"] == pytest.approx(means["EDSR + BN"] - means["EDSR"])
    assert r"{Photo2K (stand-in)}" in (out / f"{name}.tex").read_text()


def _crops(out: Path) -> None:
    """Each quantized network is named by the digest of the file that was committed."""
    sources = json.loads((out / "crops_ddtb.json").read_text())["sources"]
    quantized = {name: about for name, about in sources.items() if "bits" in name}
    assert list(quantized) == [
        f"EDSR{end}, DDTB {bits} bits" for end in ("", " + BN") for bits in (4, 3)
    ]
    for about in quantized.values():
        path = SWEEP / "runs" / about["run"] / "model.safetensors"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == about["weights_sha256"]


CHECKS: dict[str, Callable[[Path], None]] = {
    "t1": _intervals,
    "t2": partial(_gains, "T2", 1.50),  # PAPER.md
    "t3": partial(_gains, "T3", -0.03),
    "crops": _crops,
}
