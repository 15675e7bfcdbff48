"""The waterfall: gaps never negative, adding up, and each one where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from srviz.errors import ArgumentError
from srviz.grid import Grid, Grids
from srviz.tables import validate
from srviz.unfitness import calibrate, unfitness, waterfall
from srviz.unfitness.waterfall import COLUMNS, GAPS

Make = Callable[..., object]


def gaps(table: pd.DataFrame) -> np.ndarray:
    return table[list(GAPS)].to_numpy(np.float64)


@pytest.mark.parametrize("method", ["pams", "minmax", "ddtb"])
@pytest.mark.parametrize("bits", [2, 4])
@pytest.mark.parametrize("per_image", [False, True])
def test_gaps_are_never_negative_and_add_up(
    method: str, bits: int, per_image: bool, make_profile: Make, tensor: np.ndarray
) -> None:
    prof = make_profile({"a:out": tensor, "b:out": np.maximum(tensor, 0)}, per_image=per_image)
    for criterion in ("absmax", "mse"):
        for per in ("tensor", "channel"):
            grids = calibrate(prof, method, bits, criterion, per)
            table = validate(waterfall(prof, grids), "waterfall")
            assert list(table.columns) == list(COLUMNS)
            assert np.nanmin(gaps(table)) >= -1e-9
            total = table["sqnr_db"] + np.nansum(gaps(table), axis=1)
            np.testing.assert_allclose(total, table["sqnr_best_db"], atol=1e-9)
            assert table["gap_input_db"].isna().all() != per_image
            if per == "channel":
                np.testing.assert_allclose(table["gap_channel_db"], 0, atol=0.02)


def test_sqnr_is_that_of_the_unfitness_table(make_profile: Make, tensor: np.ndarray) -> None:
    for per_image, atol in ((False, 1e-2), (True, 5e-2)):
        prof = make_profile({"a:out": tensor}, per_image=per_image)
        grids = calibrate(prof, "pams", bits=4)
        one, other = waterfall(prof, grids), unfitness(prof, grids, per="layer")
        np.testing.assert_allclose(one["sqnr_db"], other["sqnr_db"], atol=atol)


def only(found: pd.DataFrame, name: str, least: float) -> None:
    """The gap ``name`` is large and every other small."""
    row = found.iloc[0]
    assert row[name] > least
    for other in GAPS:
        if other != name and not np.isnan(row[other]):
            assert row[other] < 0.35 * row[name], other


def test_every_reason_shows_in_its_own_gap(make_profile: Make) -> None:
    rng = np.random.default_rng(2)
    even = rng.uniform(-1, 1, (8, 3, 3000)).astype(np.float32)
    plain = make_profile({"a:out": even}, per_image=True)
    tight = Grids.build([("a:out", None, None, "pams", 4, Grid.symmetric(4.0, 4))])
    only(waterfall(plain, tight), "gap_bounds_db", 10)
    sided = make_profile({"a:out": np.abs(even)}, per_image=True)
    only(waterfall(sided, calibrate(sided, "pams", 4)), "gap_symmetry_db", 5)
    moved = even * 0.2 + np.linspace(-6, 6, 8, dtype=np.float32)[:, None, None]
    prof = make_profile({"a:out": moved}, per_image=True)
    only(waterfall(prof, calibrate(prof, "minmax", 4)), "gap_channel_db", 10)
    moved = even * 0.2 + np.linspace(-6, 6, 3, dtype=np.float32)[None, :, None]
    prof = make_profile({"a:out": moved}, per_image=True)
    only(waterfall(prof, calibrate(prof, "minmax", 4)), "gap_input_db", 8)
    peaked = rng.standard_t(3, (8, 3, 3000)).astype(np.float32)
    prof = make_profile({"a:out": np.repeat(peaked[:1, :1], 3, 1)}, per_image=True)
    only(waterfall(prof, calibrate(prof, "minmax", 4, "mse")), "gap_grid_db", 2)


@pytest.mark.parametrize("k", [2.0**-8, 2.0**8, -1.0])
def test_scaling_and_sign_flip_change_nothing(
    make_profile: Make, tensor: np.ndarray, k: float
) -> None:
    found = []
    for factor in (1.0, k):
        prof = make_profile({"a:out": tensor * np.float32(factor)}, per_image=True)
        found.append(gaps(waterfall(prof, calibrate(prof, "ddtb", 3))))
    np.testing.assert_allclose(found[1], found[0], atol=0.03)


@pytest.mark.parametrize("method", ["pams", "minmax", "ddtb"])
@pytest.mark.parametrize("per_image", [False, True])
def test_awkward_channels_neither_fail_nor_warn(
    method: str, per_image: bool, make_profile: Make
) -> None:
    x = np.zeros((6, 2, 40), np.float32)
    x[1], x[2], x[3], x[4] = 3.25, -1e-7, np.nan, np.linspace(0, 1, 80).reshape(2, 40)
    x[5, 0, 0] = np.inf
    for values in (x, x[:1], x[1:2], x[2:3], x[4:]):
        prof = make_profile({"a:out": values}, per_image=per_image)
        for criterion in ("absmax", "percentile"):
            for per in ("tensor", "channel"):
                table = waterfall(prof, calibrate(prof, method, 4, criterion, per))
                found = gaps(table)
                assert np.nan_to_num(found).min() >= -1e-9
                assert np.isnan(found).all() == (not np.nan_to_num(values).any())


def test_a_trained_grid_off_the_data_still_has_a_waterfall(
    make_profile: Make, tensor: np.ndarray
) -> None:
    prof = make_profile({"a:out": tensor})
    far = Grids.build([("a:out", None, None, "own", 4, Grid.affine(50.0, 60.0, 4))])
    table = waterfall(prof, far)
    assert gaps(table)[0, 0] > 20
    midrise = Grids.build([("a:out", None, None, "daq", 3, Grid.midrise(0.5, 3))])
    assert np.nanmin(gaps(waterfall(prof, midrise))) >= -1e-9


def test_uneven_levels_are_refused(make_profile: Make, tensor: np.ndarray) -> None:
    prof = make_profile({"a:out": tensor})
    uneven = Grid.from_levels([-1.0, 0.0, 3.0])
    with pytest.raises(ArgumentError, match="levels at a:out are not even"):
        waterfall(prof, Grids.build([("a:out", None, None, "own", 2, uneven)]))
