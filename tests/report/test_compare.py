"""The numbers behind the words, on tables small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from srviz.report import ReportData
from srviz.report.compare import compare
from srviz.report.condition import conditions


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
    assert found.intervals == [(8, 2), (10, 1), (2, 4)]


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
    assert (found.key_bits, found.interval_ratio, found.sqnr, found.gaps) == (None,) * 4
    assert (found.costs, found.crossed, found.costs_on) == (None,) * 3
    assert (list(found.rebounds), found.baselines) == ([], {})
    assert found.worst_site == "blocks.0.slot_mid:out"


def test_a_width_that_scores_above_a_wider_one_is_a_rebound(
    make_data: Callable[..., ReportData],
) -> None:
    data = make_data()
    scores = data.table("scores")
    scores.loc[(scores["network"] == "EDSR") & (scores["bits"] == 2), "psnr"] = 26.0
    (found,) = compare(data, data.pairs[0], conditions(data)[0]).rebounds
    assert (found.normed, found.low, found.high) == (False, 2, 3)
    assert found.psnr == (26.0, pytest.approx(27.7 - 2.93))
    # By brute force on the values: at 2 bits the levels are -alpha, 0 and alpha.
    shares = []
    for row in data.grids["EDSR"][2]:
        x = np.concatenate(data.profiles["EDSR"].values[row.site], axis=1)
        shares.append((np.abs(x) < row.grid.hi / 2).mean())
    assert found.zeroed == pytest.approx(np.mean(shares), abs=2e-3)


def test_levels_in_the_range_of_the_worst_layer(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    found = compare(data, data.pairs[0], None)
    table = data.table("unfitness")
    expected = [
        table[(table["label"] == label) & (table["site"] == found.worst_site)]["levels_in_range"]
        for label in data.pairs[0]
    ]
    assert found.crossed == tuple(t.mean() for t in expected)
    assert found.n_levels == 15


def test_other_conditions_are_named_by_what_differs(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    scores = data.table("scores")
    best = scores[scores["bits"] < 32].assign(method="best")
    best.loc[best["network"] == "EDSR", "psnr"] += 5.0
    rgb = scores.assign(protocol="rgb")
    both = replace(data, tables={"scores": pd.concat([scores, best, rgb])})
    found = conditions(both)
    elsewhere = compare(both, data.pairs[0], found[0], found).elsewhere
    gain = 0.55 * 2.93
    assert elsewhere["best"] == pytest.approx(gain - 5)
    assert elsewhere["samples ×4, protocol rgb, whole images, pams"] == pytest.approx(gain)
    assert len(elsewhere) == 2
