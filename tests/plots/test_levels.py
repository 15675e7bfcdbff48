"""F2 and F3: what is drawn is what the profile and the grid say."""

from __future__ import annotations

import numpy as np
import pytest
from array_profile import ArrayProfile
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

import srviz as sv
from srviz.errors import ArgumentError, UnknownNameError
from srviz.grid import Grid, Grids
from srviz.plots.style import BLUE, RED

SITE = "b.2.slot_out:out"


def heights(ax: Axes, colour: str) -> list[float]:
    """Where the horizontal lines of a colour lie."""
    import matplotlib.colors as colors

    found = [
        c
        for c in ax.collections
        if isinstance(c, LineCollection) and np.allclose(c.get_colors()[0], colors.to_rgba(colour))
    ]
    assert len(found) <= 1
    return [float(line[0][1]) for line in found[0].get_segments()] if found else []


def test_bars_are_the_extremes_of_the_raw_values(
    pair: list[ArrayProfile], grids: list[Grids]
) -> None:
    ax = sv.plot_levels(pair[0], grids[0], SITE)
    raw = pair[0].values[SITE].reshape(6, -1)
    bars = ax.patches
    assert len(bars) == 6
    for bar, values in zip(bars, raw, strict=True):
        assert bar.get_y() == pytest.approx(values.min())
        assert bar.get_y() + bar.get_height() == pytest.approx(values.max())


def test_lines_are_the_levels_and_half_way_edges(
    pair: list[ArrayProfile], grids: list[Grids]
) -> None:
    ax = sv.plot_levels(pair[0], grids[0], SITE)
    alpha = np.abs(pair[0].values[SITE]).max()
    step = alpha / 7
    np.testing.assert_allclose(heights(ax, RED), np.arange(-7, 8) * step, rtol=1e-6)
    np.testing.assert_allclose(heights(ax, BLUE), (np.arange(-7, 7) + 0.5) * step, rtol=1e-6)


def test_one_image_has_its_own_extremes(pair: list[ArrayProfile], grids: list[Grids]) -> None:
    ax = sv.plot_levels(pair[0], grids[0], SITE, image=1)
    raw = pair[0].values[SITE][:, 1]
    assert [b.get_y() for b in ax.patches] == pytest.approx(raw.min(1).tolist())


def test_zoom_ends_at_the_channels_and_the_full_view_shows_every_level(
    pair: list[ArrayProfile],
) -> None:
    wide = Grids.build([(SITE, None, None, "pams", 4, Grid.symmetric(500.0, 4))])
    reach = np.abs(pair[0].values[SITE]).max()
    assert sv.plot_levels(pair[0], wide, SITE, zoom=True).get_ylim()[1] < 1.2 * reach
    assert sv.plot_levels(pair[0], wide, SITE).get_ylim()[1] > 500


def test_a_grid_per_channel_is_drawn_over_its_channel(pair: list[ArrayProfile]) -> None:
    own = Grids.build((SITE, c, None, "daq", 2, Grid.midrise(c + 1.0, 2)) for c in range(6))
    ax = sv.plot_levels(pair[0], own, SITE)
    assert len(heights(ax, RED)) == 6 * 4
    with pytest.raises(ArgumentError, match="grid per channel"):
        sv.plot_levels(pair[0], own, SITE, unit="interval")


def test_at_eight_bits_the_edges_are_left_out_and_the_legend_says_so(
    pair: list[ArrayProfile],
) -> None:
    fine = Grids.build([(SITE, None, None, "pams", 8, Grid.symmetric(30.0, 8))])
    ax = sv.plot_levels(pair[0], fine, SITE)
    assert len(heights(ax, RED)) == 255
    assert heights(ax, BLUE) == []
    assert "too many" in ax.get_legend().get_texts()[2].get_text()


def test_the_panels_of_a_row_have_equal_axes(pair: list[ArrayProfile], grids: list[Grids]) -> None:
    figure = sv.figure_levels(pair, grids, [SITE, "b.10.slot_out:out"])
    first, second, *_ = figure.axes
    assert first.get_ylim() == second.get_ylim()
    figure = sv.figure_levels(pair, grids, SITE, zoom=True, unit="interval")
    steps = [g[SITE].interval for g in grids]
    one, other = (np.divide(ax.get_ylim(), s) for ax, s in zip(figure.axes, steps, strict=True))
    np.testing.assert_allclose(one, other)
    figure.canvas.draw()
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert all(float(t.replace("\u2212", "-")) % 1 == 0 for t in labels if t)


def test_broken_channels_are_marked_and_named(pair: list[ArrayProfile], grids: list[Grids]) -> None:
    values = pair[0].values[SITE].copy()
    values[2, 0, :3] = np.nan
    values[4] = np.inf
    ax = sv.plot_levels(ArrayProfile({SITE: values}), grids[0], SITE)
    (marks,) = (line for line in ax.lines if line.get_marker() == "x")
    assert marks.get_xdata().tolist() == [2, 4]
    assert ax.get_legend().get_texts()[-1].get_text() == "NaN or Inf (2 channels)"
    assert len(ax.patches) == 5, "a channel without finite values has no bar"


def test_density_strips_hold_the_mass_of_each_channel(
    pair: list[ArrayProfile], grids: list[Grids]
) -> None:
    ax = sv.plot_levels(pair[0], grids[0], SITE, density=True)
    shade = ax.images[0].get_array()[..., 3]
    assert shade.shape[1] == 6
    np.testing.assert_allclose(shade.max(0), 1)
    cells = np.linspace(*ax.get_ylim(), len(shade) + 1)
    counts = np.histogram(pair[0].values[SITE][3].ravel(), cells)[0]
    assert np.corrcoef(shade[:, 3] ** (1 / 0.3), counts)[0, 1] > 0.95


def test_what_is_asked_wrongly_is_refused(pair: list[ArrayProfile], grids: list[Grids]) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'b\.2\.slot_out:out'"):
        sv.plot_levels(pair[0], grids[0], "b.2.slot_ou:out")
    with pytest.raises(ArgumentError, match="2 profiles and 1 grids"):
        sv.figure_levels(pair, grids[0], SITE)
    with pytest.raises(ArgumentError, match="'activation' or 'interval'"):
        sv.plot_levels(pair[0], grids[0], SITE, unit="volts")
