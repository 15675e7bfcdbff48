"""The embedded numbers of a layer against its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from srviz.report import ReportData
from srviz.report.compact import ALPHABET
from srviz.report.layers import N_BINS, N_RIDGES, layer_data


def test_ranges_levels_and_mass(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    layer = layer_data(data, "EDSR")[1]
    x = np.concatenate(data.profiles["EDSR"].values[layer["site"]], axis=1)
    grid = data.grids["EDSR"][4][1].grid
    np.testing.assert_allclose(layer["max"], x.max(axis=1), rtol=1e-3)
    np.testing.assert_allclose(layer["levels"], grid.levels, rtol=1e-3, atol=1e-12)
    used = np.bincount(np.digitize(x.ravel(), grid.edges), minlength=15) / x.size
    np.testing.assert_allclose(layer["mass"], used, atol=2e-3)


def test_a_grid_per_channel_gives_levels_per_channel(make_data: Callable[..., ReportData]) -> None:
    data = make_data(channels=3)
    rows = [
        SimpleNamespace(site=row.site, channel=c, image=None, grid=row.grid)
        for row in data.grids["EDSR"][4]
        for c in (2, 0, 1)
    ]
    layer = layer_data(replace(data, grids=dict(data.grids) | {"EDSR": {4: rows}}), "EDSR")[0]
    assert np.shape(layer["levels"]) == (3, 15)
    assert "mass" not in layer


def test_a_site_without_grid_has_ranges_only(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    layer = layer_data(replace(data, grids=dict(data.grids) | {"EDSR": {4: []}}), "EDSR")[0]
    assert "levels" not in layer
    assert len(layer["min"]) == 6


def test_distributions_of_two_images(make_data: Callable[..., ReportData]) -> None:
    data = make_data(channels=30)
    dist = layer_data(data, "EDSR")[1]["dist"]
    assert dist["images"] == ["baby", "bird"]
    assert (len(dist["channels"]), dist["of"]) == (N_RIDGES, 30)
    x = data.profiles["EDSR"].values["blocks.0.slot_mid:out"][1][dist["channels"][5]]
    counts = np.histogram(x[x > 0], np.linspace(dist["lo"], dist["hi"], N_BINS + 1))[0]
    drawn = np.array([ALPHABET.index(c) for c in dist["curves"][1][5]])
    assert np.corrcoef(counts, drawn)[0, 1] > 0.98
    assert abs(dist["zeros"][1][5] - (x == 0).mean()) < 0.01


def test_without_images_all_are_drawn_together(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    data.profiles["EDSR"].image_names = []
    assert layer_data(data, "EDSR")[0]["dist"]["images"] == ["all images"]


def test_channels_that_are_not_finite_are_marked(make_data: Callable[..., ReportData]) -> None:
    layer = layer_data(make_data(poison=True), "EDSR")[0]
    assert layer["broken"] == [""] * 5 + ["1 NaN and 2 infinite"]
