"""Images that come with srviz: photographs of scikit-image, and a dozen digits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from srviz.data.images import Image, ImageSet

SIDE = 384
"""Longest HR side of a sample photograph, in pixels: a central crop, so the report stays quick."""

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")
DIGITS = Path(__file__).parent / "bundled" / "digits.npz"


def sample_photographs(scale: int) -> ImageSet:
    """Photographs of scikit-image (in its wheel, no download) as HR, MATLAB-exact LR."""
    import skimage.data

    def crop(name: str) -> NDArray[np.uint8]:
        load: Callable[[], NDArray[np.uint8]] = getattr(skimage.data, name)
        pixels = load()
        side = SIDE // scale * scale
        top, left = (max(0, (n - side) // 2) for n in pixels.shape[:2])
        return np.ascontiguousarray(pixels[top : top + side, left : left + side])

    images = (Image(name=name, scale=scale, high=crop(name)) for name in PHOTOGRAPHS)
    return ImageSet("samples", scale, tuple(images))


def sample_digits() -> ImageSet:
    """Twelve 8 x 8 digits (of scikit-learn's set) as RGB, for the classification ResNet."""
    pixels = np.load(DIGITS)["pixels"]
    images = (
        Image(name=f"digit{i}", scale=1, low=np.repeat(p[..., None], 3, axis=2))
        for i, p in enumerate(pixels)
    )
    return ImageSet("digits", 1, tuple(images))
