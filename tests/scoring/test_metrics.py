from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srviz.data import imresize, load_images
from srviz.errors import ArgumentError, NonFiniteError, UnknownNameError
from srviz.scoring import psnr, ssim

RNG = np.random.default_rng(0)


def test_psnr_of_a_known_error_by_hand() -> None:
    hr = np.full((20, 20, 3), 100.0)
    sr = hr + np.array([3.0, 0.0, 0.0])
    for name, weight in (("y", 65.481 / 255), ("y-edsr", 65.738 / 256), ("y-full", 0.299)):
        expected = 20 * np.log10(255 / (3 * weight))
        assert psnr(sr, hr, scale=2, protocol=name) == pytest.approx(expected)
    assert psnr(sr, hr, scale=2, protocol="rgb") == pytest.approx(10 * np.log10(255**2 / 3))


def test_sr_is_clamped_and_rounded_first() -> None:
    hr = np.full((20, 20, 3), 255.0)
    assert psnr(hr + 30.4, hr, scale=2) == np.inf
    assert psnr(hr - 0.4, hr, scale=2) == np.inf


def test_the_border_of_scale_pixels_is_cut() -> None:
    hr = RNG.integers(0, 256, (24, 24, 3)).astype(float)
    sr = hr.copy()
    sr[:4], sr[-4:], sr[:, :4], sr[:, -4:] = 0, 0, 0, 0
    assert psnr(sr, hr, scale=4) == np.inf
    assert psnr(sr, hr, scale=3) < 60


@pytest.mark.parametrize("protocol", ["y", "rgb"])
def test_ssim_agrees_with_torchmetrics(protocol: str) -> None:
    import torch
    from torchmetrics.functional.image import structural_similarity_index_measure as reference

    ours, padded = [], []
    for image in load_images("samples"):
        sr, hr = imresize(image.lr, 4), image.hr
        a, b = (x[4:-4, 4:-4].astype(float) for x in (sr, hr))
        if protocol == "y":
            a, b = (16 + x @ np.array([[65.481], [128.553], [24.966]]) / 255 for x in (a, b))
        a, b = (torch.tensor(x).permute(2, 0, 1)[None] for x in (a, b))
        mean, full = reference(a, b, data_range=255.0, sigma=1.5, return_full_image=True)
        ours.append(ssim(sr, hr, scale=4, protocol=protocol))
        # torchmetrics pads by reflection; the windows inside the image are MATLAB's.
        assert ours[-1] == pytest.approx(float(full[..., 5:-5, 5:-5].mean()), abs=1e-9)
        padded.append(float(mean))
    assert np.mean(ours) == pytest.approx(np.mean(padded), abs=0.002)


def test_ssim_is_one_for_equal_images_and_symmetric() -> None:
    a, b = RNG.integers(0, 256, (2, 30, 30, 3)).astype(float)
    assert ssim(a, a, scale=2) == pytest.approx(1)
    assert ssim(a, b, scale=2) == pytest.approx(ssim(b, a, scale=2))


def test_bad_input_is_refused() -> None:
    image = np.zeros((20, 20, 3))
    with pytest.raises(UnknownNameError, match="y-edsr"):
        psnr(image, image, scale=2, protocol="y-esdr")
    with pytest.raises(ArgumentError, match="check the scale"):
        psnr(image, image[:10], scale=2)
    with pytest.raises(NonFiniteError):
        psnr(image + np.nan, image, scale=2)
    with pytest.raises(ArgumentError, match="11 x 11"):
        ssim(image, image, scale=5)


@pytest.mark.parametrize(
    ("scale", "protocol", "expected"),
    [
        (4, "y", 28.430),
        (4, "y-full", 27.108),
        (4, "rgb", 26.693),
        (3, "y", 30.405),
        (2, "y", 33.674),
    ],
)
def test_bicubic_anchors_on_set5(
    srviz_data: Path, scale: int, protocol: str, expected: float
) -> None:
    if scale == 3:  # there are no x3 files: made from the HR alone
        images = load_images(srviz_data / "benchmark/Set5/HR", scale=3)
    else:
        images = load_images(srviz_data / "benchmark/Set5", scale=scale)
    values = [psnr(imresize(i.lr, scale), i.hr, scale=scale, protocol=protocol) for i in images]
    assert np.mean(values) == pytest.approx(expected, abs=0.005)
