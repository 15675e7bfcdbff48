"""F1: the ridges are the densities of the raw values of each image."""

from __future__ import annotations

import numpy as np
import pytest
from array_profile import ArrayProfile

import srviz as sv
from srviz.errors import ArgumentError, UnknownNameError
from srviz.plots.style import BLUE, RED

SITE = "b.2.slot_out:out"


def test_two_ridges_per_channel_red_then_blue(pair: list[ArrayProfile]) -> None:
    ax = sv.plot_distributions(pair[0], SITE, [0, 1])
    colours = [line.get_color() for line in ax.lines if line.get_color() in (RED, BLUE)]
    assert colours == [RED, BLUE] * 6
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["image0", "image1"]


def test_a_ridge_is_the_density_of_the_raw_values() -> None:
    rng = np.random.default_rng(0)
    means = np.array([-3.0, 5.0])
    values = rng.normal(means[:, None, None], 1, (2, 1, 50_000)).astype(np.float32)
    ax = sv.plot_distributions(ArrayProfile({SITE: values}, per_image=True), SITE, [0])
    ridges = [line for line in ax.lines if line.get_color() == RED]
    for line, mean in zip(ridges, means, strict=True):
        x, y = line.get_xdata(), line.get_ydata() - line.get_ydata().min()
        normal = np.exp(-((x - mean) ** 2) / 2)
        np.testing.assert_allclose(y / y.max(), normal, atol=0.06)


def test_exact_zeros_do_not_hide_the_rest() -> None:
    rng = np.random.default_rng(0)
    values = np.maximum(rng.normal(0, 1, (1, 1, 20_000)), 0).astype(np.float32)
    ax = sv.plot_distributions(ArrayProfile({SITE: values}, per_image=True), SITE, [0])
    (ridge,) = (line for line in ax.lines if line.get_color() == RED)
    y = ridge.get_ydata()
    at_one = np.interp(1.0, ridge.get_xdata(), y) - y.min()
    assert at_one / (y.max() - y.min()) > 0.4, "a spike at zero would leave a sliver of the rest"


def test_channels_are_evenly_spaced_or_those_asked_for(pair: list[ArrayProfile]) -> None:
    rng = np.random.default_rng(0)
    wide = ArrayProfile({SITE: rng.normal(size=(64, 1, 50)).astype(np.float32)}, per_image=True)
    labels = [t.get_text() for t in sv.plot_distributions(wide, SITE, [0]).get_yticklabels()]
    assert len(labels) == 16
    assert (labels[0], labels[-1]) == ("0", "63")
    ax = sv.plot_distributions(pair[0], SITE, channels=[4, 1])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["4", "1"]


def test_networks_side_by_side_each_with_its_site(pair: list[ArrayProfile]) -> None:
    figure = sv.figure_distributions(pair, [SITE, "b.10.slot_out:out"])
    assert [ax.get_title() for ax in figure.axes] == [
        "(a) EDSR, b.2.slot_out",
        "(b) EDSR + BN, b.10.slot_out",
    ]


def test_a_channel_without_finite_values_is_flat() -> None:
    values = np.full((2, 1, 10), np.nan, np.float32)
    values[1] = 3.0
    sv.plot_distributions(ArrayProfile({SITE: values}, per_image=True), SITE, [0])


def test_what_is_asked_wrongly_is_refused(pair: list[ArrayProfile]) -> None:
    with pytest.raises(UnknownNameError, match="unknown site"):
        sv.plot_distributions(pair[0], "nowhere:out")
    with pytest.raises(ArgumentError, match="one or two"):
        sv.plot_distributions(pair[0], SITE, [0, 1, 2])
    with pytest.raises(ArgumentError, match="some of 0 to 5"):
        sv.plot_distributions(pair[0], SITE, channels=[6])
    with pytest.raises(ArgumentError, match="3 sites for 2 networks"):
        sv.figure_distributions(pair, [SITE] * 3)
