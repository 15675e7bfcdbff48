"""Scoring with channels_last, as ``evaluate`` does, against the plain loop, image by image.

The bundled EDSR on Urban100 x4 (on the bundled photographs without ``SRVIZ_DATA``): inference,
PSNR and SSIM. The two ways take turns on every image.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import torch

from srviz.data import Image, load_images
from srviz.networks import load_network
from srviz.scoring import psnr, ssim
from srviz.scoring.inference import upscale


def run() -> list[dict[str, object]]:
    """Ratio of the total times, of inference alone too, and the largest difference in PSNR."""
    images = load_images("Urban100" if "SRVIZ_DATA" in os.environ else "samples", scale=4)
    net = load_network("edsr", weights="bundled").eval()
    ways = {"plain": net, "channels_last": lambda lr: upscale(net, lr)}
    totals = {name: np.zeros(2) for name in ways}
    differences = []
    for way in ways.values():  # kernels are chosen on first use
        _score(way, images[0])
    for image in images:
        found = {name: _score(way, image) for name, way in ways.items()}
        differences.append(abs(found["plain"][0] - found["channels_last"][0]))
        for name, (_, *seconds) in found.items():
            totals[name] += seconds
    inference, whole = totals["plain"] / totals["channels_last"]
    name = f"{images.name} x4, {len(images)} images, channels_last"
    rows = [
        (f"scoring {name}: faster than the plain loop", round(float(whole), 3), "x", "> 1"),
        ("of that inference alone", round(float(inference), 3), "x", "> 1"),
        ("largest difference in PSNR", float(f"{max(differences):.1e}"), "dB", "<= 1e-4"),
        (f"scoring {name}", round(float(totals["channels_last"][1]), 1), "s", ""),
    ]
    return [dict(zip(("figure", "value", "unit", "target"), row, strict=True)) for row in rows]


def _score(way: Callable[[torch.Tensor], torch.Tensor], image: Image) -> tuple[float, float, float]:
    """PSNR, seconds of inference, seconds altogether."""
    hr = image.hr
    assert hr is not None
    lr = torch.from_numpy(np.ascontiguousarray(image.lr)).permute(2, 0, 1)[None].float()
    lr = lr.contiguous()
    start = time.perf_counter()
    with torch.inference_mode():
        sr = way(lr)
    done = time.perf_counter()
    pixels = sr[0].permute(1, 2, 0).numpy()
    value = psnr(pixels, hr, scale=4)
    ssim(pixels, hr, scale=4)
    return value, done - start, time.perf_counter() - start
