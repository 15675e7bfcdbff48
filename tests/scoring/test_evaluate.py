from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image as PILImage
from torch import Tensor, nn
from torch.nn import functional as F

from srviz.data import Image, ImageSet, imresize, load_images
from srviz.errors import ArgumentError, DataError, NetworkError, NonFiniteError
from srviz.networks import load_network
from srviz.scoring import evaluate, psnr
from srviz.scoring.inference import upscale

RNG = np.random.default_rng(0)


class Nearest(nn.Module):
    scale = 2

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2)


class Bad(Nearest):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * torch.nan


def _images(n: int = 2, scale: int = 2) -> ImageSet:
    highs = [RNG.integers(0, 256, (32, 40, 3), dtype=np.uint8) for _ in range(n)]
    images = tuple(Image(name=f"im{i}", scale=scale, high=h) for i, h in enumerate(highs))
    return ImageSet("noise", scale, images)


def test_one_row_per_network_and_image() -> None:
    images = _images()
    table = evaluate({"a": Nearest(), "b": Nearest()}, images, progress=False)
    assert table["network"].tolist() == ["a", "a", "b", "b"]
    assert table["image"].tolist() == ["im0", "im1"] * 2
    row = table.iloc[0]
    assert (row["method"], row["bits"], row["dataset"]) == ("none", 32, "noise")
    assert (row["scale"], row["protocol"], row["mode"]) == (2, "y", "whole")
    expected = psnr(images[0].lr.repeat(2, 0).repeat(2, 1), images[0].hr, scale=2)
    assert row["psnr"] == pytest.approx(expected)


@pytest.mark.parametrize("grey", [True, False])
def test_a_network_of_one_channel_is_scored_on_rounded_luma(tmp_path: Path, grey: bool) -> None:
    class Luma(Nearest):
        config = SimpleNamespace(channels=1)

    pixels = RNG.integers(0, 256, (32, 40) if grey else (32, 40, 3), dtype=np.uint8)
    PILImage.fromarray(pixels).save(tmp_path / "a.png")
    (row,) = evaluate(Luma(), load_images(tmp_path, 2), progress=False).to_dict("records")
    luma = pixels.astype(float)
    if not grey:
        luma = np.floor(16 + luma @ np.array([65.481, 128.553, 24.966]) / 255 + 0.5)
    low = imresize(luma, 0.5)
    expected = psnr(low.repeat(2, 0).repeat(2, 1), luma, scale=2)
    assert row["protocol"] == "idn-y"
    assert row["psnr"] == pytest.approx(expected, abs=1e-6)


def test_the_mode_of_the_network_is_left_alone() -> None:
    net = load_network("edsr", scale=2, norm="batch", n_blocks=1, n_feats=4)
    net.train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    evaluate({"": net}, _images(1), progress=False)
    assert net.training
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())


def test_patches_of_a_pointwise_network_equal_the_whole_image() -> None:
    x = torch.rand(1, 3, 50, 43) * 255
    whole = upscale(Nearest(), x).round()
    for patch, step in ((16, 12), (16, 16), (50, 7), (64, 60)):
        assert torch.equal(upscale(Nearest(), x, "patch", patch=patch, step=step), whole)


def test_patch_mode_is_written_in_the_row_and_scores_what_it_stitched() -> None:
    torch.manual_seed(0)
    net = load_network("edsr", scale=2, n_blocks=2, n_feats=4).eval()
    high = RNG.integers(0, 256, (240, 460, 3), dtype=np.uint8)  # LR 120 x 230: 1 x 2 patches
    images = ImageSet("wide", 2, (Image(name="im", scale=2, high=high),))
    scores = {m: evaluate(net, images, mode=m, progress=False).iloc[0] for m in ("whole", "patch")}
    assert [scores[m]["mode"] for m in scores] == ["whole", "patch"]
    lr = torch.from_numpy(images[0].lr.copy()).permute(2, 0, 1)[None].float()
    left, right = lr[..., :96], lr[..., 90:]
    with torch.inference_mode():  # patches of 96 every 90: the seam is 3 pixels into the overlap
        halves = net(left)[..., : 2 * 93], net(right)[..., 2 * 3 :]
    stitched = torch.cat(halves, 3).clamp(0, 255).round()[0].permute(1, 2, 0).numpy()
    assert scores["patch"]["psnr"] == pytest.approx(psnr(stitched, high, scale=2), abs=1e-4)
    assert scores["patch"]["psnr"] != scores["whole"]["psnr"]


def test_a_network_that_throws_half_way_names_the_image_and_keeps_its_mode() -> None:
    class Throws(Nearest):
        def forward(self, x: Tensor) -> Tensor:
            if len(seen) == 1:
                raise RuntimeError("out of luck")
            seen.append(1)
            return super().forward(x)

    seen: list[int] = []
    net = Throws().train()
    for mode in ("whole", "patch"):
        seen.clear()
        with pytest.raises(NetworkError, match=r"failed on im1 of shape .*out of luck"):
            evaluate(net, _images(), mode=mode, progress=False)
        assert net.training


def test_patches_of_a_convolution_differ_only_within_its_reach_of_a_seam() -> None:
    torch.manual_seed(0)
    net = nn.Conv2d(3, 3, 3, padding=1)
    net.scale = 1  # pyright: ignore[reportAttributeAccessIssue]
    x = torch.rand(1, 3, 40, 20) * 255
    with torch.inference_mode():
        whole = net(x).clamp(0, 255).round()
    assert torch.equal(upscale(net, x, "patch", patch=24, step=16), whole)  # seams cut by 4
    assert not torch.equal(upscale(net, x, "patch", patch=16, step=16), whole)  # no overlap


def test_bad_input_is_refused() -> None:
    images = _images(1)
    with pytest.raises(ArgumentError, match="scale=2"):
        evaluate(Nearest(), _images(1, scale=4), progress=False)
    with pytest.raises(ArgumentError, match="no attribute scale"):
        evaluate(nn.Identity(), images, progress=False)
    with pytest.raises(DataError, match="no image"):
        evaluate(Nearest(), images[:0], progress=False)
    with pytest.raises(ArgumentError, match="at least one"):
        evaluate({}, images, progress=False)
    low = Image(name="x", scale=2, low=np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(DataError, match="no HR"):
        evaluate(Nearest(), ImageSet("s", 2, (low,)), progress=False)
    with pytest.raises(NonFiniteError, match="im0"):
        evaluate(Bad(), images, progress=False)
    with pytest.raises(ArgumentError, match="'whole' or 'patch'"):
        evaluate(Nearest(), images, mode="tiles", progress=False)


@pytest.mark.real
@pytest.mark.parametrize(
    ("weights", "network", "protocol", "expected"),
    [
        ("edsr_r8f64_x4", "edsr", "y-edsr", (32.0125, 28.4541, 27.4800, 25.7380)),
        ("idn_x4", "idn", "y", (31.809, 28.245)),
        ("srgan_generator_bn_x4", "srresnet", "y-edsr", (30.609, 27.716)),
    ],
)
def test_published_networks_score_as_published(
    srviz_data: Path, weights: str, network: str, protocol: str, expected: tuple[float, ...]
) -> None:
    net = load_network(network, weights=srviz_data / "weights" / f"{weights}.safetensors")
    for name, value in zip(("Set5", "Set14", "B100", "Urban100"), expected, strict=False):
        images = load_images(srviz_data / "benchmark" / name)
        table = evaluate({"": net}, images, protocol=protocol, progress=False)
        assert table["psnr"].mean() == pytest.approx(value, abs=0.02), name


def _plain_psnr(net: nn.Module, image: Image, scale: int) -> float:
    """As a plain loop does it: the tensor as it comes, with channels far apart."""
    lr = torch.from_numpy(np.ascontiguousarray(image.lr)).permute(2, 0, 1)[None].float()
    with torch.inference_mode():
        sr = net(lr.contiguous())
    assert image.hr is not None
    return psnr(sr[0].permute(1, 2, 0).numpy(), image.hr, scale=scale)


@pytest.mark.real
def test_channels_last_changes_no_score(srviz_data: Path) -> None:
    net = load_network("edsr", weights="bundled")
    images = load_images(srviz_data / "benchmark" / "Urban100", limit=5)
    scores = evaluate(net, images, progress=False)["psnr"]
    plain = [_plain_psnr(net, image, 4) for image in images]
    assert scores.tolist() == pytest.approx(plain, abs=1e-4)
