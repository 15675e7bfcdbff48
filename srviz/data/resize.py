"""MATLAB-exact bicubic ``imresize`` for making and undoing low-resolution images."""

from __future__ import annotations

import math
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from srviz.errors import ArgumentError

Border = Literal["mirror", "clamp"]


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' cubic convolution kernel with a = -0.5, the one MATLAB uses."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


def _taps(
    n_in: int, n_out: int, scale: float, border: Border
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Input index and weight of every tap: two arrays (n_out, taps), weights summing to 1."""
    stretch = min(scale, 1.0)  # antialiasing widens the kernel only when reducing
    width = 4 / stretch
    centre = (np.arange(n_out, dtype=np.float64) + 0.5) / scale - 0.5
    first = np.floor(centre - width / 2).astype(np.intp)
    index = first[:, None] + np.arange(math.ceil(width) + 2)
    weight = _cubic((centre[:, None] - index) * stretch)
    weight /= weight.sum(1, keepdims=True)
    if border == "mirror":
        index = np.mod(index, 2 * n_in)
        index = np.where(index < n_in, index, 2 * n_in - 1 - index)
    else:
        index = np.clip(index, 0, n_in - 1)
    used = np.any(weight != 0, axis=0)
    return index[:, used], weight[:, used]


def _resize_axis(
    x: NDArray[np.float64], axis: int, n_out: int, scale: float, border: Border
) -> NDArray[np.float64]:
    index, weight = _taps(x.shape[axis], n_out, scale, border)
    moved = np.moveaxis(x, axis, 0)
    out = np.zeros((n_out, *moved.shape[1:]))
    column = (-1,) + (1,) * (moved.ndim - 1)
    for tap in range(index.shape[1]):
        out += weight[:, tap].reshape(column) * moved[index[:, tap]]
    return np.moveaxis(out, 0, axis)


@overload
def imresize(
    image: NDArray[np.uint8], scale: float, *, border: Border = "mirror"
) -> NDArray[np.uint8]: ...
@overload
def imresize(
    image: NDArray[np.floating[Any]], scale: float, *, border: Border = "mirror"
) -> NDArray[np.float64]: ...
def imresize(image: NDArray[Any], scale: float, *, border: Border = "mirror") -> NDArray[Any]:
    """Resize an image as MATLAB's ``imresize(image, scale, 'bicubic')`` does.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, C)
        uint8 in [0, 255], or floating point in any range. The dtype selects MATLAB's arithmetic:
        uint8 images are rounded to uint8 after each dimension, floating ones never.
    scale : float
        Greater than 0; below 1 reduces (with antialiasing), above 1 enlarges.
    border : {"mirror", "clamp"}
        What lies beyond the edge: the mirrored image (MATLAB), or the repeated border pixel.

    Returns
    -------
    ndarray, shape (ceil(H * scale), ceil(W * scale)[, C])
        uint8 for uint8 input, float64 otherwise. With uint8 and "mirror" the result is
        bit-identical to the LR files that the SR field makes with MATLAB.

    Raises
    ------
    ArgumentError
        A scale that is not positive, an unknown border, or an image of another dtype or rank.

    Examples
    --------
    >>> imresize(np.full((8, 8), 7, np.uint8), 0.25).tolist()
    [[7, 7], [7, 7]]
    """
    if not scale > 0:
        raise ArgumentError(f"scale {scale}", allowed="a number greater than 0")
    if border not in ("mirror", "clamp"):
        raise ArgumentError(f"border {border!r}", allowed="'mirror' or 'clamp'")
    is_uint8 = image.dtype == np.uint8
    if image.ndim not in (2, 3) or not (is_uint8 or np.issubdtype(image.dtype, np.floating)):
        raise ArgumentError(
            f"image of shape {image.shape} and dtype {image.dtype}",
            allowed="(H, W) or (H, W, C), uint8 or floating point",
        )
    x = image.astype(np.float64)
    for axis in (0, 1):
        n_out = math.ceil(image.shape[axis] * scale)
        x = _resize_axis(x, axis, n_out, scale, border)
        if is_uint8:
            x = np.clip(np.floor(x + 0.5), 0, 255)  # MATLAB rounds halves away from zero
    return x.astype(np.uint8) if is_uint8 else x
