"""The patches a recipe trains on."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from srviz.data.patches import PatchPool, load_patch_pool
from srviz.networks.forward import scale_of
from srviz.training.recipe import Recipe


def load_pool(data: str | Path, recipe: Recipe, net: nn.Module, progress: bool = True) -> PatchPool:
    """Read the recipe's folders below ``data``, at the scale of ``net``, into memory.

    Raises
    ------
    DataError
        A folder is missing or empty, an image is unreadable or smaller than the patch.
    """
    part = recipe.data
    return load_patch_pool(
        data,
        part.folders,
        scale=scale_of(net),
        patch=part.patch,
        reduce=part.reduce,
        skip_small=part.skip_small,
        progress=progress,
    )
