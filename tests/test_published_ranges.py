"""Capture and intervals of a published EDSR against independently measured ranges."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import srviz as sv


@pytest.mark.real
def test_intervals_of_a_published_edsr_on_urban100(srviz_data: Path) -> None:
    weights = srviz_data / "weights" / "edsr_r8f64_x4.safetensors"
    net = sv.load_network("edsr", weights=weights)
    images = sv.load_images(srviz_data / "benchmark" / "Urban100")
    prof = sv.capture(net, images, sites="blocks.[567].conv2:out", progress=False)
    table = sv.interval_table([prof], bits=4, criteria=("max", "min"))
    for criterion, expected in (("max", (62.2, 76.3, 72.4)), ("min", (51.5, 73.2, 84.2))):
        got = table[table["criterion"] == criterion]["interval"].tolist()
        assert got == pytest.approx(expected, abs=0.1), criterion


def test_ranges_of_a_published_edsr_on_set5(srviz_data: Path) -> None:
    weights = srviz_data / "weights" / "edsr_r8f64_x4.safetensors"
    measured = json.loads((weights.parent / "edsr_r8f64_x4_activation_ranges.json").read_text())
    net = sv.load_network("edsr", weights=weights)
    images = sv.load_images(srviz_data / "benchmark" / "Set5")
    sites = ["blocks.*.conv1:*", "blocks.*.conv2:*"]
    prof = sv.capture(net, images, sites=sites, progress=False)
    compared = 0
    for name, (high, low) in measured["ranges"].items():
        found = re.fullmatch(r"Set5\|b(\d+)\.(conv[12])\.(in|out)", name)
        if found is None:
            continue
        block, conv, tap = found.groups()
        h = prof.histogram(f"blocks.{block}.{conv}:{tap}")
        assert h.max.max() == pytest.approx(high, rel=1e-4), name
        assert h.min.min() == pytest.approx(low, rel=1e-4), name
        compared += 1
    assert compared == 8 * 4
