"""The section on trained networks in a real headless Chromium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import trained_tables
from browser_page import COLLISIONS, SITES, drawn

from srviz.report import ReportData


@pytest.fixture
def data(make_data: Callable[..., ReportData]) -> ReportData:
    made = make_data(sites=SITES[:-1], names=("EDSR", "IDN"), channels=32)
    extra = {
        "trained": trained_tables.trained(),
        "bounds": trained_tables.bounds(SITES[:-1]),
        "best_bounds": trained_tables.best(SITES[:-1]),
    }
    return replace(made, tables=dict(made.tables) | extra)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_section_is_drawn_and_only_its_tables_scroll(
    open_page: Callable[..., Any], data: ReportData, width: int
) -> None:
    page = open_page(width, data)
    assert drawn(page, "gains")
    assert drawn(page, "paths")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(
        "[...document.querySelectorAll('#trained .scroll')].map(b => "
        "[b.scrollWidth > b.clientWidth, b.getBoundingClientRect().right <= innerWidth])"
    )
    assert len(boxes) == 2
    assert all(inside for _, inside in boxes)
    assert boxes[0][0] == (width == 390), "T2 of three data sets scrolls on a telephone alone"
    assert page.evaluate(COLLISIONS) == []


def test_row_names_stay_while_a_table_scrolls(
    open_page: Callable[..., Any], data: ReportData
) -> None:
    page = open_page(390, data)
    left = page.evaluate(
        "(() => { const b = document.querySelector('#trained .scroll'); b.scrollLeft = 200;"
        " return [b, b.querySelector('tbody th')].map(e => e.getBoundingClientRect().left); })()"
    )
    assert left[0] == pytest.approx(left[1], abs=1)


def test_the_menu_of_data_sets_changes_the_gains(
    open_page: Callable[..., Any], data: ReportData
) -> None:
    page = open_page(1280, data)
    traces = (
        "(() => { const c = document.querySelector('#gains'); return c.data.map(t => "
        "[t.name, t.x.map(i => c.layout.xaxis.ticktext[i]), t.y]); })()"
    )
    found = page.evaluate(traces)
    assert found[0] == ["EDSR, PAMS", ["full", "8", "4", "3", "2"], [-0.2, -0.02, 0.3, 0.04, -1]]
    assert found[1][::2] == ["published", [-0.18, -0.18, 0.1, 1.5, None]]
    page.select_option("#gain-set", label="Photo2K (stand-in for Test2K)")
    assert page.evaluate(traces) == [["EDSR, PAMS", ["4"], [-1]]]


def lines(page: Any) -> list[Any]:
    """Drawn bounds: name, axis and values."""
    return page.evaluate(
        "document.querySelector('#paths').data.filter(t => t.name.includes('bound'))"
        ".map(t => [t.name, t.yaxis, t.y])"
    )


def test_the_menus_choose_a_trajectory(open_page: Callable[..., Any], data: ReportData) -> None:
    page = open_page(1280, data)
    assert page.locator("#path-bits").input_value() == "4"
    up, down = [10, 8, 6], [-10, -8, -6]
    both = [["bounds ± alpha", axis, y] for axis in ("y", "y2") for y in (up, down)]
    assert lines(page) == both
    said = page.locator("#paths").inner_text()
    assert "without BN" in said
    assert "with BN" in said
    dashed = page.evaluate(
        "document.querySelector('#paths').data.filter(t => t.line.dash === 'dash').map(t => t.y[0])"
    )
    assert dashed == [-7, 7, -7, 7]
    assert page.evaluate("document.querySelector('#paths').data.filter(t => t.fill).length") == 10
    page.select_option("#path-method", "DDTB")
    assert page.locator("#path-bits option").all_inner_texts() == ["3"]
    page.select_option("#path-site", SITES[2])
    assert lines(page) == [
        ["upper bound", "y", [8, 6.4, 4.8]],
        ["lower bound", "y", [-4, -3.2, -2.4]],
    ]
    assert page.locator("#path-site").input_value() == SITES[2]


def test_the_pair_switch_takes_the_trajectories_with_it(
    open_page: Callable[..., Any], data: ReportData
) -> None:
    table = data.tables["bounds"]
    idn = table.loc[table["network"] == "EDSR", :].assign(network="IDN", value=1.5)
    both = pd.concat([table, idn.assign(run="idn-" + idn["run"])])
    page = open_page(1280, replace(data, tables=dict(data.tables) | {"bounds": both}))
    page.get_by_role("button", name="IDN", exact=True).click()
    assert page.locator("#path-network").input_value() == "IDN"
    assert lines(page)[0][2] == [1.5, 1.5, 1.5]


@pytest.mark.parametrize(("kept", "gone"), [("trained", "paths"), ("bounds", "gains")])
def test_half_of_the_tables_is_enough(
    open_page: Callable[..., Any], data: ReportData, kept: str, gone: str
) -> None:
    tables = {
        name: t
        for name, t in data.tables.items()
        if name not in ("trained", "bounds", "best_bounds")
    }
    page = open_page(390, replace(data, tables=tables | {kept: data.tables[kept]}))
    assert page.locator("#trained").count() == 1
    assert page.locator(f"#{gone}").count() == 0
    assert drawn(page, "gains" if kept == "trained" else "paths")
    page.get_by_role("button", name="IDN", exact=True).click()
