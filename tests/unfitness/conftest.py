"""A profile made of arrays, with histograms per image when wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from srviz.histogram import Histogram


@dataclass(frozen=True)
class ArrayProfile:
    """Values (C, images, n) per site, behind the interface of a profile."""

    values: Mapping[str, np.ndarray]
    per_image: bool = False
    label: str = "net"

    @property
    def sites(self) -> pd.DataFrame:
        return pd.DataFrame({"site": self.site_names, "depth": range(len(self.values))})

    @property
    def site_names(self) -> list[str]:
        return list(self.values)

    @property
    def image_names(self) -> list[str]:
        count = next(iter(self.values.values())).shape[1]
        return [f"image{i}" for i in range(count)] if self.per_image else []

    def histogram(self, site: str, image: int | str | None = None) -> Histogram:
        x = self.values[site]
        if image is None:
            return Histogram.from_values(x.reshape(len(x), -1))
        return Histogram.from_values(x[:, int(image)], m=5)


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
