"""The numbers behind the words, on tables small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from srviz.report import ReportData
from srviz.report.compare import compare, conditions


def test_scores_are_means_over_images_under_one_protocol(
    make_data: Callable[..., ReportData],
) -> None:
    data = make_data()
    other = data.table("scores").assign(protocol="rgb", psnr=20.0)
    both = replace(data, tables={"scores": pd.concat([data.table("scores"), other])})
    first, second = conditions(both)
    assert first.psnr["EDSR"][3] == pytest.approx(27.7 - 2.93)
    assert first.n_images == 2
    assert "protocol rgb" in second.name
    assert set(second.psnr["EDSR"].values()) == {20.0}


def test_gain_leaves_out_what_is_not_finite(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    scores = data.table("scores")
    scores.loc[(scores["network"] == "EDSR") & (scores["bits"] == 2), "psnr"] = np.nan
    (condition,) = conditions(data)
    assert list(condition.gain("EDSR", "EDSR + BN")) == [32, 8, 6, 4, 3]


def test_key_bits_are_three_or_the_narrowest(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    assert compare(data, data.pairs[0], conditions(data)[0]).key_bits == 3
    scores = data.table("scores")
    wide = replace(data, tables={"scores": scores[scores["bits"].isin([32, 8, 6])]})
    assert compare(wide, data.pairs[0], conditions(wide)[0]).key_bits == 6


NAMES = ("max", "min")


def _intervals(label: str, values: dict[str, tuple[float, float]]) -> pd.DataFrame:
    rows = [(s, c, v) for s, two in values.items() for c, v in zip(NAMES, two, strict=True)]
    return pd.DataFrame(rows, columns=["site", "criterion", "interval"]).assign(label=label)


def test_interval_ratio_takes_the_wider_criterion_of_sites_in_both(
    make_data: Callable[..., ReportData],
) -> None:
    plain = _intervals("EDSR", {"a": (8, 6), "b": (10, 0), "c": (1, 2), "only": (5, 5)})
    normed = _intervals("EDSR + BN", {"a": (2, 1), "b": (1, 0), "c": (1, 4)})
    data = replace(make_data(), tables={"intervals": pd.concat([plain, normed])})
    found = compare(data, ("EDSR", "EDSR + BN"), None)
    assert found.interval_ratio == pytest.approx(4)  # of 8/2, 10/1, 2/4
    assert found.interval == (8, 2)


def test_the_worst_site_has_the_largest_sum_of_gaps(make_data: Callable[..., ReportData]) -> None:
    data = make_data(sites=("a", "b", "c"))
    falls = data.table("waterfall")
    falls.loc[(falls["label"] == "EDSR") & (falls["site"] == "b"), "gap_grid_db"] = 50.0
    found = compare(data, data.pairs[0], None)
    assert found.worst_site == "b"
    assert found.gaps is not None
    expected = falls[falls["label"] == "EDSR"]["gap_grid_db"].mean()
    assert found.gaps[0]["gap_grid_db"] == pytest.approx(expected)


def test_without_tables_nothing_is_claimed(make_data: Callable[..., ReportData]) -> None:
    data = replace(make_data(), tables={})
    assert conditions(data) == []
    found = compare(data, data.pairs[0], None)
    assert (found.key_bits, found.interval, found.sqnr, found.gaps) == (None,) * 4
    assert found.worst_site == "blocks.0.slot_mid:out"
