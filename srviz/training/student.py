"""From a full-precision network and a recipe to the quantized network to be trained."""

from __future__ import annotations

import torch
from torch import nn

from srviz.capture import capture
from srviz.data.patches import PatchPool
from srviz.errors import RecipeError, WeightsError
from srviz.quantizers import quantize
from srviz.training.recipe import Recipe
from srviz.unfitness import calibrate


def build_student(net: nn.Module, recipe: Recipe, pool: PatchPool) -> nn.Module:
    """A quantized copy of ``net`` as the recipe's ``[quantize]`` says, its bounds calibrated.

    The bounds come from ``net`` in full precision on the first ``calibration`` batches of the
    run, so that the same recipe always starts from the same bounds.

    Raises
    ------
    RecipeError
        The recipe has no ``[quantize]``.
    WeightsError
        The copy does not have all the weights of ``net``.
    """
    part, data = recipe.quantize, recipe.data
    if part is None:
        raise RecipeError("the recipe has no [quantize]", fix="add it, with method and bits")
    batches = [
        torch.from_numpy(pool.batch(data.batch, data.patch, seed=recipe.run.seed, step=step)[0])
        for step in range(part.calibration)
    ]
    prof = capture(net, batches, sites="slots", progress=False)
    grids = calibrate(prof, part.method, part.bits, part.criterion, percentile=part.percentile)
    student = quantize(net, part.method, part.bits, grids, weights=part.weights)
    check_initialised(student, net)
    return student


def check_initialised(student: nn.Module, net: nn.Module) -> None:
    """Assert that the student starts from every tensor of the full-precision network.

    Raises
    ------
    WeightsError
        A tensor is missing or differs, named.
    """
    own = {
        key.replace(".parametrizations.weight.original", ".weight"): value
        for key, value in student.state_dict().items()
    }
    for key, value in net.state_dict().items():
        if key not in own or not torch.equal(own[key], value):
            state = "differs" if key in own else "is missing"
            raise WeightsError(
                f"the quantized network does not start from the weights: {key} {state}"
            )


def check_quantization(net: nn.Module, recipe: Recipe) -> None:
    """Refuse a network that is not quantized as the recipe says; without [quantize] any will do.

    Raises
    ------
    RecipeError
        The network is full precision, or of another method or other bits.
    """
    part, placement = recipe.quantize, getattr(net, "placement", None)
    if part is None:
        return
    if placement is None:
        raise RecipeError(
            "the recipe quantizes, and the network given is full precision",
            fix="train_recipe(recipe, ...), or pass quantize(net, ...)",
        )
    found = set(zip(placement["quantizer"], placement["bits"], strict=True))
    if found != {(part.method, part.bits)}:
        shown = ", ".join(f"{method} {bits} bits" for method, bits in sorted(found))
        raise RecipeError(f"the recipe says {part.method} {part.bits} bits, the network is {shown}")
