"""IMDN, a network srviz has never seen: captured, quantized and scored with real weights."""

from __future__ import annotations

from pathlib import Path

from imdn import load_imdn
from torch import nn

import srviz as sv


def test_a_published_foreign_network_goes_all_the_way(srviz_data: Path) -> None:
    net = load_imdn(srviz_data / "weights/imdn_x4.safetensors")
    images = sv.load_images(srviz_data / "benchmark/Set5")[2:]  # the smaller ones
    convs = [f"{name}:in" for name, m in net.named_modules() if isinstance(m, nn.Conv2d)]
    prof = sv.capture(net, images, label="IMDN", progress=False)
    assert sorted(prof.site_names) == sorted(convs)
    quantized = {
        f"W32A{b}": sv.quantize(net, "minmax", b, sv.calibrate(prof, "minmax", b)) for b in (8, 3)
    }
    scores = sv.evaluate({"FP": net, **quantized}, images, protocol="y-edsr", progress=False)
    psnr = scores.groupby("network", sort=False)["psnr"].mean()
    assert psnr["FP"] > 30  # test_published.py holds it to its published score
    assert 0 < psnr["FP"] - psnr["W32A8"] < 0.3
    assert psnr["W32A3"] < psnr["W32A8"] - 1

    edsr = sv.load_network("edsr", weights=srviz_data / "weights/edsr_r8f64_x4.safetensors")
    both = [prof, sv.capture(edsr, images[:1], label="EDSR", progress=False)]
    table = sv.interval_table(both, bits=4, criteria=("max", "min"))
    assert table.groupby("label")["site"].nunique().to_dict() == {
        "IMDN": len(convs),
        "EDSR": 8 * 3,
    }
