"""Rows of the page's tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from srviz.report import ReportData
from srviz.report.condition import conditions
from srviz.report.rows import (
    interval_rows,
    layer_columns,
    layer_rows,
    number,
    plain_rows,
    score_rows,
    tree,
)


def test_missing_numbers_are_dashes_that_sort_last() -> None:
    assert (number(float("nan"), 2).text, number(None, 2).sort) == ("–", "")
    assert (number(1.5, 1, bar=3).share, number(4, 1, bar=3).share) == (0.5, 1.0)


def test_three_digits_are_kept_whatever_the_size() -> None:
    assert [number(v, None).text for v in (24, 1.7, 0.0123, 123.4, -2)] == [
        "24.0",
        "1.70",
        "0.0123",
        "123",
        "−2.00",
    ]


def test_layer_rows_pair_the_networks(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    columns = layer_columns(data, data.pairs[0])
    rows = layer_rows(data, data.pairs[0], columns)
    assert [row["site"] for row in rows] == ["blocks.0.slot_in:out", "blocks.0.slot_mid:out"]
    assert rows[0]["name"] == "blocks.0.slot_in"
    assert [cell.tone for cell in rows[0]["cells"]] == ["plain", "bn"] * len(columns)
    grid = data.grids["EDSR"][4][0].grid
    assert rows[0]["cells"][-2].sort == grid.interval
    falls = data.table("waterfall", "EDSR + BN").iloc[1]
    gaps = [name for name in falls.index if name.startswith("gap_")]
    assert rows[1]["cells"][1].sort == pytest.approx(sum(falls[name] for name in gaps))
    lost = data.table("sensitivity", "EDSR").iloc[0]
    assert rows[0]["cells"][2].sort == pytest.approx(lost["psnr_fp"] - lost["psnr_only"])


def test_columns_without_values_are_left_out(make_data: Callable[..., ReportData]) -> None:
    data = replace(make_data(), tables={})
    assert [c.heading for c in layer_columns(data, data.pairs[0])] == ["Interval"]


def test_interval_rows_have_a_ratio(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    table = interval_rows(data, data.pairs[0])
    assert table["criteria"] == ["max", "min"]
    one, other, ratio = table["rows"][0]["cells"][:3]
    assert abs(ratio.sort - one.sort / other.sort) < 1e-12
    assert table["rows"][1]["cells"][5].text == "–"  # |min| of a rectified tensor is 0


def test_the_better_of_a_pair_is_marked_as_printed(make_data: Callable[..., ReportData]) -> None:
    data = make_data(share=0.999)
    plain, normed, gain = score_rows(conditions(data)[0], data)["rows"]
    assert not any(cell["best"] for cell in plain["cells"])
    assert [c["best"] for c in normed["cells"]] == [False, False, False, False, False, True]
    assert [c["text"] for c in gain["cells"]] == ["0.00"] * 5 + ["+0.01"]


def test_the_gain_has_its_worst_and_best_image(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    scores = data.table("scores")
    scores.loc[(scores["network"] == "EDSR + BN") & (scores["image"] == "bird"), "psnr"] -= 4.0
    gain = score_rows(conditions(data)[0], data)["rows"][2]
    assert gain["cells"][4]["text"] == "−0.39"  # 0.55 * 2.93 - 2
    assert gain["cells"][4]["small"].replace("\u200b", "") == "−2.4…+1.6"


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
