from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from srviz.errors import RecipeError, SrvizError, UnknownNameError
from srviz.networks import load_network, save_weights
from srviz.sweep import load_plan
from srviz.sweep.plan import _sha256

RECIPES = Path(__file__).parents[2] / "recipes"


def _copy(root: Path, tmp_path: Path, old: str = "", new: str = "") -> Path:
    shutil.copytree(root, tmp_path / "copy")
    path = tmp_path / "copy" / "plan.toml"
    path.write_text(path.read_text().replace(old, new, 1))
    return path


def test_a_plan_is_the_union_of_its_blocks_each_run_once(root: Path) -> None:
    runs = load_plan(root / "plan.toml").runs()
    assert [(r.norm, r.method, r.bits) for r in runs] == [
        ("none", "none", 32), ("batch", "none", 32), ("none", "pams", 4), ("batch", "pams", 4),
        ("batch", "ddtb", 4),
    ]  # fmt: skip
    assert len({run.id for run in runs}) == 5
    assert runs[1].label == "E + BN"
    recipe = runs[4].recipe
    assert recipe.quantize is not None
    assert recipe.quantize.method == "ddtb"
    assert recipe.network is not None
    assert recipe.network.norm == "batch"


def test_ids_stay_when_the_folder_moves_and_bookkeeping_changes(root: Path, tmp_path: Path) -> None:
    before = [run.id for run in load_plan(root / "plan.toml").runs()]
    path = _copy(root, tmp_path)
    recipe = path.with_name("pams.toml")
    recipe.write_text(recipe.read_text() + "log_every = 7\n[loss]\nl1 = 1.0\n")
    assert [run.id for run in load_plan(path).runs()] == before


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("steps = 3", "steps = 4", [2, 3]),
        ("patch = 8", "patch = 9", [2, 3]),
        ("[quantize]", "[quantize]\nweights = 8", [2, 3]),
    ],
)
def test_ids_follow_what_decides_the_outcome(
    root: Path, tmp_path: Path, old: str, new: str, changed: list[int]
) -> None:
    before = [run.id for run in load_plan(root / "plan.toml").runs()]
    path = _copy(root, tmp_path)
    recipe = path.with_name("pams.toml")
    recipe.write_text(recipe.read_text().replace(old, new))
    after = [run.id for run in load_plan(path).runs()]
    assert [i for i in range(5) if before[i] != after[i]] == changed


def test_ids_follow_the_content_of_the_weights(root: Path, tmp_path: Path) -> None:
    before = [run.id for run in load_plan(root / "plan.toml").runs()]
    path = _copy(root, tmp_path)
    torch.manual_seed(5)
    net = load_network("edsr", scale=2, n_blocks=1, n_feats=4)
    save_weights(net, path.with_name("plain.safetensors"))
    _sha256.cache_clear()
    after = [run.id for run in load_plan(path).runs()]
    assert [a == b for a, b in zip(after, before, strict=True)] == [False, True, False, True, True]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bits = [32, 4]", "bits = [32, 9]", "quantize.bits"),
        ('methods = ["pams"]', 'methods = ["pans"]', "did you mean 'pams'"),
        ('networks = ["E"]', 'networks = ["F"]', "unknown network of the plan 'F'"),
        ('name = "edsr"', 'name = "edssr"', "did you mean 'edsr'"),
        ('pams = "pams.toml"', 'pams = "none.toml"', "none.toml cannot be read"),
        ("plain.safetensors", "none.safetensors", "none.safetensors"),
        ("none = ", "# none = ", "not TOML"),
        ("[networks.E]", "extra = 1\n[networks.E]", "extra"),
        ("norms =", "norm =", "matrix.1.norm"),
    ],
)
def test_a_bad_plan_is_one_line_before_anything_runs(
    root: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises((RecipeError, UnknownNameError, SrvizError)) as caught:
        load_plan(_copy(root, tmp_path, old, new)).runs()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_norm_without_weights_says_which_key_is_missing(root: Path, tmp_path: Path) -> None:
    path = _copy(root, tmp_path, ', batch = "bn.safetensors"', "")
    with pytest.raises(RecipeError, match=r"networks\.E\.weights\.batch = PATH"):
        load_plan(path).runs()


def test_the_shipped_plan_is_the_matrix_of_the_study() -> None:
    plan = load_plan(RECIPES / "paper-laptop.toml")
    assert {b for block in plan.matrix for b in block.bits} == {32, 8, 4, 3, 2}
    assert (
        {m for block in plan.matrix for m in block.methods} == {"pams", "ddtb"} == set(plan.recipes)
    )
    assert {n.name for n in plan.networks.values()} == {"edsr", "idn"}
    seeds = [s for block in plan.matrix if 3 in block.bits for s in block.seeds]
    assert set(seeds) == {0, 1, 2}


def test_a_block_may_train_longer_than_its_recipe(root: Path, tmp_path: Path) -> None:
    path = _copy(root, tmp_path, "bits = [32, 4]", "bits = [32, 4]\nsteps = 5")
    steps = [run.recipe.run.steps for run in load_plan(path).runs() if run.trained]
    assert steps == [
        5,
        5,
        3,
        3,
    ]  # of the second block: PAMS again, at its recipe's length, and DDTB


def test_the_plan_for_the_published_network_finds_its_weights(
    srviz_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SRVIZ_DATA", str(srviz_data))
    runs = load_plan(RECIPES / "published-edsr.toml").runs()
    assert [(run.bits, run.recipe.run.steps) for run in runs if run.trained] == [
        (4, 1250), (8, 1250), (3, 1250),
    ]  # fmt: skip
