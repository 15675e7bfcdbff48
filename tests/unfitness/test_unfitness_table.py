"""The unfitness table: its columns against brute force, its invariances, its edges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from srviz.errors import ArgumentError, SiteError
from srviz.grid import Grid, Grids
from srviz.histogram import Histogram
from srviz.tables import validate
from srviz.unfitness import calibrate, lloyd_max, optimum, unfitness
from srviz.unfitness.table import WORSE_IF_HIGH


@pytest.fixture
def prof(make_profile: Callable, channels: np.ndarray):
    return make_profile({"a:out": channels[:, None], "b:out": channels[:3, None]})


def test_keys_and_columns_are_the_contract(prof) -> None:
    table = validate(unfitness(prof, calibrate(prof, "pams", bits=4)), "unfitness")
    keys = ["label", "site", "depth", "channel", "method", "bits"]
    assert list(table.columns) == [*keys, *WORSE_IF_HIGH]
    assert len(table) == 7 + 3
    assert list(table["site"].cat.categories) == ["a:out", "b:out"]


def test_scalars_equal_their_definitions(prof, channels: np.ndarray) -> None:
    grids = calibrate(prof, "pams", bits=4)
    table = unfitness(prof, grids).query("site == 'a:out'")
    h, x, grid = Histogram.from_values(channels), channels.astype(np.float64), grids["a:out"]
    best = optimum(h, "symmetric", 4).alpha
    free = lloyd_max(h, 16).mse
    for c in (0, 1, 2, 5, 6):
        row = table.iloc[c]
        error = ((x[c] - grid(x[c])) ** 2).mean()
        assert row["mse"] == pytest.approx(error, rel=2e-3)
        assert row["alpha_log2_ratio"] == pytest.approx(np.log2(grid.hi / best[c]), abs=1e-3)
        assert row["unfit_mse"] == pytest.approx(1 - free[c] / error, abs=0.01)
        assert row["unfit_levels"] == pytest.approx(1 - 2 ** row["effective_bits"] / 15)


def test_outliers_need_more_than_one_number(make_profile: Callable) -> None:
    x = np.random.default_rng(1).normal(0, 1, (1, 1, 40_000)).astype(np.float32)
    x[0, 0, :40] = 300.0  # 0.1 %, beyond any bound that fits the rest
    prof = make_profile({"a:out": x})
    row = unfitness(prof, calibrate(prof, "pams", bits=4)).iloc[0]
    assert row["sqnr_db"] > 15
    assert row["effective_bits"] < 0.05
    assert row["utilisation"] < 0.2


@pytest.mark.parametrize("k", [2.0**-8, 2.0**8, -1.0])
def test_scaling_and_sign_flip_change_nothing(
    make_profile: Callable, tensor: np.ndarray, k: float
) -> None:
    found = []
    for factor in (1.0, k):
        prof = make_profile({"a:out": tensor * np.float32(factor)})
        found.append(unfitness(prof, calibrate(prof, "pams", bits=4)))
    one, other = found
    if k < 0:
        one = one.rename(columns={"clipped_low": "clipped_high", "clipped_high": "clipped_low"})
    for name in WORSE_IF_HIGH:
        scale = k * k if name.startswith("mse") else 1.0
        np.testing.assert_allclose(
            other[name], one[name] * scale, rtol=1e-3, atol=2e-3 * scale, err_msg=name
        )


def test_a_layer_is_the_weighted_mean_and_its_worst_decile(prof) -> None:
    grids = calibrate(prof, "minmax", bits=4)
    rows = unfitness(prof, grids).query("site == 'a:out'")
    layer = validate(unfitness(prof, grids, per="layer"), "layers").iloc[0]
    assert layer["mse"] == pytest.approx(rows["mse"].mean())
    assert layer["is_dead"] == pytest.approx(rows["is_dead"].mean())
    assert layer["mse_worst"] == pytest.approx(np.quantile(rows["mse"], 0.9))
    assert layer["effective_bits_worst"] == pytest.approx(np.quantile(rows["effective_bits"], 0.1))
    assert layer["channels"] == 7
    power = (rows["mse"] * 10 ** (rows["sqnr_db"] / 10)).dropna()  # the channel of zeros has none
    expected = 10 * np.log10(power.sum() / rows["mse"].sum())
    assert layer["sqnr_db"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", ["pams", "minmax", "ddtb"])
def test_awkward_channels_neither_fail_nor_warn(method: str, make_profile: Callable) -> None:
    x = np.zeros((6, 1, 60), np.float32)
    x[1], x[2], x[3], x[4, 0] = 3.25, -1e-7, np.nan, np.linspace(0, 1, 60)
    x[5, 0, :2] = [np.inf, 1e30]
    prof = make_profile({"a:out": x})
    for per in ("tensor", "channel"):
        table = unfitness(prof, calibrate(prof, method, 4, per=per))
        validate(table, "unfitness")
        assert table["is_dead"].tolist()[:4] == [True] * 4
        assert np.isnan(table["sqnr_db"][[0, 3]]).all()
        assert np.isnan(table["alpha_log2_ratio"][[0, 3]]).all()
        assert (table["mse"].drop(3) >= 0).all()
        unknown = table.drop(columns=["levels_in_range", "is_dead"]).iloc[3]
        assert unknown.loc["range_intervals":].isna().all(), "only NaN: nothing is known"
        validate(unfitness(prof, calibrate(prof, method, 4, per=per), per="layer"), "layers")


def test_several_widths_at_once(prof) -> None:
    grids = calibrate(prof, "pams", bits=4) + calibrate(prof, "pams", bits=2)
    assert unfitness(prof, grids, per="layer")["bits"].tolist() == [4, 2, 4, 2]


def test_calls_of_a_shared_module_share_its_grid(
    make_profile: Callable, tensor: np.ndarray
) -> None:
    prof = make_profile({"act:in": tensor, "act:in#1": 2 * tensor})
    grids = Grids.build([("act:in", None, None, "pams", 4, Grid.symmetric(5.0, 4))])
    assert len(unfitness(prof, grids, per="layer")) == 2


def test_bad_input_is_one_clear_line(prof, tensor: np.ndarray) -> None:
    grid = Grid.symmetric(5.0, 4)
    with pytest.raises(SiteError, match="fit no site of net"):
        unfitness(prof, Grids.build([("x:out", None, None, "pams", 4, grid)]))
    with pytest.raises(ArgumentError, match="2 grids for the 7 channels of a:out"):
        unfitness(prof, Grids.build([("a:out", c, None, "pams", 4, grid) for c in range(2)]))
    with pytest.raises(ArgumentError, match="per image"):
        unfitness(prof, Grids.build([("a:out", None, 0, "pams", 4, grid)]))
    with pytest.raises(ArgumentError, match="'channel' or 'layer'"):
        unfitness(prof, calibrate(prof, "pams", 4), per="site")
