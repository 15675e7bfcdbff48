"""The scripts of figures/ run as a user runs them and write what they promise."""

from __future__ import annotations

import json
import runpy
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import srviz as sv

FOLDER = Path(__file__).parents[1] / "figures"
SCRIPTS = sorted(p for p in FOLDER.glob("*.py") if p.stem != "bundled")


def test_there_is_a_script_for_each_exhibit() -> None:
    assert [p.stem for p in SCRIPTS] == ["f1", "f2", "f3", "t1"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_a_script_writes_its_exhibit(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(script), str(tmp_path)])
    monkeypatch.setattr(sv, "load_images", partial(sv.load_images, limit=2))
    monkeypatch.syspath_prepend(str(FOLDER))
    runpy.run_path(str(script), run_name="__main__")
    name = script.stem.upper()
    for suffix in (".pdf", ".png", ".json"):
        assert (tmp_path / f"{name}{suffix}").stat().st_size
    about = json.loads((tmp_path / f"{name}.json").read_text())
    assert {"EDSR", "EDSR + BN"} <= set(about["sources"])
    assert all(source["weights_sha256"] for source in about["sources"].values())
    if name == "T1":
        table = pd.read_csv(tmp_path / "T1.csv")
        plain, normed = table["EDSR, max"], table["EDSR + BN, max"]
        assert (plain > 2 * normed).all(), "BN shrinks the intervals, as in the study"
