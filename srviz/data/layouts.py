"""Folder layouts of the field: EDSR-PyTorch, BasicSR, and any folder of images."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from srviz.data.decode import SUFFIXES, size
from srviz.data.images import Image, ImageSet
from srviz.errors import DataError

HR_NAMES = ("HR", "GTmod12", "GTmod4", "GTmod2", "GT", "original", "*_HR")
LR_NAMES = ("LR_bicubic/X{s}", "*_LR_bicubic/X{s}", "LRbicx{s}", "LR/X{s}")

EXPECTED = (
    "HR/NAME.png with LR_bicubic/X{s}/NAMEx{s}.png (EDSR-PyTorch), GTmod12/NAME.png with "
    "LRbicx{s}/NAME.png (BasicSR), or images directly in the folder (taken as HR)"
)


def read_folder(folder: Path, scale: int, name: str | None = None) -> ImageSet:
    """Find the image pairs of a folder.

    Raises
    ------
    DataError
        The folder is missing or holds no image; HR and LR have unequal names or sizes.
    """
    expected = EXPECTED.format(s=scale)
    if not folder.is_dir():
        raise DataError(f"image folder {folder} does not exist", allowed=expected)
    high = _first(folder, HR_NAMES)
    low = _first(folder, [n.format(s=scale) for n in LR_NAMES])
    name = name or folder.name
    if high is None:
        files = _images(folder)
        if not files:
            found = ", ".join(sorted(p.name for p in folder.iterdir())[:6]) or "nothing"
            raise DataError(f"no image found in {folder} (it holds {found})", allowed=expected)
        return _set(name, scale, ((p.stem, None, p) for p in files))
    highs = _by_stem(high)
    if low is None:
        return _set(name, scale, ((stem, None, p) for stem, p in highs.items()))
    lows = _by_stem(low, scale)
    _same_names(high, low, set(highs), set(lows))
    for stem in highs:
        _same_size(highs[stem], lows[stem], scale)
    return _set(name, scale, ((stem, lows[stem], p) for stem, p in highs.items()))


def _set(name: str, scale: int, found: Iterable[tuple[str, Path | None, Path]]) -> ImageSet:
    images = (Image(name=stem, scale=scale, low=low, high=high) for stem, low, high in found)
    return ImageSet(name, scale, tuple(images))


def _first(folder: Path, patterns: Iterable[str]) -> Path | None:
    found = (p for pattern in patterns for p in sorted(folder.glob(pattern)) if p.is_dir())
    return next(found, None)


def _images(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)


def _by_stem(folder: Path, scale: int | None = None) -> dict[str, Path]:
    """Images by stem; for LR the suffix x2, x3, ... of EDSR-PyTorch is taken off."""
    files = _images(folder)
    if not files:
        raise DataError(f"no image found in {folder}", allowed=", ".join(SUFFIXES))
    cut = "$^" if scale is None else rf"x{scale}$"
    found: dict[str, Path] = {}
    for path in files:
        stem = re.sub(cut, "", path.stem)
        if stem in found:
            raise DataError(
                f"{found[stem].name} and {path.name} of {folder} are both the image {stem!r}",
                fix="keep one of them",
            )
        found[stem] = path
    return found


def _same_names(high: Path, low: Path, highs: set[str], lows: set[str]) -> None:
    for here, there, missing in ((high, low, highs - lows), (low, high, lows - highs)):
        if missing:
            some = ", ".join(sorted(missing)[:5])
            raise DataError(
                f"{len(missing)} image(s) of {here} have no partner in {there}: {some}",
                fix="make the names equal, or remove the extra files",
            )


def _same_size(high: Path, low: Path, scale: int) -> None:
    (h, w), (lh, lw) = size(high), size(low)
    if (h // scale, w // scale) != (lh, lw):
        raise DataError(
            f"{low} is {lw} x {lh} pixels, but {high} of {w} x {h} needs "
            f"{w // scale} x {h // scale} at x{scale}",
            fix="pass the right scale=, or make the LR files anew",
        )
