"""Lloyd-Max against the published tables for the Gaussian."""

from __future__ import annotations

import numpy as np
import pytest

from srviz.errors import ArgumentError
from srviz.histogram import Histogram
from srviz.unfitness import lloyd_max
from srviz.unfitness.density import Density
from srviz.unfitness.lloyd import refine


@pytest.fixture(scope="module")
def gauss() -> Histogram:
    """A Gaussian by its quantiles: no sampling noise."""
    from scipy.special import ndtri

    return Histogram.from_values(ndtri((np.arange(400_000) + 0.5) / 400_000)[None])


@pytest.mark.parametrize(
    ("levels", "db"), [(2, 4.40), (4, 9.30), (8, 14.62), (16, 20.22), (32, 26.01)]
)
def test_sqnr_of_the_gaussian(gauss: Histogram, levels: int, db: float) -> None:
    found = lloyd_max(gauss, levels)
    assert 10 * np.log10(1 / found.mse[0]) == pytest.approx(db, abs=0.01)


def test_levels_of_the_gaussian(gauss: Histogram) -> None:
    expected = [-1.510, -0.4528, 0.4528, 1.510]
    np.testing.assert_allclose(lloyd_max(gauss, 4).levels[0], expected, atol=2e-3)


def test_the_uniform_distribution_gets_even_levels() -> None:
    x = (np.arange(100_000) + 0.5) / 100_000
    found = lloyd_max(Histogram.from_values(x[None]), 8)
    np.testing.assert_allclose(found.levels[0], (np.arange(8) + 0.5) / 8, atol=1e-3)
    assert found.mse[0] == pytest.approx(1 / (12 * 64), rel=1e-3)


def test_few_points_are_represented_exactly() -> None:
    x = np.array([[0.0, 0.0, 1.0, 4.0], [7.0, 7.0, 7.0, 7.0], [0.0, 0.0, 0.0, 0.0]])
    found = lloyd_max(Histogram.from_values(x), 4)
    assert (found.mse <= (x.max(1) * 2.0**-7) ** 2 / 12 + 1e-12).all()  # a bin is that wide
    assert found.mse[1] == pytest.approx(0, abs=1e-12)
    assert (np.diff(found.levels, axis=1) >= 0).all()


def test_never_worse_than_a_start(channels: np.ndarray) -> None:
    density = Density.of(Histogram.from_values(channels))
    good = lloyd_max(Histogram.from_values(channels), 8)
    again = refine(density, [good.levels, np.zeros_like(good.levels)], rounds=10)
    assert (again.mse <= good.mse).all()


def test_levels_are_at_least_one() -> None:
    with pytest.raises(ArgumentError, match="n_levels=0"):
        lloyd_max(Histogram.from_values([[1.0]]), 0)
