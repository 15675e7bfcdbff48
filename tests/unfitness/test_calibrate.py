"""Calibrate and bounds: the criteria against numpy, and the awkward tensors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from srviz.errors import ArgumentError, NonFiniteError, UnknownNameError
from srviz.histogram import Histogram
from srviz.unfitness import calibrate
from srviz.unfitness.bounds import alpha, lower_upper

METHODS = ("minmax", "pams", "ddtb")


def test_defaults_are_those_of_the_papers(make_profile: Callable, tensor: np.ndarray) -> None:
    prof = make_profile({"a:out": tensor})
    low, high = float(tensor.min()), float(tensor.max())
    minmax, pams, ddtb = (calibrate(prof, m, bits=4)["a:out"] for m in METHODS)
    assert (minmax.lo, minmax.hi, len(minmax.levels)) == (low, high, 16)
    assert (pams.lo, pams.hi, len(pams.levels)) == (-max(-low, high), max(-low, high), 15)
    expected = np.quantile(tensor, [0.01, 0.99])
    np.testing.assert_allclose([ddtb.lo, ddtb.hi], expected, rtol=0.01)
    assert 0.0 in ddtb.levels


def test_criteria_of_a_signed_tensor(tensor: np.ndarray) -> None:
    x = tensor.reshape(1, -1)
    h = Histogram.from_values(x)
    assert alpha(h, "max", 4)[0] == x.max()
    assert alpha(h, "min", 4)[0] == -x.min()
    assert alpha(h, "absmax", 4)[0] == np.abs(x).max()
    expected = np.abs(np.quantile(x, [0.005, 0.995])).max()
    assert alpha(h, "percentile", 4, percentile=0.5)[0] == pytest.approx(expected, rel=0.01)
    low, high = lower_upper(h, "absmax", "affine", 4)
    assert (low[0], high[0]) == (-np.abs(x).max(), np.abs(x).max())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("per", ["tensor", "channel"])
def test_mse_beats_every_other_criterion(
    method: str, per: str, make_profile: Callable, tensor: np.ndarray
) -> None:
    prof = make_profile({"a:out": tensor})

    def error(criterion: str) -> float:
        grids = calibrate(prof, method, 3, criterion, per)
        quantized = [grids.get("a:out", channel=c)(x) for c, x in enumerate(tensor)]
        return float(((tensor - np.stack(quantized)) ** 2).mean())

    others = ["absmax", "percentile", "max"] + (["minmax"] if method != "pams" else [])
    assert error("mse") <= min(error(c) for c in others) * 1.002


def test_one_grid_for_each_channel(make_profile: Callable, tensor: np.ndarray) -> None:
    grids = calibrate(make_profile({"a:out": tensor}), "pams", bits=4, per="channel")
    assert [row.channel for row in grids] == list(range(12))
    assert grids.get("a:out", channel=3).hi == np.abs(tensor[3]).max()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("criterion", ["absmax", "percentile", "mse"])
@pytest.mark.parametrize("value", [0.0, 3.25, -7.0, 2.0**-20])
def test_a_constant_is_represented_exactly(
    method: str, criterion: str, value: float, make_profile: Callable
) -> None:
    prof = make_profile({"a:out": np.full((2, 1, 9), value, np.float32)})
    for per in ("tensor", "channel"):
        for row in calibrate(prof, method, 4, criterion, per):
            slack = 2e-5 * max(abs(value), 1.0)
            if method == "ddtb" and criterion == "absmax":
                slack = 0.5001 * row.grid.interval  # the outer levels of DDTB miss the bounds
            assert row.grid(value) == pytest.approx(value, abs=slack)


def test_a_channel_of_mostly_zeros_gets_its_range(make_profile: Callable) -> None:
    x = np.zeros((1, 1, 1000), np.float32)
    x[0, 0, 0] = -5.0
    for method in ("ddtb", "pams"):
        grid = calibrate(make_profile({"a:out": x}), method, 4, "percentile")["a:out"]
        assert grid.lo == -5.0
        assert grid(0.0) == 0.0


def test_nan_and_inf_are_left_out(make_profile: Callable) -> None:
    x = np.array([[[1.0, -3.0, np.nan, np.inf]], [[np.nan] * 4]], np.float32)
    prof = make_profile({"a:out": x})
    assert calibrate(prof, "pams", bits=4)["a:out"].hi == 3.0
    assert len(calibrate(prof, "minmax", bits=4, per="channel")) == 2
    with pytest.raises(NonFiniteError, match="b:in"):
        calibrate(make_profile({"b:in": x[1:]}), "pams", bits=4)


def test_bad_arguments_are_one_clear_line(make_profile: Callable, tensor: np.ndarray) -> None:
    prof = make_profile({"a:out": np.maximum(tensor, 0)})
    with pytest.raises(ArgumentError, match=r"'min' gives alpha 0 at a:out.*absmax"):
        calibrate(prof, "pams", 4, "min")
    with pytest.raises(UnknownNameError, match=r"unknown quantizer 'pam'.*'pams'"):
        calibrate(prof, "pam", 4)
    with pytest.raises(UnknownNameError, match=r"symmetric grid 'minmax'.*absmax"):
        calibrate(prof, "pams", 4, "minmax")
    with pytest.raises(UnknownNameError, match=r"unknown criterion 'ms'"):
        calibrate(prof, "ddtb", 4, "ms")
    for bits in (1, 9, True, 4.0):
        with pytest.raises(ArgumentError, match="2 to 8"):
            calibrate(prof, "pams", bits)
    with pytest.raises(ArgumentError, match="percentile 60"):
        calibrate(prof, "ddtb", 4, percentile=60)
    with pytest.raises(ArgumentError, match=r"'tensor' or 'channel'"):
        calibrate(prof, "pams", 4, per="layer")
