"""The bundled networks: scored as stated, made as stated, pairs that differ in BN alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from srviz.data import load_images
from srviz.networks import load_network
from srviz.networks.registry import BUNDLED
from srviz.scoring import evaluate
from srviz.training import Recipe, load_recipe

RECIPES = Path(__file__).parents[2] / "recipes"
PAIRS = {
    "edsr": ("edsr_s_x4", 30.9, ["edsr_s.toml", "edsr_s_cycle2.toml"]),
    "idn": ("idn_x4", 30.7, ["idn.toml"]),
}
NETWORKS = [(name, stem + end) for name, (stem, *_) in PAIRS.items() for end in ("", "_bn")]


def _about(stem: str) -> dict:
    return json.loads((BUNDLED / f"{stem}.json").read_text())


@pytest.mark.parametrize(("name", "stem"), NETWORKS)
def test_stated_scores_reach_the_goal_and_the_log_is_there(name: str, stem: str) -> None:
    assert _about(stem)["scores"]["Set5"]["psnr"] >= PAIRS[name][1]
    assert (BUNDLED / f"{stem}.safetensors").stat().st_size < 7e6
    log = pd.read_csv(BUNDLED / f"{stem}.csv")
    steps = [recipe["run"]["steps"] for recipe in _about(stem)["recipes"]]
    assert log.groupby("cycle")["step"].max().tolist() == steps
    assert log["loss"].iloc[-1] < log["loss"].iloc[0]


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_shares_the_recipes_and_seeds_that_are_in_recipes(name: str) -> None:
    stem, _, files = PAIRS[name]
    plain, normed = _about(stem), _about(f"{stem}_bn")
    assert plain["recipes"] == normed["recipes"]
    made = [Recipe.model_validate(recipe) for recipe in plain["recipes"]]
    assert made == [load_recipe(RECIPES / file) for file in files]
    assert (plain["norm"], normed["norm"]) == (None, "batch")


@pytest.mark.parametrize(("name", "stem"), NETWORKS)
def test_set5_scores_are_those_stated(srviz_data: Path, name: str, stem: str) -> None:
    norm = "batch" if stem.endswith("_bn") else None
    net = load_network(name, norm=norm, weights="bundled")
    scores = evaluate({stem: net}, load_images(srviz_data / "benchmark/Set5"), progress=False)
    stated = _about(stem)["scores"]["Set5"]
    assert scores["psnr"].mean() == pytest.approx(stated["psnr"], abs=0.005)
    assert scores["ssim"].mean() == pytest.approx(stated["ssim"], abs=5e-4)
