"""The page in a real headless Chromium: nothing fails, nothing is fetched, charts are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from browser_page import COLLISIONS, NASTY, SITES, drawn

from srviz.report import ReportData

CHARTS = (
    "pic-psnr",
    "pic-levels",
    "pic-reasons",
    "levels",
    "range",
    "ridges",
    "dumbbells",
    "heat",
    "reasons",
    "costs",
)


@pytest.mark.parametrize("width", [1280, 390])
def test_every_chart_is_drawn_and_nothing_sticks_out(
    open_page: Callable[..., Any], width: int
) -> None:
    page = open_page(width)
    assert all(drawn(page, chart) for chart in CHARTS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "[...document.querySelectorAll('.chart')].filter(c => "
        "c.getBoundingClientRect().right > innerWidth + 1).map(c => c.id)"
    )
    assert wide == []
    overlap = "el => el.getBoundingClientRect().top < innerHeight"
    assert page.locator("h1").evaluate(overlap)
    if width == 1280:
        # The first screen holds the headline, the numbers and all of the three pictures.
        inside = "el => el.getBoundingClientRect().bottom <= innerHeight"
        for chart in ("pic-psnr", "pic-levels", "pic-reasons"):
            assert page.locator(f"#{chart}").evaluate(inside), chart


@pytest.mark.parametrize("width", [1280, 390])
def test_no_text_of_a_chart_covers_another_or_is_cut_off(
    open_page: Callable[..., Any], make_data: Callable[..., ReportData], width: int
) -> None:
    page = open_page(width, make_data(sites=SITES[:-1], channels=32, poison=True))
    assert page.evaluate(COLLISIONS) == []


def test_every_axis_says_what_it_shows(open_page: Callable[..., Any]) -> None:
    page = open_page()
    axes = page.evaluate(
        """[...document.querySelectorAll('.js-plotly-plot')].flatMap(c => Object.entries(c.layout)
            .filter(([k]) => /^[xy]axis/.test(k))
            .map(([k, a]) => [c.id, k, (a.title && a.title.text) || '', a.tickmode === 'array']))"""
    )
    # The right panel may leave it to the left one; ticks that are names explain themselves.
    silent = {
        (chart, axis)
        for chart, axis, title, named in axes
        if not title and not named and axis not in ("yaxis2", "yaxis4")
    }
    assert silent == set()


def test_the_first_picture_is_psnr_against_bits(
    open_page: Callable[..., Any], make_data: Callable[..., ReportData]
) -> None:
    data = make_data(share=0.45)
    scores = data.table("scores")
    bicubic = scores.query("bits == 32 and network == 'EDSR'").assign(network="bicubic", psnr=22.5)
    tables = dict(data.tables) | {"scores": pd.concat([scores, bicubic])}
    page = open_page(1280, replace(data, tables=tables))
    for trace, label in enumerate(data.labels):
        x, y = page.evaluate(
            f"(() => {{ const c = document.querySelector('#pic-psnr'), t = c.data[{trace}];"
            " return [t.x.map(i => c.layout.xaxis.ticktext[i]), t.y]; })()"
        )
        assert x == ["8", "6", "4", "3", "2"]
        means = scores[scores["network"] == label].groupby("bits")["psnr"].mean()
        assert y == pytest.approx([means[int(b)] for b in x], rel=1e-4)
    said = page.locator("#pic-psnr").inner_text()
    assert "bicubic" in said
    assert "+1.61 dB" in said
    low, high = page.evaluate("document.querySelector('#pic-psnr').layout.yaxis.range")
    assert low < scores["psnr"].groupby([scores["network"], scores["bits"]]).mean().min()
    assert high > 27.7


def test_the_gain_stands_at_its_width_whatever_widths_there_are(
    open_page: Callable[..., Any], make_data: Callable[..., ReportData]
) -> None:
    data = make_data()
    scores = data.table("scores")
    tables = dict(data.tables) | {"scores": scores[scores["bits"].isin([32, 8, 3])]}
    page = open_page(1280, replace(data, tables=tables))
    layout = page.evaluate(
        "(() => { const l = document.querySelector('#pic-psnr').layout;"
        " return [l.xaxis.ticktext, l.annotations.map(a => [a.x, a.text]),"
        " l.shapes.filter(s => s.xref !== 'paper').map(s => [s.x0, s.x1])]; })()"
    )
    assert layout == [["8", "3"], [[1, "<b>+1.61 dB</b>"]], [[1, 1]]]


def test_the_page_is_painted_long_before_its_charts(open_page: Callable[..., Any]) -> None:
    page = open_page()
    paints = page.evaluate("performance.getEntriesByType('paint').map(e => [e.name, e.startTime])")
    first = dict(paints)["first-contentful-paint"]
    assert 0 < first < 2000  # ms; about 150 where nothing else runs


def test_the_pair_switch_changes_words_and_charts(open_page: Callable[..., Any]) -> None:
    page = open_page()
    assert page.locator(".tiles:visible").get_attribute("aria-label") == "Finding for EDSR"
    page.get_by_role("button", name="IDN", exact=True).click()
    assert page.locator(".tiles:visible").get_attribute("aria-label") == "Finding for IDN"
    assert page.locator("table.layers:visible").count() == 1
    assert all(drawn(page, chart) for chart in CHARTS)


def test_layers_are_searched_sorted_and_opened(open_page: Callable[..., Any]) -> None:
    page = open_page()
    rows = page.locator("table.layers:visible tbody tr:visible")
    page.fill("#find", "slot_mid")
    assert rows.count() == 3
    page.fill("#find", "")
    heading = page.locator("table.layers:visible [data-col='2']")
    heading.click()
    values = [float(v) for v in rows.locator("td:nth-child(3)").all_inner_texts()]
    assert values == sorted(values)
    heading.click()
    values = [float(v) for v in rows.locator("td:nth-child(3)").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    page.get_by_role("button", name=NASTY).first.click()
    assert page.locator("#site").input_value() == NASTY
    assert page.evaluate("document.querySelector('#levels').data.length") > 4


def spans(page: Any, chart: str) -> list[list[float]]:
    return page.evaluate(
        f"['yaxis', 'yaxis2'].map(a => document.querySelector('#{chart}').layout[a].range)"
    )


def test_unfitness_zooms_in_and_range_shows_all(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.select_option("#site", SITES[2])
    near, full = spans(page, "levels"), spans(page, "range")
    assert near[0] != near[1]
    assert full[0] == full[1]
    assert full[0][0] <= near[0][0] < near[0][1] <= full[0][1]
    page.get_by_label("same axis for both networks").check()
    one, other = spans(page, "levels")
    assert one == other == near[0]
    page.get_by_role("button", name="Next layer").click()
    assert page.locator("#site").input_value() == SITES[3]
    page.select_option("#metric", "effective_bits")
    page.select_option("#criterion", "min")
    page.select_option("#measure", "effective_bits")
    assert "effective bits" in page.locator("#costs").inner_text()
    assert all(drawn(page, chart) for chart in CHARTS)


def test_broken_channels_are_crossed_out(
    open_page: Callable[..., Any], make_data: Callable[..., ReportData]
) -> None:
    page = open_page(1280, make_data(poison=True))
    page.select_option("#site", "blocks.0.slot_in:out")
    crosses = (
        "id => document.getElementById(id).data.filter(t => t.marker && t.marker.symbol === 'x')"
        ".map(t => [[...t.x], t.text[0]])"
    )
    for chart in ("levels", "range"):
        found = page.evaluate(crosses, chart)
        assert [x for x, _ in found] == [[5], [5]]
        assert all("1 NaN and 2 infinite values" in text for _, text in found)
    assert len(page.evaluate(crosses, "heat")) == 2
    assert "✕ 5" in page.locator("#ridges").inner_text()
    assert page.locator(".alarm").is_visible()


def test_tells_a_hovered_level_and_channel(open_page: Callable[..., Any]) -> None:
    page = open_page()
    texts = page.evaluate("document.querySelector('#levels').data.flatMap(t => t.text || [])")
    assert any(t.startswith("<b>channel 0</b>") and "SQNR" in t for t in texts)
    assert any(t.startswith("level 1 of 15") and "% of the values" in t for t in texts)


def test_a_page_of_little_data_still_works(
    open_page: Callable[..., Any], make_data: Callable[..., ReportData]
) -> None:
    data = make_data(poison=True, channels=1, sites=("only:out",))
    keep = {"layers": data.tables["layers"]}
    lean = ReportData(
        title="lean",
        pairs=data.pairs,
        profiles=data.profiles,
        grids=data.grids,
        bits=4,
        tables=keep,
    )
    page = open_page(390, lean)
    assert drawn(page, "levels")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
