"""The numbers that the charts are drawn from, against the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from srviz.report import ReportData
from srviz.report.charts import MEASURES, chart_data
from srviz.report.compare import compare
from srviz.report.condition import conditions, scored

SITES = tuple(f"blocks.{i}.slot_{s}:out" for i in range(2) for s in ("in", "out"))


def charts(data: ReportData) -> dict[str, Any]:
    found = conditions(data)
    return chart_data(data, [compare(data, p, scored(found, p)) for p in data.pairs], found)


def test_psnr_is_the_mean_at_every_width(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    drawn = charts(data)["scores"][0]["psnr"]
    scores = data.table("scores")
    for label in data.labels:
        means = scores[scores["network"] == label].groupby("bits")["psnr"].mean()
        assert dict(drawn[label]) == pytest.approx(means.to_dict(), rel=1e-4)
        assert [bits for bits, _ in drawn[label]] == [2, 3, 4, 6, 8, 32]


def test_a_baseline_is_drawn_beside_them(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    scores = data.table("scores")
    rows = scores.query("bits == 32 and network == 'EDSR'").assign(network="bicubic", psnr=26.0)
    both = replace(data, tables={"scores": pd.concat([scores, rows])})
    assert charts(both)["scores"][0]["baselines"] == {"bicubic": 26}


def test_a_pair_points_at_its_own_scores(make_data: Callable[..., ReportData]) -> None:
    data = make_data(names=("EDSR", "IDN"))
    scores = data.table("scores")
    scores.loc[scores["network"].str.startswith("IDN"), "protocol"] = "idn-y"
    found = charts(data)
    assert [pair["condition"] for pair in found["pairs"]] == [0, 1]
    assert [pair["keyBits"] for pair in found["pairs"]] == [3, 3]


def test_kinds_point_at_the_sites_of_the_waterfall(make_data: Callable[..., ReportData]) -> None:
    falls = charts(make_data(sites=SITES))["waterfall"]["EDSR"]
    assert falls["site"] == list(SITES)
    assert falls["kinds"] == {"slot_in": [0, 2], "slot_out": [1, 3]}


def test_distance_in_db_is_the_ratio_of_the_errors(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    table = data.table("unfitness")
    table["sqnr_db"] = 10.0
    rows = table[(table["label"] == "EDSR") & (table["site"] == "blocks.0.slot_in:out")].index
    table.loc[rows, "unfit_mse"] = [0.0, 0.5, 0.9, 0.99, 1.0, 0.0]
    table.loc[rows[-1], "sqnr_db"] = np.nan
    drawn = charts(data)["heat"]["EDSR"]["metrics"]
    assert drawn["unfit_db"][0] == [0, 3.01, 10, 20, 60, None]
    assert drawn["unfit_mse"][0][3] == 0.99


def test_costs_stand_beside_every_measure(make_data: Callable[..., ReportData]) -> None:
    data = make_data(sites=SITES)
    drawn = charts(data)["sensitivity"]["EDSR"]
    table = data.table("sensitivity", "EDSR")
    expected = table["psnr_fp"] - table["psnr_only"]
    np.testing.assert_allclose(drawn["cost"], expected, rtol=1e-2)
    layers = data.table("layers", "EDSR")
    for name in set(MEASURES) & set(layers):
        np.testing.assert_allclose(drawn[name], layers[name], rtol=1e-3)
    assert len(drawn["shortfall"]) == len(SITES)


def test_without_tables_there_is_nothing_to_draw(make_data: Callable[..., ReportData]) -> None:
    found = charts(replace(make_data(), tables={}))
    for name in ("waterfall", "intervals", "heat", "sensitivity"):
        assert found[name] == {"EDSR": {}, "EDSR + BN": {}}
    assert found["scores"] == []
