"""``load_images``: one verb for bundled samples, benchmark sets and folders."""

from __future__ import annotations

import os
from pathlib import Path

from srviz.data.images import ImageSet
from srviz.data.layouts import read_folder
from srviz.data.samples import sample_digits, sample_photographs
from srviz.errors import ArgumentError, DataError


def load_images(source: str | Path, scale: int = 4, *, limit: int | None = None) -> ImageSet:
    """Find images; nothing is decoded before it is used.

    Parameters
    ----------
    source : str or path
        "samples" (bundled photographs), "digits" (bundled digits), a benchmark set below
        ``$SRVIZ_DATA/benchmark`` ("Set5"), or a folder in EDSR-PyTorch's or BasicSR's layout or
        with images directly in it (taken as HR; the LR is made as MATLAB would).
    scale : int
        Super-resolution factor, 1 to 8.
    limit : int, optional
        Keep only the first images.

    Returns
    -------
    ImageSet
        A sequence of images with ``.name``, ``.lr`` and ``.hr``, uint8 (h, w, 3).

    Raises
    ------
    DataError
        Nothing is found, or HR and LR do not belong together.
    """
    if not 1 <= scale <= 8:
        raise ArgumentError(f"scale {scale}", allowed="1 to 8")
    if limit is not None and limit < 1:
        raise ArgumentError(f"limit {limit}", allowed="at least 1")
    images = _find(source, scale)
    return images if limit is None else images[:limit]


def _find(source: str | Path, scale: int) -> ImageSet:
    if source == "samples":
        return sample_photographs(scale)
    if source == "digits":
        return sample_digits()
    path = Path(source)
    if path.is_dir():
        return read_folder(path, scale)
    root = os.environ.get("SRVIZ_DATA")
    if root and len(path.parts) == 1:
        for parent in (Path(root) / "benchmark", Path(root)):
            if (parent / path).is_dir():
                return read_folder(parent / path, scale, str(source))
    where = f"neither a folder nor a set below SRVIZ_DATA={root}" if root else "no folder"
    raise DataError(
        f"images {str(source)!r}: {where}",
        allowed="'samples', 'digits', a folder, or a set below $SRVIZ_DATA/benchmark",
        fix=None if root else "set SRVIZ_DATA to the folder that holds benchmark/",
    )
