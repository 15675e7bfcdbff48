"""Profiles made of arrays, and the values that the tests measure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from array_profile import ArrayProfile


@pytest.fixture
def make_profile() -> Callable[..., ArrayProfile]:
    """``make_profile({site: (C, images, n) array}, per_image=..., label=...)``."""
    return ArrayProfile


@pytest.fixture(scope="session")
def channels() -> np.ndarray:
    """(7, 30000) float32: Gaussians, a ReLU, a constant, zeros, heavy tails."""
    rng = np.random.default_rng(5)
    n = 30_000
    rows = [
        rng.normal(0, 3, n),
        rng.normal(2, 0.5, n),
        np.maximum(rng.normal(0, 1, n), 0),
        np.full(n, 3.3),
        np.zeros(n),
        rng.laplace(0, 1, n),
        rng.standard_t(3, n),
    ]
    return np.stack(rows).astype(np.float32)


@pytest.fixture(scope="session")
def tensor() -> np.ndarray:
    """(12, 3, 2000) float32: channels and images of unequal spread and offset."""
    rng = np.random.default_rng(6)
    spread = np.exp(rng.normal(0, 0.7, (12, 1, 1))) * np.exp(rng.normal(0, 0.3, (12, 3, 1)))
    values = rng.normal(0, 1, (12, 3, 2000)) * spread + rng.normal(0, 1, (12, 1, 1))
    return values.astype(np.float32)
