"""The level figure against the drawn values themselves."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from srviz.errors import ArgumentError, UnknownNameError
from srviz.explore import levels_figure
from srviz.explore.panels import VIEWS, span
from srviz.grid import Grid, Grids
from srviz.unfitness import calibrate

SITE = "blocks.0.slot_out:out"


def trace(figure: Any, name: str, panel: int = 0) -> Any:
    return [t for t in figure.data if t.name == name][panel]


def marks(trace: Any) -> np.ndarray:
    """The values at which a trace has strokes, ascending."""
    return np.unique(trace.y[~np.isnan(trace.y)])


def ends(bar: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where bars begin and end."""
    base = np.array(bar.base, float)
    return base, base + bar.y


def in_channel(trace: Any, channel: int) -> np.ndarray:
    """The values at which strokes cross the middle of a channel, when each has its own."""
    return np.unique(trace.y[np.abs(trace.x - channel) < 0.5])


@pytest.fixture(scope="module")
def grids(prof: Any) -> Grids:
    return calibrate(prof, "pams", 4)


@pytest.mark.parametrize("image", [None, 0, "bird"])
def test_bars_reach_from_min_to_max(prof: Any, values: Any, grids: Grids, image: Any) -> None:
    x = values[SITE]
    x = x.reshape(len(x), -1) if image is None else x[:, {0: 0, "bird": 1}[image]]
    bar = trace(levels_figure(prof, grids, SITE, image=image), "min to max")
    np.testing.assert_array_equal(bar.x, np.arange(len(x)))
    low, high = ends(bar)
    np.testing.assert_array_equal(low, x.min(1))
    np.testing.assert_allclose(high, x.max(1), rtol=1e-15, atol=1e-15)


def test_bars_agree_with_the_table_of_channels(prof: Any, grids: Grids) -> None:
    table = prof.channels[prof.channels["site"] == SITE]
    figure = levels_figure(prof, grids, SITE)
    for name, columns in {"min to max": ["min", "max"], "1 % to 99 %": ["q01", "q99"]}.items():
        reached = np.stack(ends(trace(figure, name)), axis=1)
        np.testing.assert_allclose(reached, table[columns], rtol=1e-15, atol=1e-15)


def test_lines_are_the_levels_and_edges_of_the_grid(prof: Any, grids: Grids) -> None:
    figure = levels_figure(prof, grids, SITE)
    np.testing.assert_array_equal(marks(trace(figure, "level")), grids[SITE].levels)
    np.testing.assert_array_equal(marks(trace(figure, "decision edge")), grids[SITE].edges)
    assert trace(figure, "level").line.color == "#d55e00"
    assert trace(figure, "decision edge").line.dash == "dot"


def test_grids_per_channel_are_drawn_in_their_channels(prof: Any) -> None:
    grids = calibrate(prof, "minmax", 3, per="channel")
    figure = levels_figure(prof, grids, SITE)
    for channel in range(6):
        grid = grids.get(SITE, channel)
        np.testing.assert_array_equal(in_channel(trace(figure, "level"), channel), grid.levels)
        edges = in_channel(trace(figure, "decision edge"), channel)
        np.testing.assert_array_equal(edges, grid.edges)


def test_grids_per_image_follow_the_image(prof: Any) -> None:
    rows = [(SITE, None, i, "daq", 2, Grid.midrise(1.0 + i, 2)) for i in range(2)]
    figure = levels_figure(prof, Grids.build(rows), SITE, image="bird")
    np.testing.assert_array_equal(marks(trace(figure, "level")), [-3, -1, 1, 3])
    with pytest.raises(ArgumentError, match="no grid at"):
        levels_figure(prof, Grids.build(rows), SITE)


def test_calls_of_a_shared_module_share_its_grid(make_profile: Any, values: Any) -> None:
    prof = make_profile({"act:in": values[SITE], "act:in#1": 2 * values[SITE]})
    grids = Grids.build([("act:in", None, None, "pams", 2, Grid.symmetric(3.0, 2))])
    figure = levels_figure(prof, grids, "act:in#1")
    np.testing.assert_array_equal(marks(trace(figure, "level")), [-3, 0, 3])


def test_the_pointer_reads_what_brute_force_counts(prof: Any, values: Any) -> None:
    grid = Grid.symmetric(2.0, 3)
    grids = Grids.build([(SITE, None, None, "pams", 3, grid)])
    figure = levels_figure(prof, grids, SITE)
    for x, text in zip(values[SITE].reshape(6, -1), trace(figure, "min to max").text, strict=True):
        said = {
            name: float(found[1])
            for name, pattern in {
                "min": r"min (\S+),",
                "max": r"max (\S+)<",
                "mean": r"mean (\S+),",
                "std": r"std (\S+)<",
                "levels": r"levels in range: <b>(\d+)</b> of 7",
                "below": r"clipped: (\S+) % below",
                "above": r"below, (\S+) % above",
            }.items()
            if (found := re.search(pattern, text))
        }
        wanted = {
            "min": x.min(),
            "max": x.max(),
            "mean": x.mean(dtype=float),
            "std": x.std(dtype=float),
            "levels": ((grid.levels >= x.min()) & (grid.levels <= x.max())).sum(),
            "below": 100 * (x < -2).mean(),
            "above": 100 * (x > 2).mean(),
        }
        assert said == pytest.approx(wanted, rel=1e-3, abs=0.02)


def test_a_level_tells_what_share_of_the_values_it_holds(prof: Any, values: Any) -> None:
    grid = Grid.symmetric(2.0, 3)
    grids = Grids.build([(SITE, None, None, "pams", 3, grid)])
    level = trace(levels_figure(prof, grids, SITE), "level")
    quantized = grid(values[SITE])
    for k, q in enumerate(grid.levels):
        number, count, share = level.customdata[level.y == q][0]
        assert (number, count) == (k + 1, 7)
        assert share == pytest.approx((quantized == q).mean(), abs=2e-3)


def test_a_dead_channel_is_called_dead(prof: Any, grids: Grids) -> None:
    figure = levels_figure(prof, grids, SITE)
    texts = trace(figure, "min to max").text
    assert [c for c, text in enumerate(texts) if "dead" in text] == [2]  # the constant one
    assert "1 of 6 dead" in figure.layout.annotations[0].text


def test_two_networks_stand_on_equal_axes(make_profile: Any, prof: Any, values: Any) -> None:
    wide = make_profile({SITE: 5 * values["blocks.2.slot_out:out"]}, label="<BN> & more")
    sets = [calibrate(p, "minmax", 4) for p in (prof, wide)]
    figure: Any = levels_figure([prof, wide], sets, SITE)
    assert figure.layout.yaxis.matches == "y2" or figure.layout.yaxis2.matches == "y"
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    for panel, (p, g) in enumerate(zip((prof, wide), sets, strict=True)):
        np.testing.assert_array_equal(marks(trace(figure, "level", panel)), g[SITE].levels)
        np.testing.assert_array_equal(
            trace(figure, "min to max", panel).base, p.histogram(SITE).min
        )
    first, second = (note.text for note in figure.layout.annotations)
    assert first.startswith("<b>EDSR</b>")
    assert second.startswith("<b>&lt;BN&gt; &amp; more</b>")
    shown = [t.name for t in figure.data if t.showlegend]
    assert shown == ["min to max", "1 % to 99 %", "decision edge", "level"]


def test_buttons_zoom_from_the_channels_to_the_whole_quantizer(prof: Any, values: Any) -> None:
    grids = Grids.build([(SITE, None, None, "pams", 4, Grid.symmetric(500.0, 4))])
    figure: Any = levels_figure(prof, grids, SITE)
    (menu,) = figure.layout.updatemenus
    assert [button.label for button in menu.buttons] == list(VIEWS.values())
    most, channels, whole = (button.args[0]["yaxis.range"] for button in menu.buttons)
    low, high = float(values[SITE].min()), float(values[SITE].max())
    assert channels[0] < low
    assert high < channels[1] < 1.2 * high
    assert channels[0] < most[0] < most[1] < channels[1]
    assert whole[0] < -500
    assert whole[1] > 500
    assert list(figure.layout.yaxis.range) == channels


def test_without_grids_the_ranges_are_drawn_alone(prof: Any) -> None:
    figure: Any = levels_figure(prof, None, SITE)
    assert not len(trace(figure, "level").y)
    assert not trace(figure, "level").showlegend
    assert len(trace(figure, "min to max").y) == 6


def test_channels_with_nan_or_inf_are_named_and_marked(make_profile: Any, broken: Any) -> None:
    prof = make_profile(broken)
    figure: Any = levels_figure(prof, calibrate(prof, "pams", 4), SITE)
    cross = trace(figure, "NaN or Inf")
    assert list(cross.x) == [1, 4]
    assert cross.y[0] == np.nanmax(np.where(np.isfinite(broken[SITE][1]), broken[SITE][1], -9))
    assert cross.showlegend
    assert "NaN × 1" in cross.text[0]
    assert "+Inf × 1" in cross.text[0]
    assert "-Inf × 1" in cross.text[0]
    assert "min" not in cross.text[1]
    assert "NaN × 8,000" in cross.text[1]
    assert "NaN or Inf in channels 1, 4" in figure.layout.annotations[0].text
    assert np.isfinite(figure.layout.yaxis.range).all()


def test_nothing_but_nan_still_draws(make_profile: Any, values: Any) -> None:
    prof = make_profile({SITE: np.full_like(values[SITE], np.nan)})
    figure: Any = levels_figure(prof, None, SITE)
    assert list(trace(figure, "NaN or Inf").y) == [0] * 6
    assert np.isfinite(figure.layout.yaxis.range).all()


@pytest.mark.parametrize("levels", [[0.5], np.arange(-127, 128) / 50])
def test_one_level_and_many(prof: Any, levels: Any) -> None:
    grid = Grid.from_levels(levels)
    figure: Any = levels_figure(prof, Grids.build([(SITE, None, None, "x", 8, grid)]), SITE)
    np.testing.assert_array_equal(marks(trace(figure, "level")), grid.levels)
    np.testing.assert_array_equal(marks(trace(figure, "decision edge")), grid.edges)
    assert "nan" not in figure.layout.annotations[0].text
    assert not any("nan" in text for text in trace(figure, "min to max").text)


def test_errors_say_what_is_allowed(prof: Any, grids: Grids, make_profile: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown site .* did you mean 'blocks.0.slot_out"):
        levels_figure(prof, grids, "blocks.0.slot_uot:out")
    with pytest.raises(UnknownNameError, match=r"unknown image 'brid'.*did you mean 'bird'"):
        levels_figure(prof, grids, SITE, image="brid")
    with pytest.raises(UnknownNameError, match="unknown site of the grids"):
        levels_figure(prof, grids.filter(lambda row: row.site != SITE), SITE)
    with pytest.raises(ArgumentError, match="differ in number: 2 and 1"):
        levels_figure([prof, prof], [grids], SITE)
    with pytest.raises(ArgumentError, match="differ in number: 2 and 1"):
        levels_figure([prof, prof], grids, SITE)
    with pytest.raises(ArgumentError, match="no profile to draw"):
        levels_figure([], [], SITE)
    with pytest.raises(ArgumentError, match=r"2 grids at .* filter\(\) to one"):
        levels_figure(prof, grids + calibrate(prof, "minmax", 4), SITE)
    pooled = make_profile({SITE: np.ones((1, 2, 5), np.float32)}, per_image=False)
    with pytest.raises(ArgumentError, match="no statistics per image"):
        levels_figure(pooled, None, SITE, image=0)


def test_grids_of_another_network_are_refused(prof: Any, make_profile: Any, values: Any) -> None:
    other = make_profile({SITE: values["blocks.2.slot_out:out"]})
    with pytest.raises(ArgumentError, match=r"grids for 9 channels at .* which has 6"):
        levels_figure(prof, calibrate(other, "minmax", 4, per="channel"), SITE)


def test_an_unknown_view_is_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown view 'al'"):
        span([], "al")
