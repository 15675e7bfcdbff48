"""From a full-precision network and a recipe to the quantized network to be trained."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from srviz.capture import capture
from srviz.data.patches import PatchPool
from srviz.errors import RecipeError, WeightsError
from srviz.grid import Grids
from srviz.quantizers import calibrate_on, quantize, select_gates
from srviz.training.recipe import QuantizePart, Recipe
from srviz.unfitness import calibrate


def build_student(net: nn.Module, recipe: Recipe, pool: PatchPool) -> nn.Module:
    """A quantized copy of ``net`` as the recipe's ``[quantize]`` says: bounds calibrated, gates in.

    Both rest on the first ``calibration`` batches of the run, so that the same recipe always
    starts from the same network.

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
    batches = [batch.float() for batch in batches]
    grids = None if part.criterion is None else _grids(net, part, batches)
    student = quantize(
        net, part.method, part.bits, grids, weights=part.weights, graph=part.graph, **part.options
    )
    if grids is None:
        calibrate_on(student, batches)
    if part.gates is not None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.run.seed)
            select_gates(student, batches, part.gates.fraction, release=part.gates.release)
    check_initialised(student, net)
    return student


def _grids(net: nn.Module, part: QuantizePart, batches: list[Tensor]) -> Grids:
    """Bounds by the recipe's criterion, from the full-precision activations."""
    prof = capture(net, batches, sites="slots", progress=False)
    return calibrate(
        prof, part.method, part.bits, criterion=part.criterion, percentile=part.percentile
    )


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
