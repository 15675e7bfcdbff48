"""A recipe from beginning to end: build, quantize, train."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from srviz.errors import RecipeError
from srviz.networks.forward import scale_of
from srviz.training.build import build_network
from srviz.training.loop import train
from srviz.training.pool import Data, load_pool
from srviz.training.recipe import Recipe, load_recipe
from srviz.training.student import build_student
from srviz.training.teacher import teacher_of


def train_recipe(
    recipe: str | Path | Recipe,
    *,
    data: Data,
    out: str | Path,
    norm: str | None = None,
    weights: str | Path | None = None,
    teacher: str | Path | None = None,
    progress: bool = True,
    tensorboard: bool = False,
) -> pd.DataFrame:
    """Build the recipe's network, quantize it if the recipe says so, and train it.

    Parameters
    ----------
    recipe : path or Recipe
    data, out, progress, tensorboard
        As for :func:`srviz.train`.
    norm, weights, teacher : optional
        Override ``network.norm``, ``network.weights`` and ``loss.teacher``.

    Returns
    -------
    DataFrame
        The log, see :func:`srviz.train`.

    Raises
    ------
    RecipeError
        No ``[network]``, or a quantized run that would start from scratch.
    """
    recipe = load_recipe(recipe).adapted(
        norm=norm,
        weights=None if weights is None else str(weights),
        teacher=None if teacher is None else str(teacher),
    )
    net = build_network(recipe)
    guide = teacher_of(recipe, net)
    if recipe.quantize is not None:
        if recipe.network is None or recipe.network.weights is None:
            raise RecipeError(
                "a quantized network starts from full-precision weights",
                fix="network.weights = 'bundled' or a file, or --weights",
            )
        data = load_pool(data, recipe.data, scale_of(net), progress)
        net = build_student(net, recipe, data)
    return train(
        net, recipe, data=data, out=out, teacher=guide, progress=progress, tensorboard=tensorboard
    )
