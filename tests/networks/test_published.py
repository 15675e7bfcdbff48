"""Published weights reproduce their published results on the real benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from imdn import load_imdn
from PIL import Image

from srviz.data.resize import imresize
from srviz.networks import load_network

pytestmark = pytest.mark.real

LUMA = np.array([65.738, 129.057, 25.064]) / 256
CLASSES = ["airplane", "automobile", "bird", "cat", "deer"]
CLASSES += ["dog", "frog", "horse", "ship", "truck"]


def _pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def _tensor(image: np.ndarray) -> torch.Tensor:
    return torch.tensor(image, dtype=torch.float32).permute(2, 0, 1)[None]


def _psnr_edsr(sr: np.ndarray, hr: np.ndarray) -> float:
    """EDSR-PyTorch's: luma of the difference, border of 4 removed."""
    hr = hr[: sr.shape[0], : sr.shape[1]].astype(float)
    diff = ((sr - hr) / 255 @ LUMA)[4:-4, 4:-4]
    return -10 * np.log10((diff**2).mean())


def _mean_psnr(net: torch.nn.Module, folder: Path) -> float:
    scores = []
    for hr_path in sorted((folder / "HR").glob("*.png")):
        lr = _pixels(folder / "LR_bicubic" / "X4" / f"{hr_path.stem}x4.png")
        with torch.inference_mode():
            sr = net(_tensor(lr))[0].clamp(0, 255).round().permute(1, 2, 0).double().numpy()
        scores.append(_psnr_edsr(sr, _pixels(hr_path)))
    return float(np.mean(scores))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Set5", 32.01), ("Set14", 28.45), ("B100", 27.48), ("Urban100", 25.74)],
)
def test_edsr_of_8_blocks(srviz_data: Path, name: str, expected: float) -> None:
    net = load_network("edsr", weights=srviz_data / "weights/edsr_r8f64_x4.safetensors")
    assert _mean_psnr(net, srviz_data / "benchmark" / name) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("name", "expected"), [("Set5", 30.61), ("Set14", 27.72)])
def test_srresnet_of_5_blocks(srviz_data: Path, name: str, expected: float) -> None:
    path = srviz_data / "weights/srgan_generator_bn_x4.safetensors"
    net = load_network("srresnet", weights=path)
    assert _mean_psnr(net, srviz_data / "benchmark" / name) == pytest.approx(expected, abs=0.02)


def test_the_foreign_imdn_of_the_tests(srviz_data: Path) -> None:
    net = load_imdn(srviz_data / "weights/imdn_x4.safetensors")
    assert _mean_psnr(net, srviz_data / "benchmark/Set5") == pytest.approx(32.21, abs=0.02)


def _luma(path: Path) -> np.ndarray:
    """MATLAB's rgb2ycbcr on uint8, rounded luma in [16, 235]; a grey image as it is."""
    image = np.asarray(Image.open(path))
    if image.ndim == 2:
        return image.astype(float)
    return np.floor(16 + image.astype(float) @ np.array([65.481, 128.553, 24.966]) / 255 + 0.5)


@pytest.mark.parametrize(("name", "expected"), [("Set5", 31.81), ("Set14", 28.25)])
def test_idn_in_its_own_protocol(srviz_data: Path, name: str, expected: float) -> None:
    net = load_network("idn", weights=srviz_data / "weights/idn_x4.safetensors")
    scores = []
    for path in sorted((srviz_data / "benchmark" / name / "HR").glob("*.png")):
        hr = _luma(path)
        hr = hr[: hr.shape[0] // 4 * 4, : hr.shape[1] // 4 * 4]
        lr = imresize(hr, 0.25)
        with torch.inference_mode():
            sr = net(_tensor(np.asarray(lr)[..., None]))[0, 0].double().numpy()
        diff = (np.clip(sr, 0, 255).round() - hr)[4:-4, 4:-4] / 255
        scores.append(-10 * np.log10((diff**2).mean()))
    assert np.mean(scores) == pytest.approx(expected, abs=0.02)


def test_resnet20_on_jpeg_cifar(srviz_data: Path) -> None:
    net = load_network("resnet20", weights=srviz_data / "weights/cifar10_resnet20.safetensors")
    right, total = 0, 0
    for label, name in enumerate(CLASSES):
        folder = srviz_data / "classification/cifar10_test_jpg" / name
        images = torch.cat([_tensor(_pixels(path)) for path in sorted(folder.iterdir())])
        with torch.inference_mode():
            right += int((net(images).argmax(1) == label).sum())
        total += len(images)
    assert total == 1000
    assert 0.75 < right / total < 0.92


@pytest.mark.parametrize(
    ("name", "scale", "file"),
    [
        ("idn", 2, "idn_x2"),
        ("idn", 3, "idn_x3"),
        ("idn", 4, "idn_x4_mscoco"),
        ("resnet32", 4, "cifar10_resnet32"),
        ("resnet56", 4, "cifar10_resnet56"),
    ],
)
def test_the_other_files_load(srviz_data: Path, name: str, scale: int, file: str) -> None:
    path = srviz_data / "weights" / f"{file}.safetensors"
    assert load_network(name, scale=scale, weights=path).config is not None
