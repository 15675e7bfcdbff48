"""Optimum bounds against published steps and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from srviz.errors import UnknownNameError
from srviz.grid import Grid
from srviz.histogram import Histogram
from srviz.unfitness import optimum
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import mse
from srviz.unfitness.optimum import best_bounds, even_levels, octav

GAUSS = ndtri((np.arange(400_000) + 0.5) / 400_000)[None]


@pytest.mark.parametrize(("bits", "step"), [(1, 1.596), (2, 0.996), (3, 0.586), (4, 0.335)])
def test_optimum_steps_of_the_gaussian(bits: int, step: float) -> None:
    found = optimum(Histogram.from_values(GAUSS), "affine", bits)
    assert 2 * found.alpha[0] / (2**bits - 1) == pytest.approx(step, abs=2e-3)
    assert found.lower[0] == pytest.approx(-found.upper[0], rel=1e-2)


@pytest.mark.parametrize("bits", [2, 3, 4, 6])
def test_symmetric_equals_a_fine_scan_of_the_raw_values(bits: int, channels: np.ndarray) -> None:
    some = channels[:, ::10]
    found = optimum(Histogram.from_values(some), "symmetric", bits)
    some = some.astype(np.float64)
    for c in (0, 1, 2, 5, 6):
        alphas = np.geomspace(0.02, 1.2, 150) * np.abs(some[c]).max()
        errors = [((some[c] - Grid.symmetric(a, bits)(some[c])) ** 2).mean() for a in alphas]
        at_found = ((some[c] - Grid.symmetric(found.alpha[c], bits)(some[c])) ** 2).mean()
        assert at_found <= min(errors) * 1.003


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_affine_equals_a_fine_scan_of_bounds(bits: int, channels: np.ndarray) -> None:
    density = Density.of(Histogram.from_values(channels))
    found = best_bounds(density, "affine", bits)
    for c in (0, 1, 2, 5, 6):
        one = Density.of(Histogram.from_values(channels[c : c + 1]))
        std = np.sqrt(one.power - one.mean**2)[0]
        lower = one.mean[0] - np.linspace(0.05, 8, 70) * std
        upper = one.mean[0] + np.linspace(0.05, 8, 70) * std
        pairs = np.stack([a.ravel() for a in np.meshgrid(lower, upper)])
        errors = mse(one, even_levels(pairs[0], pairs[1], 1 << bits)[None])
        assert found.mse[c] <= errors.min() * 1.0001


@pytest.mark.parametrize("bits", [2, 4])
def test_zero_point_is_between_affine_and_every_grid_of_ddtb(
    bits: int, channels: np.ndarray
) -> None:
    density = Density.of(Histogram.from_values(channels))
    found, affine = (best_bounds(density, f, bits) for f in ("zero_point", "affine"))
    live = density.power > 0
    assert (found.mse[live] >= affine.mse[live] * (1 - 1e-3)).all()
    for c in np.flatnonzero(live):
        if channels[c].min() == channels[c].max():
            continue
        grid = Grid.affine(found.lower[c], found.upper[c], bits, zero_point=True)
        np.testing.assert_allclose(
            grid.levels[[0, -1]], [found.lower[c], found.upper[c]], atol=1e-9
        )
        for share in np.linspace(0.15, 1, 30):
            lower, upper = np.quantile(channels[c], [0.5 - share / 2, 0.5 + share / 2])
            if lower < upper:
                tried = Grid.affine(lower, upper, bits, zero_point=True)
                error = mse(density, np.tile(tried.levels, (len(channels), 1)))[c]
                assert found.mse[c] <= error * 1.0001


def test_octav_is_close_for_many_levels(channels: np.ndarray) -> None:
    density = Density.of(Histogram.from_values(channels[[0, 5]]))
    estimate, exact = octav(density, 255), best_bounds(density, "symmetric", 8).alpha
    np.testing.assert_allclose(estimate, exact, rtol=0.05)


@pytest.mark.parametrize("family", ["symmetric", "affine", "zero_point"])
def test_never_worse_than_a_start(family: str, channels: np.ndarray) -> None:
    density = Density.of(Histogram.from_values(channels))
    upper = np.linspace(0.3, 9, len(channels))
    lower = -upper if family == "symmetric" else -upper / 7 * 3 if family == "zero_point" else -0.1
    n_levels = 7 if family == "symmetric" else 8
    if family == "zero_point":  # codes -3 .. 4
        upper = upper / 7 * 4
    start = (np.broadcast_to(lower, upper.shape), upper)
    found = best_bounds(density, family, 3, [start])
    assert (found.mse <= mse(density, even_levels(*start, n_levels)) + 1e-15).all()


@pytest.mark.parametrize("family", ["symmetric", "affine", "zero_point"])
@pytest.mark.parametrize("k", [2.0**-9, 2.0**7, -1.0])
def test_scaling_and_sign_flip_change_nothing(family: str, k: float, channels: np.ndarray) -> None:
    one = optimum(Histogram.from_values(channels), family, 4)
    other = optimum(Histogram.from_values(channels * np.float32(k)), family, 4)
    np.testing.assert_allclose(other.mse, one.mse * k * k, rtol=2e-3, atol=1e-12 * k * k)
    if k > 0:
        live = np.abs(channels).max(1) > 0
        np.testing.assert_allclose(other.upper[live], one.upper[live] * k, rtol=1e-5)


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'symmetric'"):
        optimum(Histogram.from_values([[1.0]]), "symetric", 4)
