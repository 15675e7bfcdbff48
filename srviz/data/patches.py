"""Training patches: HR images and their MATLAB-exact LR, held decoded in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from srviz.data.decode import SUFFIXES, read_rgb
from srviz.data.images import ImageSet, Pixels
from srviz.data.resize import imresize
from srviz.errors import DataError


@dataclass(frozen=True)
class PatchPool:
    """Decoded image pairs from which random aligned patches are drawn.

    ``lr[i]`` is (h, w, 3) uint8 and ``hr[i]`` is (scale * h, scale * w, 3) uint8. A batch is a
    pure function of (seed, step): resuming a run needs no generator state, and any worker can
    draw any step.
    """

    lr: list[NDArray[np.uint8]]
    hr: list[NDArray[np.uint8]]
    scale: int

    def __len__(self) -> int:
        return len(self.lr)

    def batch(
        self, size: int, patch: int, *, seed: int, step: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Draw patches with flips and quarter turns, images weighted by their area.

        Returns
        -------
        tuple of ndarray
            LR (size, 3, patch, patch) and HR (size, 3, scale * patch, scale * patch), uint8.

        Raises
        ------
        DataError
            An image is smaller than the patch.
        """
        rng = np.random.default_rng((seed, step))
        area = np.cumsum([im.shape[0] * im.shape[1] for im in self.lr], dtype=np.float64)
        chosen = np.searchsorted(area, rng.random(size) * area[-1], side="right")
        pairs = [self._patch(int(i), patch, rng) for i in chosen]
        lr, hr = (np.stack(side).transpose(0, 3, 1, 2) for side in zip(*pairs, strict=True))
        return np.ascontiguousarray(lr), np.ascontiguousarray(hr)

    def _patch(
        self, i: int, patch: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        s, low, high = self.scale, self.lr[i], self.hr[i]
        if min(low.shape[:2]) < patch:
            size = f"{low.shape[1]} x {low.shape[0]}"
            raise DataError(f"LR image {i} is {size} pixels", allowed=f"at least a patch, {patch}")
        y = int(rng.integers(low.shape[0] - patch + 1))
        x = int(rng.integers(low.shape[1] - patch + 1))
        low = low[y : y + patch, x : x + patch]
        high = high[s * y : s * (y + patch), s * x : s * (x + patch)]
        turns, flip = int(rng.integers(4)), bool(rng.integers(2))
        low, high = np.rot90(low, turns), np.rot90(high, turns)
        return (low[:, ::-1], high[:, ::-1]) if flip else (low, high)


def load_patch_pool(
    root: str | Path,
    folders: Sequence[str],
    *,
    scale: int,
    patch: int,
    reduce: Mapping[str, int] | None = None,
    skip_small: bool = False,
    progress: bool = True,
) -> PatchPool:
    """Read every image of ``folders`` and make its low-resolution partner.

    Parameters
    ----------
    root : path
        The folder that holds ``folders``.
    folders : sequence of str
        Sub-folders of high-resolution images, searched recursively.
    scale : int
        Super-resolution factor.
    patch : int
        Smallest admissible LR side; an image below it is an error that names it.
    reduce : mapping of str to int, optional
        Folder -> integer factor by which its images are first reduced (to rid camera JPEGs of
        noise and compression artefacts).
    skip_small : bool
        Leave out images smaller than a patch instead of raising.

    Raises
    ------
    DataError
        A folder is missing or empty, an image is unreadable or smaller than the patch, or no
        image is left.
    """
    root = Path(root)
    files = [(folder, path) for folder in folders for path in _image_files(root / folder)]
    lr, hr = [], []
    for folder, path in tqdm(files, desc="reading training images", disable=not progress):
        image = read_rgb(path)
        factor = (reduce or {}).get(folder, 1)
        if factor > 1:
            image = imresize(_crop(image, factor), 1 / factor)
        image = _crop(image, scale)
        if _is_large(image, str(path), scale, patch, skip_small):
            hr.append(np.ascontiguousarray(image))
            lr.append(imresize(hr[-1], 1 / scale))
    return _pool(lr, hr, scale, patch, f"{', '.join(folders)} below {root}")


def patch_pool(images: ImageSet, *, patch: int, skip_small: bool = False) -> PatchPool:
    """Hold the pairs of an :class:`ImageSet` in memory.

    Parameters
    ----------
    images : ImageSet
        Every image needs an HR.
    patch, skip_small
        As for :func:`load_patch_pool`.

    Raises
    ------
    DataError
        An image has no HR, is unreadable or smaller than the patch, or no image is left.
    """
    lr, hr = [], []
    for image in images:
        fine = image.hr
        if fine is None:
            raise DataError(f"image {image.name} has no HR to train on")
        if _is_large(fine, f"image {image.name}", images.scale, patch, skip_small):
            hr.append(np.ascontiguousarray(fine))
            lr.append(np.ascontiguousarray(image.lr))
    return _pool(lr, hr, images.scale, patch, images.name)


def _is_large(image: Pixels, name: str, scale: int, patch: int, skip_small: bool) -> bool:
    """Does the HR image hold a patch? If not it is an error, unless it may be skipped."""
    large = min(image.shape[:2]) >= scale * patch
    if not large and not skip_small:
        raise DataError(
            f"{name} is {image.shape[1]} x {image.shape[0]} pixels",
            allowed=_least(scale, patch),
            fix="remove it, set data.skip_small = true, or choose a smaller data.patch",
        )
    return large


def _pool(lr: list[Pixels], hr: list[Pixels], scale: int, patch: int, source: str) -> PatchPool:
    if not lr:
        raise DataError(
            f"every image of {source} is smaller than a patch",
            allowed=_least(scale, patch),
            fix="choose a smaller data.patch",
        )
    return PatchPool(lr, hr, scale)


def _least(scale: int, patch: int) -> str:
    return f"at least {scale * patch} on each side (LR patch {patch}, x{scale})"


def _image_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DataError(f"training folder {folder} does not exist", fix="pass data=PARENT_FOLDER")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(f"training folder {folder} holds no image", allowed=", ".join(SUFFIXES))
    return files


def _crop(image: NDArray[np.uint8], multiple: int) -> NDArray[np.uint8]:
    height, width = (side // multiple * multiple for side in image.shape[:2])
    return image[:height, :width]
