from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from srviz.capture import kernels
from srviz.capture.kernels import NumbaAccumulator, TorchAccumulator
from srviz.histogram import Histogram

KERNELS = [NumbaAccumulator, TorchAccumulator]
FLOATS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 3), st.integers(0, 40)),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True, allow_subnormal=True),
)


def _count(kernel, x: np.ndarray, m: int = 7) -> Histogram:
    state = kernel(len(x), m)
    state.add(torch.from_numpy(x))
    return state.histogram()


@pytest.mark.parametrize("kernel", KERNELS)
@given(x=FLOATS, m=st.sampled_from([0, 3, 7]))
@settings(max_examples=60, deadline=None)
def test_a_kernel_equals_the_reference_bit_for_bit(kernel, x: np.ndarray, m: int) -> None:
    expected = Histogram.from_values(x, m)
    got = _count(kernel, x, m)
    assert got == expected
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_allclose(got.sum, expected.sum, rtol=1e-12)
        np.testing.assert_allclose(got.sumsq, expected.sumsq, rtol=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
def test_many_blocks_equal_the_reference(kernel) -> None:
    rng = np.random.default_rng(0)
    scale = np.array([[1e-5], [1], [3e4]], np.float32)
    x = (rng.standard_normal((3, 10_001)) * scale).astype(np.float32)
    x[:, ::7] = 0
    x[1, 5000:5003] = np.nan, -np.nan, -np.inf
    assert _count(kernel, x) == Histogram.from_values(x)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_counts_like_its_exact_up_cast(kernel, dtype: torch.dtype) -> None:
    x = torch.randn(2, 5000).to(dtype)
    state = kernel(2, 7)
    state.add(x)
    assert state.histogram() == Histogram.from_values(x.float().numpy())


def test_more_than_2_to_24_equal_values_in_one_bin() -> None:
    n = (1 << 24) + 12_345
    h = _count(NumbaAccumulator, np.full((1, n), 3, np.float32))
    assert h.counts.max() == h.n[0] == n


def test_counts_pass_2_to_32_by_spilling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_SPILL", 64)  # as if uint32 had seven bits
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 1000)).astype(np.float32)
    state = NumbaAccumulator(2, 7)
    for part in np.split(x, 10, axis=1):
        state.add(torch.from_numpy(np.ascontiguousarray(part)))
    assert state.spilled is not None
    assert state.histogram() == Histogram.from_values(x)


def test_both_kernels_agree_on_the_sign_of_overflow_beside_negative_nan() -> None:
    nan = np.array([0xFFC00000], np.uint32).view(np.float32)[0]
    x = np.array([[nan, -1e9, 1e9, -1e9, np.inf, -np.inf]], np.float32)
    for kernel in KERNELS:
        h = _count(kernel, x)
        assert (h.overflow[0], h.overflow_neg[0], h.nan[0]) == (3, 2, 1)
