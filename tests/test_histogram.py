"""Histogram: the bins against plain arithmetic, the laws of merging, and the awkward values."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from srviz.errors import ArgumentError
from srviz.histogram import COUNTERS, Histogram, bin_edges, half_bins

ANY_FLOAT = st.floats(width=32, allow_nan=True, allow_infinity=True, allow_subnormal=True)
IN_RANGE = st.floats(-1000, 1000, width=32)
SMALL_M = st.sampled_from([0, 1, 3, 7])


def _arrays(elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    shape = st.tuples(st.integers(1, 3), st.integers(0, 30))
    return hnp.arrays(np.float32, shape, elements=elements)


def _expected_bin(value: float, m: int) -> int | str:
    """Which bin or counter a finite value belongs to, by exact fractions and no bit tricks."""
    if value == 0:
        return "zeros"
    size = abs(Fraction(value))
    if size < Fraction(1, 2**16):
        return "underflow"
    if size >= 2**16:
        return "overflow"
    octave = math.frexp(abs(value))[1] - 1
    key = (octave + 16) * 2**m + int((size / Fraction(2) ** octave - 1) * 2**m)
    return half_bins(m) + key if value > 0 else half_bins(m) - 1 - key


@settings(max_examples=100, deadline=None)
@given(x=_arrays(ANY_FLOAT), m=SMALL_M)
def test_every_value_is_counted_once_where_exact_arithmetic_puts_it(x: np.ndarray, m: int) -> None:
    h = Histogram.from_values(x, m)
    np.testing.assert_array_equal(h.n, np.full(len(x), x.shape[1]))
    expected = {name: np.zeros(len(x), np.int64) for name in COUNTERS}
    counts = np.zeros((len(x), 2 * half_bins(m)), np.int64)
    for c, row in enumerate(x):
        for value in row.tolist():
            if math.isnan(value):
                expected["nan"][c] += 1
            elif math.isinf(value):
                expected["posinf" if value > 0 else "neginf"][c] += 1
            elif isinstance(where := _expected_bin(value, m), int):
                counts[c, where] += 1
            else:
                expected[where][c] += 1
                expected["overflow_neg"][c] += where == "overflow" and value < 0
    np.testing.assert_array_equal(h.counts, counts)
    for name, value in expected.items():
        np.testing.assert_array_equal(getattr(h, name), value, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(x=_arrays(IN_RANGE), m=SMALL_M)
def test_a_value_lies_between_the_edges_of_its_bin(x: np.ndarray, m: int) -> None:
    for row in x:
        for value in row:
            h = Histogram.from_values([[value]], m)
            for i in np.flatnonzero(h.counts[0]):
                near, far = sorted((h.lo[i], h.hi[i]), key=abs)
                assert abs(near) <= abs(value) < abs(far)


@settings(max_examples=60, deadline=None)
@given(x=_arrays(ANY_FLOAT), data=st.data())
def test_permutation_split_and_merge_change_nothing(x: np.ndarray, data: st.DataObject) -> None:
    h = Histogram.from_values(x)
    order = data.draw(st.permutations(range(x.shape[1])))
    assert Histogram.from_values(x[:, order]) == h
    cut = data.draw(st.integers(0, x.shape[1]))
    a, b = Histogram.from_values(x[:, :cut]), Histogram.from_values(x[:, cut:])
    assert a + b == b + a == h
    assert a + Histogram.empty(len(x)) == a


@settings(max_examples=60, deadline=None)
@given(x=_arrays(ANY_FLOAT), m=st.integers(0, 9), fewer=st.integers(0, 9))
def test_coarsening_equals_counting_with_fewer_bits(x: np.ndarray, m: int, fewer: int) -> None:
    coarse = min(m, fewer)
    assert Histogram.from_values(x, m).coarsen(coarse) == Histogram.from_values(x, coarse)


@settings(max_examples=60, deadline=None)
@given(x=_arrays(IN_RANGE), k=st.integers(-16, 6), m=st.sampled_from([3, 7]))
def test_a_uniform_view_equals_counting_in_uniform_bins(x: np.ndarray, k: int, m: int) -> None:
    h, width = Histogram.from_values(x, m), 2.0**k
    widest = max([w for w, used in zip(h.hi - h.lo, h.counts.any(0), strict=True) if used] or [0])
    if width < widest:
        with pytest.raises(ArgumentError, match="the widest bin used"):
            h.uniform(width)
        return
    counts, edges = h.uniform(width)
    half = len(edges) // 2
    direct = np.zeros_like(counts)
    for c, row in enumerate(x):
        for value in row.tolist():
            size = abs(value)
            # Underflow has lost its sign and stands right of zero; the rest is mirrored.
            step = int(Fraction(size) / Fraction(width)) if size >= 2.0**-16 else 0
            right = value >= 0 or size < 2.0**-16
            direct[c, half + step if right else half - 1 - step] += 1
    np.testing.assert_array_equal(counts, direct)
    np.testing.assert_array_equal(edges, np.arange(-half, half + 1) * width)


@settings(max_examples=60, deadline=None)
@given(x=hnp.arrays(np.float16, (2, 20), elements=st.floats(width=16)))
def test_half_precision_counts_like_its_up_cast(x: np.ndarray) -> None:
    assert Histogram.from_values(x) == Histogram.from_values(x.astype(np.float32))


def test_signed_zeros_subnormals_and_what_is_not_finite_have_counters_of_their_own() -> None:
    tiny = np.float32(1e-45)  # the smallest subnormal
    x = [[0.0, -0.0, tiny, -tiny, np.nan, -np.nan, np.inf, -np.inf, 7e4, -7e4, 1.5]]
    h = Histogram.from_values(np.array(x, np.float32))
    assert (h.zeros[0], h.underflow[0], h.nan[0]) == (2, 2, 2)
    assert (h.posinf[0], h.neginf[0]) == (1, 1)
    assert (h.overflow[0], h.overflow_neg[0]) == (2, 1)
    assert (h.counts.sum(), h.finite[0], h.n[0]) == (1, 7, 11)
    assert (h.min[0], h.max[0]) == (-7e4, 7e4)


def test_the_edges_of_the_window_are_half_open() -> None:
    low, high = np.float32(2.0**-16), np.float32(2.0**16)
    x = [low, np.nextafter(low, 0, dtype=np.float32), high, np.nextafter(high, 0, dtype=np.float32)]
    h = Histogram.from_values([x])
    assert (h.underflow[0], h.overflow[0], h.counts.sum()) == (1, 1, 2)
    assert h.counts[0, half_bins(7)] == h.counts[0, -1] == 1


def test_bins_are_mirrored_contiguous_and_narrow() -> None:
    lo, hi = bin_edges(7)
    assert len(lo) == 2 * 32 * 2**7
    np.testing.assert_array_equal(lo, -hi[::-1])
    half = len(lo) // 2
    np.testing.assert_array_equal(lo[half + 1 :], hi[half:-1])
    assert ((hi - lo)[half:] <= lo[half:] * 2.0**-7).all()
    assert (lo[half], hi[-1]) == (2.0**-16, 2.0**16)


def test_more_than_2_to_24_equal_values_are_exact() -> None:
    n = (1 << 24) + 3
    h = Histogram.from_values(np.full((1, n), 0.1, np.float32))
    assert h.counts.max() == n


def test_counts_stay_exact_past_2_to_31() -> None:
    h = Histogram.from_values([[0.1, 0.0]])
    for _ in range(33):
        h = h + h
    assert h.counts.max() == h.zeros[0] == 2**33
    assert h.n[0] == 2**34
    assert h.mean[0] == pytest.approx(0.05)


def test_nothing_seen_is_a_histogram_too() -> None:
    h = Histogram.from_values(np.zeros((2, 0), np.float32))
    assert h == Histogram.empty(2)
    assert h.n.tolist() == [0, 0]
    assert np.isnan(h.mean).all()
    assert np.isnan(h.std).all()
    assert np.isnan(h.quantile(0.5)).all()
    assert h.uniform(1.0)[0].sum() == 0
    assert Histogram.empty(0).pooled().n.tolist() == [0]


@pytest.mark.parametrize("p", [0.0, 0.001, 0.25, 0.5, 0.99, 1.0])
def test_quantiles_are_within_a_bin_of_numpys(p: float) -> None:
    x = np.random.default_rng(0).normal(1, 4, (3, 50_001)).astype(np.float32)
    got = Histogram.from_values(x).quantile(p)
    np.testing.assert_allclose(got, np.quantile(x, p, axis=1), rtol=2**-7, atol=2e-3)


def test_quantiles_stay_inside_the_values_and_ascend() -> None:
    x = np.array([[-9e4, -1.0, 0.0, 1e-30, 3.0, 9e4], [2.0] * 6], np.float32)
    q = Histogram.from_values(x).quantile(np.linspace(0, 1, 101))
    assert (np.diff(q, axis=1) >= 0).all()
    np.testing.assert_array_equal(q[:, [0, -1]], [[-9e4, 9e4], [2, 2]])
    with pytest.raises(ArgumentError, match="0 to 1"):
        Histogram.from_values(x).quantile(1.5)


def test_moments_are_numpys() -> None:
    x = np.random.default_rng(1).normal(3, 2, (2, 9999)).astype(np.float32)
    h = Histogram.from_values(x)
    np.testing.assert_allclose(h.mean, x.mean(1, dtype=np.float64), rtol=1e-12)
    np.testing.assert_allclose(h.std, x.std(1, dtype=np.float64), rtol=1e-9)


def test_select_and_pooled_follow_the_channels() -> None:
    x = np.random.default_rng(2).normal(size=(4, 100)).astype(np.float32)
    h = Histogram.from_values(x)
    assert h.select([2, 0]) == Histogram.from_values(x[[2, 0]])
    assert h.select(slice(1, 3)) == Histogram.from_values(x[1:3])
    assert h.pooled() == Histogram.from_values(x.reshape(1, -1))


def test_what_does_not_fit_is_one_clear_line() -> None:
    h = Histogram.empty(2)
    with pytest.raises(ArgumentError, match="2 channels at m=7 and of 3 at m=7"):
        h + Histogram.empty(3)
    with pytest.raises(ArgumentError, match="coarsen the finer"):
        h + Histogram.empty(2, m=5)
    with pytest.raises(ArgumentError, match="only gets coarser"):
        h.coarsen(8)
    with pytest.raises(ArgumentError, match="0 to 23"):
        Histogram.empty(1, m=24)
    with pytest.raises(ArgumentError, match=r"\(channels, n\)"):
        Histogram.from_values([1.0, 2.0])
    for width in (0.3, -1.0, 0.0, math.nan, 2.0**-17):
        with pytest.raises(ArgumentError, match="power of two"):
            h.uniform(width)
