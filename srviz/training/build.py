"""The network a recipe asks for, freshly initialised from the recipe's seed or from weights."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from srviz.errors import RecipeError
from srviz.networks import load_network
from srviz.training.recipe import Recipe


def build_network(
    recipe: Recipe, *, norm: str | None = None, weights: str | Path | None = None
) -> nn.Module:
    """Build the recipe's network; ``norm`` overrides the recipe's, all else staying equal.

    With ``weights`` (see :func:`srviz.load_network`), or those the recipe names, training starts
    from them: a further cycle.

    The two networks of a pair are made by two calls with the same recipe: the seed and the
    order of the convolutions are the same, so without ``weights`` they start alike.

    Raises
    ------
    RecipeError
        The recipe has no ``[network]`` table.
    """
    part = recipe.network
    if part is None:
        raise RecipeError("the recipe has no [network]", fix="add it, or pass a network to train")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.run.seed)
        return load_network(
            part.name,
            scale=part.scale,
            norm=norm or part.norm,
            weights=weights or part.weights,
            **part.options,
        )
