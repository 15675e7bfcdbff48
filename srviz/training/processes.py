"""One process or many: Lightning Fabric as ``torchrun`` started it."""

from __future__ import annotations

import os

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy
from numpy.typing import NDArray
from torch import Tensor

from srviz.errors import RecipeError
from srviz.training.recipe import Recipe


def make_fabric(recipe: Recipe) -> Fabric:
    """Fabric on one device; under ``torchrun`` distributed data parallel over its processes.

    ``torchrun --nproc-per-node 2 -m srviz.cli train ...`` is all it takes; on CPUs the processes
    talk by gloo, on GPUs by NCCL. BN normalizes, and its statistics are taken, by each process's
    own share of the batch.

    Raises
    ------
    RecipeError
        The batch cannot be shared equally among the processes.
    """
    precision, world = recipe.run.precision, int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        return Fabric(accelerator="auto", devices=1, precision=precision)
    if recipe.data.batch % world:
        raise RecipeError(
            f"data.batch = {recipe.data.batch} for {world} processes",
            allowed=f"multiples of {world}",
        )
    local = int(os.environ.get("LOCAL_WORLD_SIZE", str(world)))
    fabric = Fabric(
        accelerator="auto",
        # Buffers are constants, and BN's running statistics, which the first process saves.
        strategy=DDPStrategy(broadcast_buffers=False),
        devices=local,
        num_nodes=world // local,
        precision=precision,
    )
    fabric.launch()
    return fabric


def share(fabric: Fabric, batch: NDArray) -> Tensor:
    """This process's part of a batch, as float32 on its device."""
    part = torch.from_numpy(batch[fabric.global_rank :: fabric.world_size])
    return fabric.to_device(part).float()


def agree(fabric: Fabric, *flags: bool) -> list[bool]:
    """For each flag: is it raised in any process? All processes must ask together."""
    if fabric.world_size == 1:
        return list(flags)
    raised = fabric.to_device(torch.tensor(flags, dtype=torch.float32))
    total = fabric.all_reduce(raised, reduce_op="sum")
    assert isinstance(total, Tensor)
    return [bool(flag) for flag in total.cpu()]


def mean_of(fabric: Fabric, values: dict[str, float]) -> dict[str, float]:
    """Each value as the mean over the processes. All processes must ask together."""
    if fabric.world_size == 1:
        return values
    local = fabric.to_device(torch.tensor(list(values.values()), dtype=torch.float64))
    total = fabric.all_reduce(local, reduce_op="mean")
    assert isinstance(total, Tensor)
    return dict(zip(values, total.tolist(), strict=True))
