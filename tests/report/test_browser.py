"""The page in a real headless Chromium: nothing fails, nothing is fetched, charts are drawn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from srviz.report import ReportData, report

NASTY = '<script>alert("x")</script>'
SITES = (
    *(f"blocks.{i}.slot_{s}:out" for i in range(3) for s in ("in", "mid", "out")),
    NASTY,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; without it this is skipped, but not in CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        reason = "needs Chromium: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(
    browser: Any, make_data: Callable[..., ReportData], tmp_path: Path
) -> Iterator[Callable[..., Any]]:
    """Open a report at a width, wait for all charts; at the end no complaint may be left."""
    complaints: list[str] = []
    contexts = []

    def opened(width: int = 1280, data: ReportData | None = None) -> Any:
        path = report(data or make_data(sites=SITES, names=("EDSR", "IDN")), tmp_path)
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(f"console {m.type}: {m.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith("file:") else complaints.append(f"GET {r.url}"),
        )
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    # Blobs and data URLs are made by the page itself; anything else would be the network.
    assert [c for c in complaints if not c.startswith(("GET blob:", "GET data:"))] == []


def drawn(page: Any, chart: str) -> int:
    return page.locator(f"#{chart} svg.main-svg").count()


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


COLLISIONS = """() => {
  const texts = ['.annotation-text-g', '.legendtext', '.cbaxis',
    '.xtick', '.ytick', '.x2tick', '.y2tick',
    ...['x', 'y', 'x2', 'y2', 'x3', 'x4', 'hycoloraxis'].map(a => `.g-${a}title`)]
    .map(name => `${name} text, ${name}:is(text)`).join(', ');
  const found = [];
  for (const chart of document.querySelectorAll('.js-plotly-plot')) {
    const frame = chart.getBoundingClientRect();
    const all = [...chart.querySelectorAll(texts)].filter(e => e.textContent.trim())
      .map(e => [e.textContent, e.getBoundingClientRect()]);
    if (all.length < 8) found.push([chart.id, 'hardly any text']);
    all.forEach(([text, a], i) => {
      if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.bottom > frame.bottom + 1)
        found.push([chart.id, 'cut off', text]);
      for (const [other, b] of all.slice(i + 1)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // Boxes hold a little air above and below the letters.
        if (wide > 2 && high > 3.5) found.push([chart.id, text, other]);
      }
    });
  }
  return found;
}"""


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
