from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srviz.data.resize import imresize
from srviz.errors import ArgumentError

RNG = np.random.default_rng(0)


def _kernel(x: float) -> float:
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0


def _one_pixel(row: np.ndarray, out: int, scale: float, border: str) -> float:
    """MATLAB's definition, pixel by pixel and tap by tap."""
    n, k = len(row), min(scale, 1.0)
    centre = (out + 0.5) / scale - 0.5
    total = weight = 0.0
    for i in range(math.floor(centre - 2 / k) - 1, math.ceil(centre + 2 / k) + 2):
        w = _kernel(k * (centre - i))
        j = min(max(i, 0), n - 1) if border == "clamp" else i
        while not 0 <= j < n:
            j = -1 - j if j < 0 else 2 * n - 1 - j
        total, weight = total + w * row[j], weight + w
    return total / weight


@pytest.mark.parametrize("border", ["mirror", "clamp"])
@pytest.mark.parametrize("scale", [0.25, 1 / 3, 0.5, 2, 3, 4])
def test_equals_the_definition_pixel_by_pixel(border: str, scale: float) -> None:
    image = RNG.random((12, 24)) * 255
    got = imresize(image, scale, border=border)
    rows = [[_one_pixel(c, i, scale, border) for i in range(got.shape[0])] for c in image.T]
    both = [
        [_one_pixel(r, i, scale, border) for i in range(got.shape[1])] for r in np.array(rows).T
    ]
    np.testing.assert_allclose(got, both, atol=1e-9)


@pytest.mark.parametrize("border", ["mirror", "clamp"])
def test_uint8_rounds_after_each_dimension_and_double_never(border: str) -> None:
    image = RNG.integers(0, 256, (16, 12), dtype=np.uint8)
    got = imresize(image, 0.25, border=border)
    assert got.dtype == np.uint8

    def rounded(rows: np.ndarray) -> np.ndarray:
        exact = [[_one_pixel(r, i, 0.25, border) for i in range(len(r) // 4)] for r in rows]
        return np.clip(np.floor(np.array(exact) + 0.5), 0, 255)

    np.testing.assert_array_equal(got, rounded(rounded(image.T.astype(float)).T))
    double = imresize(image.astype(float), 0.25, border=border)
    assert not np.array_equal(double, np.round(double))


def test_borders_differ_only_near_the_border() -> None:
    image = RNG.random((64, 64))
    mirror, clamp = (imresize(image, 0.25, border=b) for b in ("mirror", "clamp"))
    assert not np.allclose(mirror, clamp)
    np.testing.assert_allclose(mirror[2:-2, 2:-2], clamp[2:-2, 2:-2])


@given(st.integers(0, 255), st.integers(1, 30), st.sampled_from([0.25, 1 / 3, 0.5, 2, 4]))
def test_a_constant_image_stays_constant(value: int, side: int, scale: float) -> None:
    image = np.full((side, side + 3, 3), value, np.uint8)
    out = imresize(image, scale)
    assert out.shape == (math.ceil(side * scale), math.ceil((side + 3) * scale), 3)
    assert (out == value).all()


@pytest.mark.parametrize(
    ("image", "scale", "border"),
    [
        (np.zeros((4, 4), np.uint8), 0, "mirror"),
        (np.zeros((4, 4), np.uint8), 2, "wrap"),
        (np.zeros((4, 4), np.int32), 2, "mirror"),
        (np.zeros(4), 2, "mirror"),
    ],
)
def test_bad_arguments_are_refused(image: np.ndarray, scale: float, border: str) -> None:
    with pytest.raises(ArgumentError, match="allowed"):
        imresize(image, scale, border=border)
