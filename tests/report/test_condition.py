"""Scores are compared under one protocol only, and what is no pair is a baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from srviz.report import ReportData
from srviz.report.condition import conditions, scored


def with_rows(data: ReportData, *more: pd.DataFrame) -> ReportData:
    return replace(data, tables={"scores": pd.concat([data.table("scores"), *more])})


def test_scores_are_means_over_images_under_one_protocol(
    make_data: Callable[..., ReportData],
) -> None:
    data = make_data()
    first, second = conditions(
        with_rows(data, data.table("scores").assign(protocol="rgb", psnr=20.0))
    )
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
    assert condition.image_gains("EDSR", "EDSR + BN", 2) == {}


def test_gains_of_single_images_average_to_the_gain(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    scores = data.table("scores")
    odd = (scores["network"] == "EDSR + BN") & (scores["image"] == "bird")
    scores.loc[odd, "psnr"] -= 4.0
    (condition,) = conditions(data)
    gains = condition.image_gains("EDSR", "EDSR + BN", 3)
    assert gains["baby"] - gains["bird"] == pytest.approx(4)
    assert np.mean(list(gains.values())) == pytest.approx(condition.gain("EDSR", "EDSR + BN")[3])


def test_a_network_of_no_pair_is_a_baseline(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    full = data.table("scores").query("bits == 32 and network == 'EDSR'")
    (condition,) = conditions(with_rows(data, full.assign(network="bicubic", psnr=[25.0, 27.0])))
    assert condition.baselines == {"bicubic": 26.0}
    assert "bicubic" not in condition.psnr


def test_a_pair_is_scored_under_the_first_condition_that_has_both(
    make_data: Callable[..., ReportData],
) -> None:
    data = make_data(names=("EDSR", "IDN"))
    scores = data.table("scores")
    scores.loc[scores["network"].str.startswith("IDN"), "protocol"] = "idn-y"
    found = conditions(data)
    assert [scored(found, pair) for pair in data.pairs] == found
    assert scored(found, ("EDSR", "IDN")) is None
