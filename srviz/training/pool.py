"""The patches a recipe trains on."""

from __future__ import annotations

from pathlib import Path

from srviz.data.patches import PatchPool, load_patch_pool
from srviz.training.recipe import DataPart


def load_pool(data: str | Path, part: DataPart, scale: int, progress: bool = True) -> PatchPool:
    """Read a recipe's folders below ``data`` into memory, with the LR of ``scale``.

    Raises
    ------
    DataError
        A folder is missing or empty, an image is unreadable or smaller than the patch.
    """
    return load_patch_pool(
        data,
        part.folders,
        scale=scale,
        patch=part.patch,
        reduce=part.reduce,
        skip_small=part.skip_small,
        progress=progress,
    )
