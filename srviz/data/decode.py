"""Reading one image file as RGB, refusing what would be changed silently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from srviz.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
_AS_RGB = {"RGB", "L", "1", "P"}  # grey is repeated, as EDSR-PyTorch does

DAMAGE = (OSError, SyntaxError, ValueError, PILImage.DecompressionBombError)
"""What Pillow raises for a file that is no image, or not a whole one."""


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Decode an image to (h, w, 3) uint8.

    Grey and palette images become RGB; an alpha channel is dropped when it is opaque.

    Raises
    ------
    DataError
        The file is missing, truncated or no image; it has 16 bits a sample, transparency or
        another colour model.
    """
    try:
        if path.suffix.lower() == ".png" and _png_depth(path) == 16:
            raise _sixteen_bits(path)
        with PILImage.open(path) as image:
            image.load()
            return _to_rgb(image, path)
    except DataError:
        raise
    except DAMAGE as error:
        raise DataError(
            f"image {path} cannot be decoded ({error})", fix="replace the file, it may be truncated"
        ) from error


def is_grey(path: Path) -> bool:
    """Whether the file holds a single plane; three equal ones are colour."""
    try:
        with PILImage.open(path) as image:
            return image.mode in ("L", "LA", "1")
    except DAMAGE as error:
        raise DataError(f"image {path} cannot be opened ({error})") from error


def _to_rgb(image: PILImage.Image, path: Path) -> NDArray[np.uint8]:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            raise DataError(
                f"image {path} is transparent", fix="flatten it onto a background first"
            )
        return np.array(image.convert("RGB"))
    if image.mode.startswith(("I", "F")):
        raise _sixteen_bits(path)
    if image.mode not in _AS_RGB:
        raise DataError(f"image {path} has colour model {image.mode}", allowed="RGB or grey")
    return np.array(image.convert("RGB"))


def _png_depth(path: Path) -> int:
    """Bits per sample from the header: Pillow itself reduces 16-bit RGB without a word."""
    with path.open("rb") as file:
        header = file.read(25)
    return header[24] if len(header) == 25 and header.startswith(b"\x89PNG") else 0


def _sixteen_bits(path: Path) -> DataError:
    return DataError(
        f"image {path} has more than 8 bits a sample", allowed="8 bits", fix="convert it to 8 bits"
    )


def size(path: Path) -> tuple[int, int]:
    """(height, width) of an image, from its header alone."""
    try:
        with PILImage.open(path) as image:
            return image.height, image.width
    except DAMAGE as error:
        raise DataError(f"image {path} cannot be opened ({error})") from error
