from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviz.data import ImageSet, imresize, load_images
from srviz.data.images import Image as TwoSizes
from srviz.errors import ArgumentError, DataError

RNG = np.random.default_rng(0)


def _image(path: Path, width: int, height: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(path)


def _edsr(root: Path, names: tuple[str, ...] = ("a", "b"), scale: int = 4) -> Path:
    for name in names:
        _image(root / "HR" / f"{name}.png", 41, 30)
        _image(root / f"LR_bicubic/X{scale}" / f"{name}x{scale}.png", 41 // scale, 30 // scale)
    return root


def test_edsr_pytorch_layout(tmp_path: Path) -> None:
    images = load_images(_edsr(tmp_path / "MySet"))
    assert (images.name, images.scale) == ("MySet", 4)
    assert [i.name for i in images] == ["a", "b"]
    assert images[0].lr.shape == (7, 10, 3)
    assert images[0].hr is not None
    assert images[0].hr.shape == (28, 40, 3)  # cropped to a multiple of the scale


def test_basicsr_and_div2k_layouts(tmp_path: Path) -> None:
    for hr, lr, suffix in (
        ("GTmod12", "LRbicx4", ""),
        ("DIV2K_train_HR", "DIV2K_train_LR_bicubic/X4", "x4"),
    ):
        root = tmp_path / hr
        _image(root / hr / "0001.png", 48, 36)
        _image(root / lr / f"0001{suffix}.png", 12, 9)
        assert load_images(root)[0].lr.shape == (9, 12, 3)


def test_images_in_a_folder_are_hr_and_get_a_matlab_lr(tmp_path: Path) -> None:
    _image(tmp_path / "x.png", 19, 13)
    image = load_images(tmp_path, scale=3)[0]
    assert image.hr is not None
    np.testing.assert_array_equal(image.lr, imresize(image.hr, 1 / 3))


def test_a_set_is_found_below_srviz_data(tmp_path: Path, monkeypatch) -> None:
    _edsr(tmp_path / "benchmark" / "Tiny2")
    monkeypatch.setenv("SRVIZ_DATA", str(tmp_path))
    assert len(load_images("Tiny2", limit=1)) == 1
    with pytest.raises(DataError, match="Tiny3"):
        load_images("Tiny3")
    monkeypatch.delenv("SRVIZ_DATA")
    with pytest.raises(DataError, match="set SRVIZ_DATA"):
        load_images("Tiny2")


def test_slices_are_sets_and_the_digest_follows_the_pixels(tmp_path: Path) -> None:
    images = load_images(_edsr(tmp_path))
    assert isinstance(images[:1], ImageSet)
    before = images.sha256
    assert before == load_images(tmp_path).sha256 != images[:1].sha256
    _image(tmp_path / "HR" / "a.png", 41, 30)
    assert images.sha256 != before


def test_samples_are_colour_photographs_without_download() -> None:
    images = load_images("samples")
    assert len(images) >= 3
    for image in images:
        assert image.hr is not None
        assert min(image.hr.shape[:2]) >= 200
        assert image.hr.shape[0] == 4 * image.lr.shape[0]
        np.testing.assert_array_equal(image.lr, imresize(image.hr, 0.25))


def test_digits_are_twelve_eight_by_eight_images() -> None:
    images = load_images("digits")
    assert len(images) == 12
    assert {i.lr.shape for i in images} == {(8, 8, 3)}
    assert all(i.lr.max() >= 230 for i in images)


@pytest.mark.parametrize("case", ["missing", "empty", "no partner", "twice", "size", "scale"])
def test_bad_folders_are_one_line_and_say_what_is_expected(tmp_path: Path, case: str) -> None:
    root, scale, said = _edsr(tmp_path / "s"), 4, ""
    if case == "missing":
        root, said = tmp_path / "none", "none"
    elif case == "empty":
        root, said = tmp_path / "e", r"HR/NAME\.png with LR_bicubic/X4"
        root.mkdir()
    elif case == "no partner":
        (root / "LR_bicubic/X4/bx4.png").unlink()
        said = "have no partner in .*: b"
    elif case == "twice":
        _image(root / "LR_bicubic/X4/b.png", 10, 7)
        said = r"b\.png and bx4\.png of .* are both the image 'b'"
    elif case == "size":
        _image(root / "LR_bicubic/X4/bx4.png", 11, 7)
        said = r"bx4\.png is 11 x 7 pixels, but .* needs 10 x 7 at x4"
    else:
        scale, said = 0, "1 to 8"
    error = ArgumentError if case == "scale" else DataError
    with pytest.raises(error, match=said) as caught:
        load_images(root, scale=scale)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scale", [2, 4])
def test_our_reduction_equals_the_matlab_made_files_of_set5(srviz_data: Path, scale: int) -> None:
    images = load_images(srviz_data / "benchmark" / "Set5", scale=scale)
    assert len(images) == 5
    for image in images:
        assert image.hr is not None
        np.testing.assert_array_equal(imresize(image.hr, 1 / scale), image.lr, err_msg=image.name)


def test_every_benchmark_is_complete(srviz_data: Path) -> None:
    counts = {"Set5": 5, "Set14": 14, "B100": 100, "Urban100": 100}
    for name, count in counts.items():
        assert len(load_images(srviz_data / "benchmark" / name)) == count


def test_the_middle_of_an_image_is_cut_from_both_resolutions_alike() -> None:
    high = np.arange(48 * 40 * 3, dtype=np.uint8).reshape(48, 40, 3)
    low = np.arange(12 * 10 * 3, dtype=np.uint8).reshape(12, 10, 3)
    images = ImageSet("set", 4, (TwoSizes(name="a", scale=4, low=low, high=high),))
    crop = images.centre(16)
    assert crop.name == "set, centre 16 px"
    np.testing.assert_array_equal(crop[0].lr, low[4:8, 3:7])
    np.testing.assert_array_equal(crop[0].hr, high[16:32, 12:28])
    assert images.centre(1000)[0].lr.shape == low.shape
