"""The patches a recipe trains on."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from srviz.data import ImageSet
from srviz.data.patches import PatchPool, load_patch_pool, patch_pool
from srviz.errors import ArgumentError
from srviz.training.recipe import DataPart

Data: TypeAlias = str | Path | ImageSet | PatchPool
"""What can be trained on: the parent of the recipe's folders, images, or patches in memory."""


def load_pool(data: Data, part: DataPart, scale: int, progress: bool = True) -> PatchPool:
    """Hold in memory what a recipe trains on, with the LR of ``scale``.

    Parameters
    ----------
    data : path, ImageSet or PatchPool
        A path is the parent of ``part.folders``. Of an ImageSet the folders and ``reduce`` are
        not asked for: its pairs are taken as they are.
    part : DataPart
    scale : int
    progress : bool
        Show a progress bar.

    Raises
    ------
    DataError
        A folder is missing or empty, an image is unreadable, has no HR or is smaller than the
        patch.
    ArgumentError
        The images are of another scale.
    """
    if isinstance(data, PatchPool | ImageSet) and data.scale != scale:
        raise ArgumentError(f"training images of scale x{data.scale}", allowed=f"x{scale}")
    if isinstance(data, PatchPool):
        return data
    if isinstance(data, ImageSet):
        return patch_pool(data, patch=part.patch, skip_small=part.skip_small)
    return load_patch_pool(
        data,
        part.folders,
        scale=scale,
        patch=part.patch,
        reduce=part.reduce,
        skip_small=part.skip_small,
        progress=progress,
    )
