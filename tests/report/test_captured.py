"""The page of a real network, captured and calibrated; also when some of it is NaN or infinite."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from srviz.capture import capture
from srviz.capture.profile import Profile
from srviz.data import Image, ImageSet
from srviz.networks import load_network
from srviz.report import ReportData, render
from srviz.report.charts import chart_data
from srviz.report.compare import compare
from srviz.report.layers import layer_data
from srviz.report.page import broken_sites
from srviz.unfitness import calibrate, unfitness, waterfall

LABELS = ("EDSR", "EDSR + BN")
LAST = "blocks.1.slot_out:out"
PIXELS = 2 * 18 * 16


def noise() -> ImageSet:
    rng = np.random.default_rng(0)
    high = [rng.integers(0, 256, (72, 64, 3), dtype=np.uint8) for _ in range(2)]
    images = [Image(name=f"n{i}", scale=4, high=h) for i, h in enumerate(high)]
    return ImageSet("noise", 4, tuple(images))


@pytest.fixture(scope="module")
def data() -> ReportData:
    """Two blocks of 4 channels; without BN, channel 1 of the last branch is NaN, 3 infinite."""
    torch.manual_seed(0)
    profiles: dict[str, Profile] = {}
    for label, norm in zip(LABELS, (None, "batch"), strict=True):
        net = load_network("edsr", n_blocks=2, n_feats=4, norm=norm)
        if norm is None:
            net.get_parameter("blocks.1.conv2.bias").data[[1, 3]] = torch.tensor(
                [float("nan"), float("inf")]
            )
            with pytest.warns(UserWarning, match=LAST):
                profiles[label] = _capture(net, label)
        else:
            profiles[label] = _capture(net, label)
    grids = {k: {4: calibrate(p, "pams", bits=4)} for k, p in profiles.items()}
    tables = {
        "unfitness": pd.concat(unfitness(p, grids[k][4]) for k, p in profiles.items()),
        "waterfall": pd.concat(waterfall(p, grids[k][4]) for k, p in profiles.items()),
    }
    return ReportData("broken", [LABELS], profiles, grids, 4, tables)


def _capture(net: torch.nn.Module, label: str) -> Profile:
    return capture(net, noise(), sites="slots", per_image=True, label=label, progress=False)


def test_broken_channels_are_named_and_counted(data: ReportData) -> None:
    line = f"EDSR, {LAST}: {PIXELS} NaN and {PIXELS} infinite values"
    assert broken_sites(data) == [line]
    assert line in render(data)


def test_broken_channels_are_marked_and_have_no_range(data: ReportData) -> None:
    layer = next(found for found in layer_data(data, "EDSR") if found["site"] == LAST)
    assert layer["broken"] == ["", f"{PIXELS} NaN", "", f"{PIXELS} infinite"]
    assert [value is None for value in layer["min"]] == [False, True, False, True]
    assert sum(layer["mass"]) == pytest.approx(1, abs=1e-3)
    assert "broken" not in layer_data(data, "EDSR + BN")[-1]


def test_broken_channels_fit_nothing(data: ReportData) -> None:
    pair = compare(data, data.pairs[0], None)
    heat = chart_data(data, [pair], [])["heat"]["EDSR"]
    distances = heat["metrics"]["unfit_db"][heat["site"].index(LAST)]
    assert [value is None for value in distances] == [False, True, False, True]


def test_the_levels_drawn_are_those_of_the_grid(data: ReportData) -> None:
    layer = layer_data(data, "EDSR + BN")[0]
    alpha = data.profiles["EDSR + BN"].histogram(layer["site"])
    top = max(np.abs(alpha.min).max(), np.abs(alpha.max).max())
    np.testing.assert_allclose(layer["levels"], np.arange(-7, 8) * top / 7, rtol=1e-3, atol=1e-9)
