"""Profiles made of drawn values, with the values at hand to compare with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from srviz.capture.profile import Profile
from srviz.capture.sparse import SparseHistogram
from srviz.histogram import Histogram

IMAGES = ["baby", "bird"]
Values = Mapping[str, np.ndarray]


@pytest.fixture(scope="session")
def values() -> dict[str, np.ndarray]:
    """(C, images, n) float32 per site: normal channels, some rectified, one constant."""
    rng = np.random.default_rng(11)
    found = {}
    for k, channels in enumerate((6, 6, 9)):
        x = rng.normal(0, 1, (channels, 2, 4000)) * np.exp(rng.normal(0, 1, (channels, 1, 1)))
        x = (x + rng.normal(0, 1, (channels, 1, 1))) * [[[1.0], [2.0]]]
        found[f"blocks.{k}.slot_out:out"] = (np.maximum(x, 0) if k == 1 else x).astype(np.float32)
    found["blocks.0.slot_out:out"][2] = 0.75
    return found


@pytest.fixture(scope="session")
def broken(values: Values) -> dict[str, np.ndarray]:
    """The same with NaN and Inf in channel 1 and nothing but NaN in channel 4 of each site."""
    found = {site: x.copy() for site, x in values.items()}
    for x in found.values():
        x[1, 0, :3] = [np.nan, np.inf, -np.inf]
        x[4] = np.nan
    return found


@pytest.fixture(scope="session")
def make_profile() -> Callable[..., Profile]:
    """``make_profile(values, label=..., per_image=...)``: a profile as a capture makes it."""

    def make(values: Values, label: str = "EDSR", per_image: bool = True) -> Profile:
        sites = pd.DataFrame({"site": list(values), "depth": range(len(values))})
        images = {
            (site, i): SparseHistogram.of(Histogram.from_values(x[:, i], m=5))
            for site, x in values.items()
            for i in range(2)
        }
        return Profile.build(
            label=label,
            sites=sites.assign(
                kind="slot", module="", call=0, channels=[*map(len, values.values())]
            ),
            histograms={s: Histogram.from_values(x.reshape(len(x), -1)) for s, x in values.items()},
            images=images if per_image else None,
            image_names=IMAGES if per_image else (),
        )

    return make


@pytest.fixture(scope="session")
def prof(make_profile: Callable[..., Profile], values: Values) -> Profile:
    """The profile of ``values``."""
    return make_profile(values)
