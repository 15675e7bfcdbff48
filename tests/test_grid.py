"""Grid and Grids against the papers' forward formulas and against plain searches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srviz.errors import ArgumentError, UnknownNameError
from srviz.grid import Grid, Grids

X = np.random.default_rng(0).normal(0, 3, 20_000)
bits = st.integers(2, 8)


def pams(x: np.ndarray, alpha: float, b: int) -> np.ndarray:
    n = 2 ** (b - 1) - 1
    return np.round(np.clip(x, -alpha, alpha) * n / alpha) * alpha / n


def ddtb(x: np.ndarray, lower: float, upper: float, b: int) -> np.ndarray:
    s = (2**b - 1) / (upper - lower)
    z = np.round(s * lower) + 2 ** (b - 1)
    return (np.round(s * np.clip(x, lower, upper) - z) + z) / s


@given(st.floats(0.1, 20), bits)
def test_symmetric_is_the_formula_of_pams(alpha: float, b: int) -> None:
    grid = Grid.symmetric(alpha, b)
    np.testing.assert_allclose(grid(X), pams(X, alpha, b), atol=1e-12)
    assert len(grid.levels) == 2**b - 1
    assert grid.interval == alpha / (2 ** (b - 1) - 1)
    np.testing.assert_allclose(np.diff(grid.levels), grid.interval)
    assert 0.0 in grid.levels


@given(st.floats(-8, 2), st.floats(0.1, 12), bits)
def test_affine_with_zero_point_is_the_formula_of_ddtb(low: float, width: float, b: int) -> None:
    grid = Grid.affine(low, low + width, b, zero_point=True)
    np.testing.assert_allclose(grid(X), ddtb(X, low, low + width, b), atol=1e-9)
    assert np.abs(grid.levels / grid.interval - np.round(grid.levels / grid.interval)).max() < 1e-6


def test_the_example_of_ddtb_and_a_tie() -> None:
    grid = Grid.affine(-1.1, 2.3, 2, zero_point=True)
    np.testing.assert_allclose(grid.levels, [-1.7 / 1.5, 0, 1.7 / 1.5, 3.4 / 1.5])
    tie = Grid.affine(-0.5, 2.5, 2, zero_point=True)
    assert set(np.unique(ddtb(X, -0.5, 2.5, 2))) <= set(tie.levels)


@given(st.floats(-8, 8), st.floats(0.1, 12), st.integers(1, 8))
def test_affine_rounds_between_its_bounds(low: float, width: float, b: int) -> None:
    grid = Grid.affine(low, low + width, b)
    step = width / (2**b - 1)
    expected = low + np.round((np.clip(X, low, low + width) - low) / step) * step
    np.testing.assert_allclose(grid(X), expected, atol=1e-9)
    assert len(grid.levels) == 2**b


def test_midrise_is_the_formula_of_daq() -> None:
    step, b, mean = 0.586, 3, 0.25
    y = (np.round((X - mean) / step + 0.5) - 0.5) * step
    expected = np.clip(y, -3.5 * step, 3.5 * step) + mean
    np.testing.assert_allclose(Grid.midrise(step, b, mean)(X), expected, atol=1e-12)


def test_from_levels_takes_the_nearest_level() -> None:
    grid = Grid.from_levels([3.0, -1.0, 0.5, 0.5])
    nearest = grid.levels[np.abs(X[:, None] - grid.levels).argmin(1)]
    np.testing.assert_array_equal(grid(X), nearest)
    assert (grid.lo, grid.hi, grid.bits, grid.interval) == (-1.0, 3.0, 2, 2.0)
    assert Grid.from_levels([7.0])([-1.0, 99.0]).tolist() == [7.0, 7.0]


def test_nan_stays_infinities_are_clipped_shape_is_kept() -> None:
    out = Grid.symmetric(2.0, 2)([[np.nan, np.inf], [-np.inf, 0.0]])
    np.testing.assert_array_equal(out, [[np.nan, 2.0], [-2.0, 0.0]])
    assert Grid.symmetric(2.0, 2)(0.3).shape == ()


@pytest.mark.parametrize("k", [0.25, -1.0, -3.0])
def test_scaled_is_the_grid_of_scaled_values(k: float) -> None:
    grid = Grid.affine(-1.0, 2.3, 3)
    np.testing.assert_allclose(grid.scaled(k)(k * X), k * grid(X), atol=1e-12)
    assert grid.scaled(k).lo == min(k * grid.lo, k * grid.hi)


def test_a_grid_is_a_value() -> None:
    one, other = Grid.symmetric(2.0, 4), Grid.symmetric(2.0, 4)
    assert one == other
    assert hash(one) == hash(other)
    assert one != Grid.symmetric(2.0, 3)
    with pytest.raises(ValueError, match="read-only"):
        one.levels[0] = 0
    mine = np.array([0.0, 1.0])
    Grid(mine, np.array([0.5]), 0.0, 1.0, 1.0, 1)
    mine[0] = 5


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Grid.symmetric(0.0, 4), "alpha 0.0.*above 0"),
        (lambda: Grid.symmetric(float("nan"), 4), "alpha nan"),
        (lambda: Grid.symmetric(1.0, 1), "bits=1.*2 to 16"),
        (lambda: Grid.symmetric(1.0, True), "bits=True"),
        (lambda: Grid.affine(1.0, 1.0, 4), "lower < upper"),
        (lambda: Grid.affine(0.0, float("inf"), 4), "finite"),
        (lambda: Grid.affine(1e9, np.nextafter(1e9, 2e9), 8), "ascend"),
        (lambda: Grid.midrise(-1.0, 4), "step above 0"),
        (lambda: Grid.from_levels([]), "at least one level"),
        (lambda: Grid.from_levels([0.0, np.inf]), "NaN or Inf"),
        (lambda: Grid(np.zeros(2), np.zeros(0), 0.0, 0.0, 1.0, 1), "2 levels and 0 edges"),
        (lambda: Grid.symmetric(1.0, 4).scaled(0.0), "other than 0"),
    ],
)
def test_what_is_no_grid_is_refused(make: object, match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        make()  # type: ignore[operator]


@pytest.fixture
def grids() -> Grids:
    per_channel = [("b:out", c, None, "pams", 4, Grid.symmetric(1.0 + c, 4)) for c in range(3)]
    return Grids.build([("a:out", None, None, "pams", 4, Grid.symmetric(9.0, 4)), *per_channel])


def test_get_finds_the_grid_that_serves_a_place(grids: Grids) -> None:
    assert grids["a:out"].hi == 9.0
    assert grids.get("a:out", channel=7, image=2).hi == 9.0
    assert grids.get("b:out", channel=2).hi == 3.0
    assert grids.get("b:out", channel=2, image=5).hi == 3.0
    assert grids[1].channel == 0
    assert [row.site for row in grids] == ["a:out", "b:out", "b:out", "b:out"]
    assert grids.sites == ["a:out", "b:out"]
    assert len(grids[1:]) == len(grids.at("b:out")) == 3


def test_get_says_what_is_missing_or_ambiguous(grids: Grids) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'a:out'"):
        grids["a:oot"]
    with pytest.raises(ArgumentError, match="no grid at b:out for channel None"):
        grids["b:out"]
    both = grids + Grids.build([("a:out", None, None, "pams", 3, Grid.symmetric(9.0, 3))])
    with pytest.raises(ArgumentError, match="pams 4 bits, pams 3 bits"):
        both["a:out"]
    assert both.filter(lambda row: row.bits == 3)["a:out"].bits == 3
    with pytest.raises(ArgumentError, match="two grids"):
        grids + grids


def test_frame_is_one_row_per_grid(grids: Grids) -> None:
    table = grids.frame
    assert list(table.columns) == [
        "site", "channel", "image", "method", "bits", "lo", "hi", "interval", "n_levels",
    ]  # fmt: skip
    assert table["channel"].isna().tolist() == [True, False, False, False]
    assert table["n_levels"].tolist() == [15] * 4
    assert list(table["site"].cat.categories) == ["a:out", "b:out"]
    assert table["site"].cat.ordered
    empty = Grids().frame
    assert len(empty) == 0
    assert list(empty.columns) == list(table.columns)
    assert empty["hi"].dtype == "float64"
