"""Mass between cuts, against counting the values themselves."""

from __future__ import annotations

import numpy as np
import pytest

from srviz.histogram import Histogram
from srviz.report.mass import mass_between


def test_mass_at_the_bounds_of_bins_is_exact() -> None:
    x = np.random.default_rng(0).normal(1, 3, (3, 4000)).astype(np.float32)
    x[1, :500] = 0.0
    cuts = np.array([-np.inf, -4.0, -1.0, -0.5, 0.25, 1.0, 8.0, np.inf])
    expected = [np.histogram(row, cuts)[0] for row in x]
    mass = mass_between(Histogram.from_values(x), cuts)
    # Negative bins are half-open the other way round; no value lies on a cut here.
    np.testing.assert_allclose(mass, expected, atol=1e-6)


def test_mass_at_any_cut_is_within_the_bin_it_splits() -> None:
    x = np.random.default_rng(1).normal(0, 1, (1, 20000)).astype(np.float32)
    cuts = np.array([-1.2345, 0.3141, 2.001])
    expected = np.histogram(x[0], cuts)[0]
    np.testing.assert_allclose(mass_between(Histogram.from_values(x), cuts)[0], expected, atol=100)


def test_zeros_lie_right_of_a_cut_at_zero_and_can_be_left_out() -> None:
    hist = Histogram.from_values(np.array([[0.0, 0.0, 1.5, -1.5]], dtype=np.float32))
    cuts = np.array([-2.0, 0.0, 2.0])
    assert mass_between(hist, cuts).tolist() == [[1.0, 3.0]]
    assert mass_between(hist, cuts, zeros=False).tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("value", [1e-7, -1e-7])
def test_values_under_the_smallest_bin_count_at_zero(value: float) -> None:
    hist = Histogram.from_values(np.array([[value, 1.0]], dtype=np.float32))
    assert mass_between(hist, np.array([-0.5, 0.5, 2.0])).tolist() == [[1.0, 1.0]]


def test_nothing_is_lost_or_counted_twice() -> None:
    x = np.random.default_rng(2).normal(0, 50, (2, 3000)).astype(np.float32)
    mass = mass_between(Histogram.from_values(x), np.array([-np.inf, -3.7, 0.01, 5.5, np.inf]))
    np.testing.assert_allclose(mass.sum(axis=1), 3000)
