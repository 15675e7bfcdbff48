"""Density: integrals against sums over the values themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from srviz.histogram import Histogram
from srviz.unfitness.density import Density

finite32 = st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6)


def test_moments_are_those_of_the_values(channels: np.ndarray) -> None:
    density = Density.of(Histogram.from_values(channels))
    x = channels.astype(np.float64)
    np.testing.assert_allclose(density.mean, x.mean(1), atol=1e-4)
    np.testing.assert_allclose(density.power, (x * x).mean(1), rtol=1e-4)
    thresholds = np.array([-2.0, -0.25, 0.5, 3.0])
    found = density.below(np.tile(thresholds, (len(x), 1)), second=True)
    for moment, power in zip(found, (0, 1, 2), strict=True):
        below = x[:, None] < thresholds[:, None]
        expected = np.where(below, x[:, None] ** power, 0).mean(-1)
        # These thresholds are edges of bins, so the counts below them are exact.
        np.testing.assert_allclose(moment, expected, rtol=1e-3 * power, atol=1e-12)


def test_a_point_counts_above_its_threshold_not_below() -> None:
    density = Density.of(Histogram.from_values([[0.0, 0.0, 1.0], [3.3, 3.3, 3.3]]))
    at = np.array([[0.0], [float(np.float32(3.3))]])
    assert density.below(at)[0].ravel() == pytest.approx([0, 0])
    assert density.at_most(at).ravel() == pytest.approx([2 / 3, 1])
    assert density.power == pytest.approx([1 / 3, 3.3**2], rel=1e-2)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float32, (2, 40), elements=finite32), hnp.arrays(np.float64, 9, elements=finite32)
)
def test_mass_is_monotone_from_0_to_1_and_within_a_bin(x: np.ndarray, t: np.ndarray) -> None:
    density = Density.of(Histogram.from_values(x))
    t = np.sort(np.concatenate([t, [-np.inf, np.inf]]))
    mass, first = density.below(np.tile(t, (2, 1)))
    assert (np.diff(mass, axis=1) >= -1e-12).all()
    np.testing.assert_allclose(mass[:, [0, -1]], [[0, 1], [0, 1]], atol=1e-12)
    np.testing.assert_allclose(first[:, -1], density.mean, atol=1e-9)
    t, mass, slack = t[1:-1], mass[:, 1:-1], 2.0**-7
    for c in range(2):
        big = np.abs(x[c]) >= 2**16
        if big.any():
            continue  # overflow has no bins: spread from 2^16 to the extreme
        low = (x[c][:, None] < t - slack * np.abs(t) - 2**-15).mean(0)
        high = (x[c][:, None] <= t + slack * np.abs(t) + 2**-15).mean(0)
        assert (low - 1e-9 <= mass[c]).all()
        assert (mass[c] <= high + 1e-9).all()


def test_a_common_span_makes_the_mixture_of_channels_the_pooled_one(tensor: np.ndarray) -> None:
    h = Histogram.from_values(tensor.reshape(12, -1))
    span = (float(h.min.min()), float(h.max.max()))
    t = np.linspace(-4, 4, 101)
    each = Density.of(h, span).below(np.tile(t, (12, 1)), second=True)
    pooled = Density.of(h.pooled(), span).below(t[None], second=True)
    for one, other in zip(each, pooled, strict=True):
        np.testing.assert_allclose(one.mean(0), other[0], atol=1e-12)


def test_overflow_underflow_nan_and_emptiness_have_their_conventions() -> None:
    nan, inf = np.nan, np.inf
    x = [[2.0**17, 2.0**18, nan, inf], [-1e-7, -1e-6, nan, -inf], [nan, nan, inf, inf]]
    density = Density.of(Histogram.from_values(x))
    assert density.n.tolist() == [2, 2, 0]
    assert density.mean[0] == pytest.approx((2**17 + 2**18) / 2)
    assert density.below(np.array([[1.0], [-1e-9], [0.0]]))[0].ravel() == pytest.approx(
        [0, 1, 0], abs=1e-2
    )
    assert (density.mean[2], density.power[2], density.total[2]) == (0, 0, 0)
