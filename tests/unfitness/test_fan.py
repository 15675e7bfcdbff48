"""The fan against numpy's quantiles of the raw values, and its ends against min and max."""

from __future__ import annotations

import numpy as np
import pytest

from srviz.histogram import Histogram
from srviz.unfitness.fan import FAN, quantile_fan


def test_bands_are_the_quantiles_of_all_channels_together() -> None:
    values = np.random.default_rng(0).normal(size=(4, 50_000)).astype(np.float32)
    values *= np.array([[1], [3], [10], [0.1]], np.float32)
    bands = quantile_fan(Histogram.from_values(values))
    assert bands.shape == (len(FAN), 2)
    assert bands[0].tolist() == [values.min(), values.max()]
    for (low, high), p in zip(bands[1:], FAN[1:], strict=True):
        exact = np.quantile(values, [p, 1 - p])
        assert [low, high] == pytest.approx(exact.tolist(), rel=0.02)  # a bin is 1/128 wide
    assert (np.diff(bands[:, 0]) > 0).all()
    assert (np.diff(bands[:, 1]) < 0).all()
