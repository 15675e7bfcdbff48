"""Rows of the page's tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from srviz.report import ReportData
from srviz.report.compare import conditions
from srviz.report.rows import interval_rows, layer_rows, number, plain_rows, score_rows, tree


def test_missing_numbers_are_dashes_that_sort_last() -> None:
    assert (number(float("nan"), 2).text, number(None, 2).sort) == ("–", "")
    assert number(1.5, 1, share=True).share == 1.0


def test_layer_rows_pair_the_networks(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    rows = layer_rows(data, data.pairs[0])
    assert [row["site"] for row in rows] == ["blocks.0.slot_in:out", "blocks.0.slot_mid:out"]
    assert [cell.tone for cell in rows[0]["cells"]] == ["plain", "bn"] * 4
    grid = data.grids["EDSR"][4][0].grid
    assert rows[0]["cells"][-2].sort == grid.interval


def test_interval_rows_have_a_ratio(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    table = interval_rows(data, data.pairs[0])
    assert table["criteria"] == ["max", "min"]
    one, other, ratio = table["rows"][0]["cells"][:3]
    assert abs(ratio.sort - one.sort / other.sort) < 1e-12
    assert table["rows"][1]["cells"][5].text == "–"  # |min| of a rectified tensor is 0


def test_the_better_of_a_pair_is_marked_as_printed(make_data: Callable[..., ReportData]) -> None:
    data = make_data(share=0.999)
    rows = score_rows(conditions(data)[0], data)["rows"]
    assert not any(cell["best"] for cell in rows[0]["cells"])
    assert [c["best"] for c in rows[1]["cells"]] == [False, False, False, False, False, True]


def test_any_table_is_cut_and_says_so() -> None:
    shown = plain_rows(pd.DataFrame({"a": range(5), "b": 0.123456}), limit=2)
    assert shown == {
        "heads": ["a", "b"],
        "rows": [["0", "0.1235"], ["1", "0.1235"]],
        "left_off": 3,
    }


def test_provenance_may_hold_anything(make_data: Callable[..., ReportData]) -> None:
    data = replace(make_data(), provenance={"a": {"b": [1, 2]}, "c": None, "d": 0.5})
    assert tree(data.provenance) == {"a": {"b": "1, 2"}, "c": "none", "d": "0.5"}
