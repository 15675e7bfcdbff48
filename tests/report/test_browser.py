"""The page in a real headless Chromium: nothing fails, nothing is fetched, charts are drawn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
        # The first screen holds the three pictures' beginnings.
        assert page.locator("#pic-psnr").evaluate(overlap)


def test_the_pair_switch_changes_words_and_charts(open_page: Callable[..., Any]) -> None:
    page = open_page()
    assert page.locator(".finding:visible").get_attribute("aria-label") == "Finding for EDSR"
    page.get_by_role("button", name="IDN", exact=True).click()
    assert page.locator(".finding:visible").get_attribute("aria-label") == "Finding for IDN"
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


def test_zoom_shows_channel_ranges_or_the_whole_quantizer(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.select_option("#site", SITES[2])
    span = "(() => { const r = document.querySelector('#levels').layout.yaxis1 || "
    span += "document.querySelector('#levels').layout.yaxis; return r.range[1] - r.range[0]; })()"
    near = page.evaluate(span)
    page.get_by_label("whole quantizer range").check()
    assert page.evaluate(span) > near
    page.get_by_role("button", name="Next layer").click()
    assert page.locator("#site").input_value() == SITES[3]
    page.select_option("#metric", "effective_bits")
    page.select_option("#criterion", "min")
    page.get_by_label("own axis").check()
    assert all(drawn(page, chart) for chart in CHARTS)


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
