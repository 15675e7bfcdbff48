"""The heat map against histograms of the drawn values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srviz.explore import distributions_figure
from srviz.explore.distributions import N_BINS
from srviz.explore.panels import span
from srviz.unfitness import calibrate

SITE = "blocks.0.slot_out:out"


def parts(figure: Any, panel: int = 0) -> tuple[Any, Any]:
    """The heat map and the levels of a panel."""
    return figure.data[2 * panel], figure.data[2 * panel + 1]


def cuts(heat: Any) -> np.ndarray:
    """Edges of the bins whose middles a heat map has."""
    half = (heat.y[1] - heat.y[0]) / 2
    return np.append(heat.y - half, heat.y[-1] + half)


@pytest.mark.parametrize("image", [None, 1])
def test_shares_are_those_of_a_plain_histogram(prof: Any, values: Any, image: Any) -> None:
    x = values[SITE]
    x = x.reshape(len(x), -1) if image is None else x[:, image]
    heat, _ = parts(distributions_figure(prof, SITE, image=image))
    assert heat.customdata.shape == (N_BINS, len(x))
    np.testing.assert_allclose(heat.customdata.sum(0), 1)
    for channel, row in enumerate(x):
        counted = np.histogram(row, cuts(heat))[0] / row.size
        # A bin of the profile that straddles a cut is split evenly: compare what lies below.
        off = np.abs(np.cumsum(heat.customdata[:, channel]) - np.cumsum(counted))
        assert off.max() < 0.04


def test_colour_is_the_logarithm_of_the_share(prof: Any) -> None:
    heat, _ = parts(distributions_figure(prof, SITE))
    for shares, colours in zip(heat.customdata, heat.z, strict=True):
        for share, colour in zip(shares, colours, strict=True):
            assert colour is None if share < 1e-12 else colour == pytest.approx(np.log10(share))
    assert sum(colour is None for row in heat.z for colour in row) > N_BINS  # the constant one


def test_levels_are_drawn_over_it_where_there_are_grids(prof: Any) -> None:
    grids = calibrate(prof, "pams", 3)
    _, levels = parts(distributions_figure(prof, SITE, grids=grids))
    np.testing.assert_array_equal(np.unique(levels.y[~np.isnan(levels.y)]), grids[SITE].levels)
    _, levels = parts(distributions_figure(prof, SITE))
    assert not len(levels.y)


def test_networks_share_their_bins(prof: Any, make_profile: Any, values: Any) -> None:
    wide = make_profile({SITE: 4 * values[SITE]}, label="wide")
    figure = distributions_figure([prof, wide], SITE)
    (one, _), (other, _) = parts(figure), parts(figure, 1)
    np.testing.assert_array_equal(one.y, other.y)
    assert one.coloraxis == other.coloraxis == "coloraxis"


def test_a_channel_of_nan_stays_empty(make_profile: Any, broken: Any) -> None:
    prof = make_profile(broken)
    heat, _ = parts(distributions_figure(prof, SITE))
    assert all(row[4] is None for row in heat.z)
    assert np.isfinite(heat.y).all()
    total = heat.customdata.sum(0)
    np.testing.assert_allclose(np.delete(total, 4), 1)


def test_all_bins_lie_in_the_view_of_all_channels(prof: Any) -> None:
    figure: Any = distributions_figure(prof, SITE)
    edges = cuts(parts(figure)[0])
    assert edges[[0, -1]] == pytest.approx(figure.layout.yaxis.range)
    with pytest.raises(LookupError, match="unknown view"):
        span([], "near")
