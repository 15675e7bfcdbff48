"""The report's command line joins a sweep to the study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import srviz.study
from srviz.cli import app
from srviz.data import Image, ImageSet
from srviz.errors import FileFormatError
from srviz.networks import load_network
from srviz.study import Pair

SITE = "blocks.1.slot_mid:out"


def _sweep(folder: Path) -> Path:
    """EDSR at 4 bits with PAMS, without and with BN, as a finished sweep leaves it."""
    runs, scores = [], []
    for run, (label, norm, psnr) in enumerate(
        (("EDSR", "none", 25.0), ("EDSR + BN", "batch", 25.4))
    ):
        runs.append((f"r{run}", "EDSR", norm, "pams", 4, 0, "finished", ""))
        scores.append((label, "pams", 4, "Urban100", "img", 4, "y", "whole", psnr, 0.8))
        (folder / "runs" / f"r{run}").mkdir(parents=True)
        bounds = pd.DataFrame(
            {"step": [0, 300], "site": SITE, "bound": "alpha", "value": [9.0, 3.0], "channel": None}
        )
        bounds.to_parquet(folder / "runs" / f"r{run}" / "bounds.parquet")
    keys = ["run", "network", "norm", "method", "bits", "seed", "state", "error"]
    pd.DataFrame(runs, columns=keys).to_csv(folder / "runs.csv", index=False)
    names = ["network", "method", "bits", "dataset", "image", "scale", "protocol", "mode"]
    table = pd.DataFrame(scores, columns=[*names, "psnr", "ssim"])
    table.to_parquet(folder / "scores.parquet")
    return folder


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study of two small networks on a small image."""
    torch.manual_seed(0)
    nets = [load_network("edsr", n_blocks=2, n_feats=4, norm=n) for n in (None, "batch")]
    high = np.random.default_rng(0).integers(0, 256, (72, 64, 3), dtype=np.uint8)
    images = ImageSet("noise", 4, (Image(name="n", scale=4, high=high),))
    whole = srviz.study.run_study

    def small(**options: Any) -> Any:
        options |= {"images": images, "score_bits": (), "with_sensitivity": False}
        return whole([Pair(name="EDSR", plain=nets[0], normed=nets[1])], **options)

    monkeypatch.setattr("srviz.study.run_study", small)


@pytest.mark.usefixtures("tiny")
def test_a_sweep_is_read_scored_and_shown(tmp_path: Path) -> None:
    out, sweep = tmp_path / "page", _sweep(tmp_path / "sweep")
    words = ["report", "--out", out, "--limit", 1, "--sweep", sweep]
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert (out / "figures" / "edsr_F2_levels.pdf").stat().st_size
    html = (out / "index.html").read_text()
    assert "After 300 training steps, at 4 bits and below, BN raises PSNR in the only case" in html
    assert f"<code>srviz report --limit 1 --sweep {sweep}</code>" in html
    trained = pd.read_csv(out / "tables" / "trained.csv")
    assert trained["bn_gain"].tolist() == pytest.approx([0.4])
    assert trained["bn_gain_published"].tolist() == pytest.approx([0.1])  # T2: 25.30 and 25.40
    assert len(pd.read_csv(out / "tables" / "bounds.csv")) == 4
    best = pd.read_csv(out / "tables" / "best_bounds.csv")
    assert set(best["label"]) == {"EDSR", "EDSR + BN"}
    assert SITE in set(best["site"])
    assert (best["upper"] == -best["lower"]).all()


def test_a_folder_without_a_sweep_is_refused_before_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("srviz.study.run_study", lambda **_: pytest.fail("the study was begun"))
    words = ["report", "--out", str(tmp_path / "page"), "--sweep", str(tmp_path)]
    with pytest.raises(FileFormatError, match="holds no sweep"):
        CliRunner().invoke(app, words, catch_exceptions=False)
