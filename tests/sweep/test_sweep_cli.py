"""``srviz train`` and ``srviz sweep`` on tiny networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from srviz.cli import app
from srviz.errors import RecipeError


def _run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_sweep_lists_then_does_every_run(root: Path, tmp_path: Path) -> None:
    call = ("sweep", root / "plan.toml", "--data", root, "--out", tmp_path)
    assert _run(*call, "--dry").count("waiting") == 5
    assert not list(tmp_path.iterdir())
    text = _run(*call)
    assert "T2: PSNR in dB, x2, protocol y" in text
    assert {"T2.csv", "T2.tex", "T3.csv", "T3.tex"} <= {p.name for p in tmp_path.iterdir()}
    assert text.count("finished") == 5
    assert all(label in text for label in ("E + BN", "ddtb"))


def test_train_quantizes_as_the_recipe_says(root: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    network = '[network]\nname = "edsr"\nscale = 2\n'
    recipe.write_text(network + (root / "pams.toml").read_text() + "[loss]\nskt = 1000.0\n")
    weights = root / "bn.safetensors"
    out = tmp_path / "out"
    call = ("train", recipe, "--data", root, "--out", out)
    _run(*call, "--weights", weights, "--teacher", root / "plain.safetensors")
    assert (pd.read_csv(out / "log.csv")["skt"] > 0).all()
    assert len(pd.read_csv(out / "placement.csv")) == 3
    with pytest.raises(RecipeError, match="needs a trained teacher"):
        _run(*call[:-1], tmp_path / "scratch")
