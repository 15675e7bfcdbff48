"""Image and ImageSet: pairs of low and high resolution, decoded when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from srviz.data.decode import is_grey, read_rgb
from srviz.data.resize import imresize
from srviz.errors import DataError

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Image:
    """One picture in two resolutions.

    ``low`` and ``high`` are files or arrays (h, w, 3) uint8. Without ``low``, the LR picture is
    the MATLAB-exact bicubic reduction of ``high``; without ``high`` there is no HR.
    """

    name: str
    scale: int
    low: Path | Pixels | None = field(default=None, repr=False)
    high: Path | Pixels | None = field(default=None, repr=False)

    @property
    def lr(self) -> Pixels:
        """Low resolution, (h, w, 3) uint8."""
        if self.low is not None:
            return _pixels(self.low)
        high = self.hr
        if high is None:
            raise DataError(f"image {self.name} has neither low nor high resolution")
        return imresize(high, 1 / self.scale)

    @property
    def hr(self) -> Pixels | None:
        """High resolution cropped to ``scale`` times the LR, (scale h, scale w, 3) uint8."""
        if self.high is None:
            return None
        pixels, s = _pixels(self.high), self.scale
        return pixels[: pixels.shape[0] // s * s, : pixels.shape[1] // s * s]

    @property
    def is_grey(self) -> bool:
        """Whether HR comes from a file of one plane, which ``hr`` repeats three times."""
        return isinstance(self.high, Path) and is_grey(self.high)


def _pixels(source: Path | Pixels) -> Pixels:
    return read_rgb(source) if isinstance(source, Path) else source


def _centre(image: Image, side: int) -> Image:
    low, high, s = image.lr, image.hr, image.scale
    if high is None:
        raise DataError(f"image {image.name} has no HR")
    corner = [max(0, (n - side // s) // 2) for n in low.shape[:2]]
    rows, columns = (slice(start, start + max(1, side // s)) for start in corner)
    fine_rows, fine_columns = (slice(s * c.start, s * c.stop) for c in (rows, columns))
    return Image(
        name=image.name,
        scale=s,
        low=np.ascontiguousarray(low[rows, columns]),
        high=np.ascontiguousarray(high[fine_rows, fine_columns]),
    )


@dataclass(frozen=True)
class ImageSet(Sequence[Image]):
    """A named sequence of images of one scale; slices are ImageSets too."""

    name: str
    scale: int
    images: tuple[Image, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.images)

    @overload
    def __getitem__(self, index: int) -> Image: ...
    @overload
    def __getitem__(self, index: slice) -> ImageSet: ...
    def __getitem__(self, index: int | slice) -> Image | ImageSet:
        if isinstance(index, slice):
            return ImageSet(self.name, self.scale, self.images[index])
        return self.images[index]

    def __iter__(self) -> Iterator[Image]:
        return iter(self.images)

    def centre(self, side: int) -> ImageSet:
        """The middle of every image, ``side`` HR pixels wide and high (or all, if it is smaller).

        Raises
        ------
        DataError
            An image has no HR.
        """
        crops = tuple(_centre(image, side) for image in self)
        return ImageSet(f"{self.name}, centre {side} px", self.scale, crops)

    @property
    def sha256(self) -> str:
        """Digest of the files (or arrays) the set rests on, in order."""
        digest = hashlib.sha256()
        for image in self.images:
            for source in (image.low, image.high):
                if isinstance(source, Path):
                    digest.update(source.read_bytes())
                elif source is not None:
                    digest.update(np.ascontiguousarray(source).data)
        return digest.hexdigest()
