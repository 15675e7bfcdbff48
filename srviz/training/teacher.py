"""The full-precision network whose features ``loss.skt`` distils."""

from __future__ import annotations

import copy

from torch import nn

from srviz.errors import ArgumentError, RecipeError
from srviz.networks import load_network
from srviz.networks.forward import scale_of
from srviz.training.recipe import Recipe
from srviz.training.tap import check_features


def teacher_of(recipe: Recipe, net: nn.Module) -> nn.Module | None:
    """The recipe's teacher: of a file, or ``net``, the one the run starts from.

    Returns
    -------
    nn.Module or None
        None when ``loss.skt`` is 0.

    Raises
    ------
    RecipeError
        Neither is trained.
    """
    part = recipe.network
    if recipe.loss.skt == 0 or part is None:
        return None
    if recipe.loss.teacher is None:
        if part.weights is None:
            raise RecipeError("loss.skt needs a trained teacher", fix="loss.teacher or --teacher")
        return net
    norm = part.norm if recipe.loss.teacher == "bundled" else None
    return load_network(part.name, scale=part.scale, norm=norm, weights=recipe.loss.teacher)


def frozen_teacher(teacher: nn.Module | None, net: nn.Module, recipe: Recipe) -> nn.Module | None:
    """A frozen copy of the teacher of ``net``, in evaluation mode.

    Returns
    -------
    nn.Module or None
        None when ``loss.skt`` is 0.

    Raises
    ------
    RecipeError
        There is no teacher.
    ArgumentError
        It is of another scale, or shows no features.
    """
    if recipe.loss.skt == 0:
        return None
    if teacher is None:
        raise RecipeError(
            "loss.skt needs a teacher", fix="pass teacher=the full-precision network, or skt = 0"
        )
    if scale_of(teacher) != scale_of(net):
        raise ArgumentError(
            f"the teacher is x{scale_of(teacher)}, the network x{scale_of(net)}",
            fix=f"a teacher of scale {scale_of(net)}",
        )
    check_features(teacher)
    return copy.deepcopy(teacher).eval().requires_grad_(False)
