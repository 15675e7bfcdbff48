from __future__ import annotations

import contextlib
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviz.data.decode import is_grey, read_rgb, size
from srviz.errors import DataError

RGB = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
GREY = RGB[..., 0]


def _save(path: Path, array: np.ndarray, mode: str | None = None) -> Path:
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path)
    return path


def test_rgb_is_read_as_it_is(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.png", RGB)
    np.testing.assert_array_equal(read_rgb(path), RGB)
    assert size(path) == (6, 5)


def test_grey_is_repeated(tmp_path: Path) -> None:
    np.testing.assert_array_equal(
        read_rgb(_save(tmp_path / "a.png", GREY)), np.repeat(GREY[..., None], 3, 2)
    )


def test_only_a_file_of_one_plane_is_grey(tmp_path: Path) -> None:
    assert is_grey(_save(tmp_path / "a.png", GREY))
    assert not is_grey(_save(tmp_path / "b.png", np.repeat(GREY[..., None], 3, 2)))
    (tmp_path / "c.png").write_text("not an image")
    with pytest.raises(DataError, match=r"c\.png"):
        is_grey(tmp_path / "c.png")


def test_opaque_alpha_is_dropped_and_transparency_refused(tmp_path: Path) -> None:
    rgba = np.dstack([RGB, np.full((6, 5), 255, np.uint8)])
    np.testing.assert_array_equal(read_rgb(_save(tmp_path / "a.png", rgba)), RGB)
    rgba[0, 0, 3] = 254
    with pytest.raises(DataError, match="transparent"):
        read_rgb(_save(tmp_path / "b.png", rgba))


def test_a_palette_is_looked_up(tmp_path: Path) -> None:
    two = np.where(GREY[..., None] > 128, np.uint8(255), np.uint8(0)).repeat(3, 2)
    np.testing.assert_array_equal(read_rgb(_save(tmp_path / "a.png", two, "P")), two)


def test_sixteen_bits_are_refused_and_not_reduced(tmp_path: Path) -> None:
    path = _save(tmp_path / "grey.png", (GREY.astype(np.uint16) << 8))
    with pytest.raises(DataError, match="8 bits"):
        read_rgb(path)
    # Pillow cannot write 16-bit RGB, but the header is all that tells it apart.
    raw = bytearray(_save(tmp_path / "rgb.png", RGB).read_bytes())
    raw[24] = 16
    (tmp_path / "rgb.png").write_bytes(raw)
    with pytest.raises(DataError, match="8 bits"):
        read_rgb(tmp_path / "rgb.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif"])
def test_a_file_cut_anywhere_is_no_image_or_still_whole(tmp_path: Path, suffix: str) -> None:
    path = _save(tmp_path / f"a{suffix}", np.tile(RGB, (5, 5, 1)))
    whole, pixels = path.read_bytes(), read_rgb(path)
    for kept in range(0, len(whole), 1 + len(whole) // 150):
        path.write_bytes(whole[:kept])
        with warnings.catch_warnings(), contextlib.suppress(DataError):
            warnings.simplefilter("ignore")  # Pillow warns of TIFF tags before it gives up
            np.testing.assert_array_equal(read_rgb(path), pixels)


def test_an_image_too_large_to_be_true_is_refused(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.bmp", RGB)
    data = bytearray(path.read_bytes())
    data[18:26] = (100_000).to_bytes(4, "little") * 2  # width and height in the header
    path.write_bytes(data)
    for read in (read_rgb, size):
        with pytest.raises(DataError, match=r"a\.bmp"):
            read(path)


@pytest.mark.parametrize("case", ["truncated", "text", "missing"])
def test_what_is_no_image_is_named_in_one_line(tmp_path: Path, case: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    path = _save(tmp_path / "a.png", noise)
    if case == "truncated":
        path.write_bytes(path.read_bytes()[:2000])
    elif case == "text":
        path.write_text("not an image")
    else:
        path.unlink()
    with pytest.raises(DataError, match=r"a\.png") as caught:
        read_rgb(path)
    assert "\n" not in str(caught.value)
