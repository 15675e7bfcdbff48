"""The command line: every verb does its job on the bundled networks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from srviz.cli import app

VERBS = [
    "report",
    "sites",
    "capture",
    "intervals",
    "unfitness",
    "evaluate",
    "train",
    "sweep",
    "doctor",
]


def _run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one small image."""
    path = tmp_path_factory.mktemp("images")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path / "noise.png")
    return path


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    text = _run(verb, "--help")
    assert "Usage" in text
    assert verb == "doctor" or "Example:  srviz" in text


def test_help_lists_every_verb() -> None:
    text = _run("--help")
    assert all(verb in text for verb in VERBS)


def test_no_verb_at_all_shows_the_help() -> None:
    command = [sys.executable, "-m", "srviz.cli"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage: srviz" in result.stdout
    assert not result.stderr


def test_sites_lists_the_slots_in_execution_order(tmp_path: Path) -> None:
    _run("sites", "edsr", "--csv", tmp_path / "sites.csv")
    table = pd.read_csv(tmp_path / "sites.csv")
    slots = table.loc[table["kind"] == "Slot", "site"]
    slots = slots[slots.str.endswith(":out")].tolist()
    assert slots[:3] == ["blocks.0.slot_in:out", "blocks.0.slot_mid:out", "blocks.0.slot_out:out"]


def test_capture_then_intervals_then_unfitness(folder: Path, tmp_path: Path) -> None:
    prof, csv = tmp_path / "edsr.profile", tmp_path / "t.csv"
    assert "24 sites" in _run("capture", "edsr", "--images", folder, "--out", prof)
    _run("intervals", prof, "--bits", 3, "--criteria", "max, min", "--csv", csv)
    table = pd.read_csv(csv)
    np.testing.assert_allclose(table["interval"], table["alpha"] / 3)
    _run("unfitness", prof, "--bits", 3, "--csv", csv)
    assert len(pd.read_csv(csv)) == 24
    _run("unfitness", prof, "--per", "channel", "--csv", csv)
    assert len(pd.read_csv(csv)) == 24 * 32


@pytest.mark.parametrize("mode", ["whole", "patch"])
def test_evaluate_scores_full_precision_and_quantized(
    folder: Path, tmp_path: Path, mode: str
) -> None:
    csv = tmp_path / "s.csv"
    said = _run("evaluate", "edsr", "--images", folder, "--bits", 3, "--mode", mode, "--csv", csv)
    table = pd.read_csv(csv).set_index("network")
    assert table.loc["FP", "bits"] == 32
    assert table.loc["pams-3", "bits"] == 3
    assert set(table["mode"]) == {mode}
    assert table.loc["FP", "psnr"] != table.loc["pams-3", "psnr"]
    assert "mean over images" in said
    assert f"{table.loc['FP', 'psnr']:.4f}" in said


def test_doctor_finds_the_bundled_weights_sound() -> None:
    text = _run("doctor")
    assert "edsr_s_x4.safetensors" in text
    assert "checksum differs" not in text
