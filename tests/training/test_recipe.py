from __future__ import annotations

from pathlib import Path

import pytest

from srviz.errors import RecipeError
from srviz.training.recipe import Recipe, load_recipe

RECIPES = Path(__file__).parents[2] / "recipes"
GOOD = '[data]\nfolders = ["a"]\n[run]\nsteps = 3\n'


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "r.toml"
    path.write_text(text)
    return path


def test_defaults_are_filled_in_and_recorded(tmp_path: Path) -> None:
    recipe = load_recipe(_write(tmp_path, GOOD))
    assert recipe.data.batch == 16
    assert '"precision": "32-true"' in recipe.to_json()
    assert Recipe.model_validate_json(recipe.to_json()) == recipe


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (GOOD + "stepz = 4\n", "run.stepz"),
        (GOOD.replace("steps", "setps"), r"run\.setps.*the keys here are steps"),
        (GOOD.replace("steps = 3", "steps = 0"), "run.steps"),
        (GOOD.replace('["a"]', "[]"), "data.folders"),
        ("[run]\nsteps = 3\n", "data"),
        ("[run\n", "not TOML"),
        (GOOD + '[quantize]\nmethod = "pans"\nbits = 4\n', "did you mean 'pams'"),
        (GOOD + '[quantize]\nmethod = "pams"\nbits = 9\n', r"quantize\.bits"),
        (GOOD + '[quantize]\nmethod = "pams"\nbits = 4\nweights = 1\n', r"true, false or a number"),
        (GOOD + '[quantize]\nmethod = "pams"\nbits = 4\nbit = 3\n', "the keys here are method"),
        (GOOD + '[quantize]\nmethod = "pams"\nbits = 4\ngates = {warmup = 1}\n', "gates belong to"),
        (GOOD + "[loss]\nl2 = 1\n", "the keys here are l1, skt, teacher"),
        (GOOD + '[norm]\nstatistics = "frozen"\n', "'update' or 'freeze'"),
        (GOOD + '[optim]\nschedule = "step"\n', "step_every belongs to"),
        (GOOD + "[optim]\nstep_every = 5\n", "step_every belongs to"),
    ],
)
def test_a_bad_recipe_names_the_key_in_one_line(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RecipeError, match=named) as caught:
        load_recipe(_write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_an_unknown_key_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="checkpoint_every"):
        load_recipe(_write(tmp_path, GOOD + "stepz = 4\n"))


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"none\.toml cannot be read"):
        load_recipe(tmp_path / "none.toml")


SHIPPED = [p for p in sorted(RECIPES.glob("*.toml")) if "[[matrix]]" not in p.read_text()]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_shipped_recipe_is_valid(path: Path) -> None:
    assert load_recipe(path).network is not None


def test_what_a_caller_overrides_is_recorded_in_the_recipe(tmp_path: Path) -> None:
    recipe = load_recipe(_write(tmp_path, GOOD + '[network]\nname = "edsr"\n'))
    assert recipe.adapted() == recipe
    changed = recipe.adapted(norm="batch", weights="a.pt", teacher="b.pt")
    assert changed.network is not None
    assert (changed.network.norm, changed.network.weights) == ("batch", "a.pt")
    assert changed.loss.teacher == "b.pt"
    with pytest.raises(RecipeError, match=r"network\.norm"):
        recipe.adapted(norm="layer")
    with pytest.raises(RecipeError, match=r"no \[network\]"):
        load_recipe(_write(tmp_path, GOOD)).adapted(norm="batch")


def test_any_key_can_be_overridden_and_is_checked(tmp_path: Path) -> None:
    recipe = load_recipe(_write(tmp_path, GOOD + '[quantize]\nmethod = "pams"\nbits = 4\n'))
    changed = recipe.adapted(quantize={"bits": 3}, optim={"lr": 0.5})
    assert changed.quantize is not None
    assert (changed.quantize.method, changed.quantize.bits) == ("pams", 3)
    assert changed.optim.lr == 0.5
    assert changed.run == recipe.run
    with pytest.raises(RecipeError, match=r"quantize\.bits"):
        recipe.adapted(quantize={"bits": 9})
    with pytest.raises(RecipeError, match=r"run\.stepz.*the keys here are steps"):
        recipe.adapted(run={"stepz": 9})
    with pytest.raises(RecipeError, match=r"bits: .*the keys here are network, quantize"):
        recipe.adapted(bits=3)  # pyright: ignore[reportArgumentType]
