"""A small pair of networks as profiles, grids and tables; no figure may leak or warn."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from array_profile import ArrayProfile

from srviz.grid import Grid, Grids

SITES = ["b.2.slot_out:out", "b.10.slot_out:out"]


@pytest.fixture
def pair() -> list[ArrayProfile]:
    """Two networks, two sites of 6 channels, two images; the second has a fifth of the range."""
    rng = np.random.default_rng(3)
    spread = np.array([1.0, 4.0, 2.0, 8.0, 0.5, 3.0])[:, None, None]
    x = {s: (rng.normal(0, 1, (6, 2, 400)) * spread).astype(np.float32) for s in SITES}
    small = {site: values / 5 for site, values in x.items()}
    return [
        ArrayProfile(x, per_image=True, label="EDSR"),
        ArrayProfile(small, per_image=True, label="EDSR + BN"),
    ]


@pytest.fixture
def grids(pair: list[ArrayProfile]) -> list[Grids]:
    """PAMS at 4 bits, alpha at each tensor's largest magnitude."""
    return [
        Grids.build(
            (s, None, None, "pams", 4, Grid.symmetric(float(np.abs(p.values[s]).max()), 4))
            for s in p.site_names
        )
        for p in pair
    ]


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    """Global settings are as before, and tests close what they draw."""
    before = dict(mpl.rcParams)
    yield
    after = dict(mpl.rcParams)
    plt.close("all")
    assert {k: v for k, v in after.items() if before[k] != v} == {}
