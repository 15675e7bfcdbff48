"""Bicubic as a network: MATLAB's, whole and in patches, with the published PSNR."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from srviz.data import imresize, load_images
from srviz.scoring import Bicubic, evaluate


def test_it_is_imresize() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    out = Bicubic(4)(x)
    assert out.dtype == torch.float32
    np.testing.assert_array_equal(out[0].permute(1, 2, 0).numpy(), imresize(picture, 4))


def test_the_anchor_of_set5(srviz_data: Path) -> None:
    images = load_images(srviz_data / "benchmark" / "Set5")
    scores = evaluate({"bicubic": Bicubic(4)}, images, progress=False)
    assert scores["psnr"].mean() == pytest.approx(28.43, abs=0.01)
