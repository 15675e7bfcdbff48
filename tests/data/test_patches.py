from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviz.data.images import Image as Pair
from srviz.data.images import ImageSet
from srviz.data.patches import PatchPool, load_patch_pool, patch_pool
from srviz.data.resize import imresize
from srviz.errors import DataError


def _folder(root: Path, *sizes: tuple[int, int], name: str = "hr") -> Path:
    rng = np.random.default_rng(0)
    (root / name).mkdir(parents=True)
    for i, (width, height) in enumerate(sizes):
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / name / f"{i}.png")
    return root


def test_lr_is_the_matlab_reduction_of_the_cropped_hr(tmp_path: Path) -> None:
    pool = load_patch_pool(_folder(tmp_path, (70, 51)), ["hr"], scale=4, patch=8, progress=False)
    assert pool.hr[0].shape == (48, 68, 3)
    np.testing.assert_array_equal(pool.lr[0], imresize(pool.hr[0], 0.25))


def test_reduce_shrinks_the_images_first(tmp_path: Path) -> None:
    root = _folder(tmp_path, (161, 120))
    pool = load_patch_pool(root, ["hr"], scale=2, patch=8, reduce={"hr": 2}, progress=False)
    assert pool.hr[0].shape == (60, 80, 3)


def test_patches_are_aligned_and_cover_all_eight_orientations() -> None:
    low = np.arange(12 * 10 * 3, dtype=np.uint8).reshape(12, 10, 3)
    pool = PatchPool([low], [low.repeat(2, 0).repeat(2, 1)], 2)
    seen = set()
    for step in range(20):
        lr, hr = pool.batch(4, 5, seed=0, step=step)
        assert lr.shape == (4, 3, 5, 5)
        np.testing.assert_array_equal(hr, lr.repeat(2, 2).repeat(2, 3))
        # Channel 0 grows along both axes of the image: its gradient tells the orientation.
        d = lr[:, 0].astype(int)
        for p in d:
            seen.add((p[0, 1] - p[0, 0], p[1, 0] - p[0, 0]))
    steps = {(a, b) for a, b in seen if {abs(a), abs(b)} == {3, 30}}
    assert len(steps) == 8


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    low = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    pool = PatchPool([low], [low.repeat(2, 0).repeat(2, 1)], 2)
    first, again, other = (pool.batch(2, 8, seed=s, step=5)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_large_images_are_drawn_more_often() -> None:
    small, large = np.zeros((10, 10, 3), np.uint8), np.full((30, 30, 3), 255, np.uint8)
    pool = PatchPool([small, large], [a.repeat(2, 0).repeat(2, 1) for a in (small, large)], 2)
    bright = np.mean([pool.batch(16, 8, seed=0, step=i)[0].mean() / 255 for i in range(100)])
    assert bright == pytest.approx(0.9, abs=0.03)  # 900 of 1000 pixels


@pytest.mark.parametrize("case", ["missing", "empty", "small", "broken"])
def test_bad_folders_are_named(tmp_path: Path, case: str) -> None:
    if case == "empty":
        (tmp_path / "hr").mkdir()
    elif case == "small":
        _folder(tmp_path, (64, 20))
    elif case == "broken":
        path = _folder(tmp_path, (64, 64)) / "hr" / "0.png"
        path.write_bytes(path.read_bytes()[:100])
    needle = {
        "missing": "does not exist",
        "empty": "holds no image",
        "small": r"0\.png is 64 x 20 pixels",
        "broken": r"0\.png cannot be decoded",
    }[case]
    with pytest.raises(DataError, match=needle):
        load_patch_pool(tmp_path, ["hr"], scale=4, patch=8, progress=False)


def test_small_images_are_left_out_on_request(tmp_path: Path) -> None:
    root = _folder(tmp_path, (64, 20), (64, 64))
    pool = load_patch_pool(root, ["hr"], scale=4, patch=8, skip_small=True, progress=False)
    assert len(pool) == 1


def test_folders_of_nothing_but_small_images_are_an_error(tmp_path: Path) -> None:
    root = _folder(tmp_path, (64, 20), (31, 64))
    with pytest.raises(DataError, match=r"every image of hr .* smaller than a patch; .*32"):
        load_patch_pool(root, ["hr"], scale=4, patch=8, skip_small=True, progress=False)


def test_a_patch_larger_than_an_image_in_memory_is_an_error() -> None:
    pool = PatchPool([np.zeros((8, 9, 3), np.uint8)], [np.zeros((16, 18, 3), np.uint8)], 2)
    with pytest.raises(DataError, match=r"LR image 0 is 9 x 8 pixels.*10"):
        pool.batch(1, 10, seed=0, step=0)


def _pairs(*sizes: tuple[int, int], scale: int = 2) -> ImageSet:
    rng = np.random.default_rng(0)
    high = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for w, h in sizes]
    images = tuple(Pair(name=f"i{k}", scale=scale, high=x) for k, x in enumerate(high))
    return ImageSet("pairs", scale, images)


def test_the_pairs_of_an_image_set_are_taken_as_they_are() -> None:
    low = np.full((10, 12, 3), 7, np.uint8)
    own = Pair(name="own", scale=2, low=low, high=np.zeros((20, 24, 3), np.uint8))
    images = _pairs((25, 32))
    pool = patch_pool(ImageSet("both", 2, (*images, own)), patch=8)
    assert pool.scale == 2
    np.testing.assert_array_equal(pool.hr[0], images[0].hr)
    np.testing.assert_array_equal(pool.lr[0], imresize(pool.hr[0], 0.5))
    np.testing.assert_array_equal(pool.lr[1], low)  # given, so not reduced anew


def test_images_that_hold_no_patch_are_named_or_left_out() -> None:
    images = _pairs((40, 14), (40, 40))
    with pytest.raises(DataError, match=r"image i0 is 40 x 14 pixels; allowed: at least 16"):
        patch_pool(images, patch=8)
    assert len(patch_pool(images, patch=8, skip_small=True)) == 1
    with pytest.raises(DataError, match="every image of pairs"):
        patch_pool(images[:1], patch=8, skip_small=True)
    blind = ImageSet("blind", 2, (Pair(name="x", scale=2, low=np.zeros((9, 9, 3), np.uint8)),))
    with pytest.raises(DataError, match="image x has no HR to train on"):
        patch_pool(blind, patch=8)
