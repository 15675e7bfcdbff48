from __future__ import annotations

import pytest
import torch

from srviz.errors import ArgumentError, RecipeError, UnknownNameError
from srviz.training import Recipe, build_network


def _recipe(**network: object) -> Recipe:
    parts = {"data": {"folders": ["a"]}, "run": {"steps": 1, "seed": 3}}
    return Recipe.model_validate(parts | ({"network": network} if network else {}))


def test_a_pair_starts_from_the_same_weights_and_the_users_randomness_is_left_alone() -> None:
    recipe = _recipe(name="edsr", scale=2, options={"n_blocks": 2, "n_feats": 4})
    before = torch.get_rng_state()
    plain, normed = build_network(recipe), build_network(recipe, norm="batch")
    assert torch.equal(torch.get_rng_state(), before)
    assert (plain.config.norm, normed.config.norm) == (None, "batch")
    shared = normed.state_dict()
    for key, value in plain.state_dict().items():
        assert torch.equal(value, shared[key]), key


def test_a_recipe_that_builds_nothing_is_one_clear_line() -> None:
    with pytest.raises(RecipeError, match=r"no \[network\]"):
        build_network(_recipe())
    with pytest.raises(UnknownNameError, match="did you mean 'edsr'"):
        build_network(_recipe(name="edssr"))
    with pytest.raises(UnknownNameError, match="did you mean 'n_blocks'"):
        build_network(_recipe(name="edsr", options={"n_block": 2}))
    for options in ({"n_blocks": "x"}, {"n_feats": 0}, {"n_feats": 2.5}, {"n_blocks": True}):
        with pytest.raises(ArgumentError, match="whole numbers from 1"):
            build_network(_recipe(name="edsr", options=options))
    with pytest.raises(ArgumentError, match="numbers above 0"):
        build_network(_recipe(name="edsr", options={"res_scale": "small"}))
    with pytest.raises(ArgumentError, match="idn cannot be built with"):
        build_network(_recipe(name="idn", options={"n_feats": 5}))
