"""The grid a quantizer states is the grid its forward pass produces."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from srviz.histogram import Histogram
from srviz.quantizers import DDTB, PAMS, MinMax, Quantizer

BITS = st.integers(2, 8)


def _holds(quantizer: Quantizer, lower: float, upper: float) -> None:
    """Compare on a fine sweep, leaving out a sliver around each threshold."""
    grid = quantizer.grid()
    width = upper - lower
    x = torch.linspace(lower - width / 3, upper + width / 3, 20_001)
    got = quantizer(x).detach().double().numpy()
    values = x.double().numpy()
    edges = np.asarray(grid.edges)
    nearest = edges[np.abs(values[:, None] - edges).argmin(1)]
    clear = np.abs(values - nearest) > 1e-5 * width + 1e-6 * max(abs(lower), abs(upper))
    assert clear.mean() > 0.9
    rounding = 1e-5 * width + 3e-7 * max(abs(lower), abs(upper))  # of single precision
    np.testing.assert_allclose(got[clear], grid(values[clear]), rtol=0, atol=rounding)
    made = np.unique(got.round(9))
    levels = np.asarray(grid.levels)
    assert np.abs(made[:, None] - levels).min(1).max() < rounding
    assert np.abs(levels[:, None] - made).min(1).max() < rounding, "a level nothing reaches"


@settings(max_examples=60, deadline=None)
@given(bits=BITS, alpha=st.floats(0.01, 500))
def test_pams(bits: int, alpha: float) -> None:
    quantizer = PAMS(bits=bits)
    quantizer.set_bounds(alpha)
    assert len(quantizer.grid().levels) == 2**bits - 1
    _holds(quantizer, -alpha, alpha)


@settings(max_examples=60, deadline=None)
@given(bits=BITS, lower=st.floats(-300, 100), width=st.floats(1, 400))
def test_minmax(bits: int, lower: float, width: float) -> None:
    quantizer = MinMax(bits=bits)
    quantizer.set_bounds(lower, lower + width)
    assert len(quantizer.grid().levels) == 2**bits
    _holds(quantizer, lower, lower + width)


@settings(max_examples=60, deadline=None)
@given(bits=BITS, lower=st.floats(-300, -0.5), upper=st.floats(0.5, 400))
def test_ddtb(bits: int, lower: float, upper: float) -> None:
    assume(not _tied(bits, lower, upper))
    quantizer = DDTB(bits=bits)
    quantizer.set_bounds(upper, lower)
    assert len(quantizer.grid().levels) == 2**bits
    _holds(quantizer, lower, upper)


def test_ddtb_at_a_tie() -> None:
    quantizer = DDTB(bits=3)
    quantizer.set_bounds(1.0, -1.0)
    # s * lower = -3.5: a tie, in which both ends round away from it, so a level is won or lost.
    assert abs(len(quantizer.grid().levels) - 8) == 1
    _holds(quantizer, -1.0, 1.0)


def _tied(bits: int, lower: float, upper: float) -> bool:
    """Is the zero point (nearly) half-way between two codes? Single precision then decides."""
    return abs(lower * (2**bits - 1) / (upper - lower) % 1 - 0.5) < 1e-3


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from([PAMS, MinMax, DDTB]),
    bits=BITS,
    lower=st.floats(-300, -0.5),
    upper=st.floats(0.5, 400),
)
def test_quantizing_twice_changes_nothing(
    kind: type[Quantizer], bits: int, lower: float, upper: float
) -> None:
    assume(not _tied(bits, lower, upper))
    quantizer = kind(bits=bits)
    named = {"alpha": upper, "upper": upper, "lower": lower}
    quantizer.set_bounds(*(named[name] for name in kind.bound_names))
    once = quantizer(torch.linspace(lower * 1.5, upper * 1.5, 5001))
    step = quantizer.grid().interval
    torch.testing.assert_close(quantizer(once), once, rtol=1e-6, atol=1e-4 * step)


def test_calibration_from_a_histogram() -> None:
    values = np.random.default_rng(0).normal(size=(3, 5000)).astype(np.float32)
    histogram = Histogram.from_values(values)
    pams, minmax, ddtb = PAMS(bits=4), MinMax(bits=4), DDTB(bits=4)
    for quantizer in (pams, minmax, ddtb):
        quantizer.calibrate(histogram)
    assert pams.alpha.item() == np.abs(values).max()
    assert (minmax.lower.item(), minmax.upper.item()) == (values.min(), values.max())
    np.testing.assert_allclose(ddtb.upper.item(), np.quantile(values, 0.99), rtol=0.01)
    np.testing.assert_allclose(ddtb.lower.item(), np.quantile(values, 0.01), rtol=0.01)
