"""Distortion and occupancy against brute force on the raw samples."""

from __future__ import annotations

import numpy as np
import pytest

from srviz.grid import Grid
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import distortion, sqnr_db
from srviz.unfitness.occupancy import occupancy
from srviz.unfitness.stacked import Stacked

GRIDS = {
    "wide": Grid.symmetric(16.0, 4),
    "tight": Grid.symmetric(2.0, 4),
    "two bits": Grid.symmetric(3.0, 2),
    "affine": Grid.affine(-1.0, 5.0, 4),
    "zero point": Grid.affine(-1.1, 5.2, 3, zero_point=True),
    "eight bits": Grid.affine(-8.0, 8.0, 8),
    "mid-rise": Grid.midrise(0.586, 3, 0.3),
    "uneven": Grid.from_levels([-3.0, -1.0, 0.0, 0.2, 4.0]),
    "off the data": Grid.affine(50.0, 60.0, 3),
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_error_inside_and_outside_equals_brute_force(grid: Grid, channels: np.ndarray) -> None:
    x = channels.astype(np.float64)
    found = distortion(Density.of(Histogram.from_values(channels)), Stacked.of([grid]))
    error = (x - grid(x)) ** 2
    outside = (x < grid.lo) | (x > grid.hi)
    # Bins of relative width 2^-7: their squared width is the size of the error that is left,
    # next to a share of the error itself where thresholds cut bins.
    atol = 1e-5 * (x * x).mean(1).max()
    np.testing.assert_allclose(found.mse, error.mean(1), rtol=2e-3, atol=atol)
    np.testing.assert_allclose(found.overload, (error * outside).mean(1), rtol=5e-3, atol=atol)
    np.testing.assert_allclose(found.granular + found.overload, found.mse, rtol=1e-12)
    live = (x * x).mean(1) > 0
    expected = 10 * np.log10((x * x).mean(1)[live] / np.maximum(error.mean(1)[live], 1e-30))
    np.testing.assert_allclose(found.sqnr_db[live], np.minimum(expected, 120), atol=0.05)
    assert np.isnan(found.sqnr_db[~live]).all()


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_occupancy_equals_brute_force(grid: Grid, channels: np.ndarray) -> None:
    x = channels.astype(np.float64)
    found = occupancy(Density.of(Histogram.from_values(channels)), Stacked.of([grid]))
    np.testing.assert_allclose(found.clipped_low, (x < grid.lo).mean(1), atol=2e-3)
    np.testing.assert_allclose(found.clipped_high, (x > grid.hi).mean(1), atol=2e-3)
    for c, row in enumerate(x):
        share = np.bincount(np.searchsorted(grid.edges, row, "right"), minlength=len(grid.levels))
        p = share[share > 0] / len(row)
        assert found.effective_bits[c] == pytest.approx(-(p * np.log2(p)).sum(), abs=0.01)
        # A level within a bin's error of the threshold of 1e-4 may fall on either side.
        close = (np.abs(share / len(row) - 1e-4) < 5e-5).mean()
        used = (share / len(row) > 1e-4).mean()
        assert found.utilisation[c] == pytest.approx(used, abs=close + 1e-9)
        if row.min() == row.max():
            assert found.is_dead[c]
        inside = (grid.levels >= row.min()) & (grid.levels <= row.max())
        assert found.levels_in_range[c] == inside.sum()
        assert found.range_intervals[c] == pytest.approx(np.ptp(row) / grid.interval)
        overlap = max(0.0, min(grid.hi, row.max()) - max(grid.lo, row.min()))
        assert found.wasted_range[c] == pytest.approx(1 - overlap / (grid.hi - grid.lo))


def test_max_abs_bounds_clip_nothing(channels: np.ndarray) -> None:
    grids = [Grid.symmetric(max(float(np.abs(row).max()), 1.0), 4) for row in channels]
    density = Density.of(Histogram.from_values(channels))
    assert distortion(density, Stacked.of(grids)).overload.tolist() == [0.0] * len(grids)
    seen = occupancy(density, Stacked.of(grids))
    assert (seen.clipped_low + seen.clipped_high).tolist() == [0.0] * len(grids)


def test_grids_of_unequal_length_stand_side_by_side(channels: np.ndarray) -> None:
    grids = list(GRIDS.values())[: len(channels)]
    density = Density.of(Histogram.from_values(channels))
    joined, seen = distortion(density, Stacked.of(grids)), occupancy(density, Stacked.of(grids))
    for c, grid in enumerate(grids):
        one = Density.of(Histogram.from_values(channels[c : c + 1]))
        assert joined.mse[c] == pytest.approx(distortion(one, Stacked.of([grid])).mse[0])
        alone = occupancy(one, Stacked.of([grid]))
        assert seen.utilisation[c] == pytest.approx(alone.utilisation[0])
        assert seen.levels_in_range[c] == alone.levels_in_range[0]


def test_sqnr_ends_at_120_db() -> None:
    np.testing.assert_array_equal(
        sqnr_db(np.array([1.0, 100.0, 0.0]), np.array([0.0, 1.0, 0.0])), [120.0, 20.0, np.nan]
    )


def test_more_than_2_to_31_equal_values() -> None:
    h = Histogram.from_values(np.full((1, 4), 0.5))
    for _ in range(33):
        h = h + h
    found = distortion(Density.of(h), Stacked.of([Grid.symmetric(1.0, 2)]))
    assert found.mse[0] == pytest.approx(0.25)
