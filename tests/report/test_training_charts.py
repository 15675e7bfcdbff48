"""The numbers that the charts of trained networks are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import trained_tables

from srviz.report import ReportData
from srviz.report.gains import lines
from srviz.report.training_charts import MAX_STEPS, gain_lines, training_data, trajectories

SITE = "blocks.0.slot_in:out"


def test_gains_come_by_data_set_the_main_one_first() -> None:
    found = gain_lines(lines(trained_tables.trained()))
    assert [d["name"] for d in found] == ["Urban100", "Set5", "Photo2K (stand-in for Test2K)"]
    assert found[0]["lines"][0] == {
        "name": "EDSR, PAMS",
        "bits": [32, 8, 4, 3, 2],
        "gain": [-0.2, -0.02, 0.3, 0.04, -1],
        "spread": [0, 0, 0, 0.05, 0],
        "published": [-0.18, -0.18, 0.1, 1.5, None],
    }
    assert found[0]["lines"][2] == {
        "name": "IDN, PAMS",
        "bits": [4],
        "gain": [None],
        "spread": [0],
        "published": [0.29],
    }


def test_trajectories_are_those_of_the_first_seed() -> None:
    found = trajectories(trained_tables.bounds([SITE]), trained_tables.best([SITE]))
    assert [(p["label"], p["method"], p["bits"]) for p in found] == [
        ("EDSR", "PAMS", 4),
        ("EDSR + BN", "PAMS", 4),
        ("EDSR", "PAMS", 3),
        ("EDSR + BN", "PAMS", 3),
        ("EDSR", "DDTB", 3),
    ]
    assert [(p["network"], p["normed"]) for p in found[:2]] == [("EDSR", False), ("EDSR", True)]
    assert found[2]["step"] == [0, 500, 1000]
    assert found[2]["sites"] == {SITE: {"alpha": [10, 8, 6]}}  # 1 % more for each other seed
    assert found[2]["best"] == {SITE: [-7, 7]}
    assert found[4]["sites"] == {SITE: {"upper": [8, 6.4, 4.8], "lower": [-4, -3.2, -2.4]}}
    assert found[4]["best"] == {}


def test_long_trajectories_are_thinned_but_keep_their_ends() -> None:
    table = trained_tables.bounds([SITE], steps=range(0, 1001))
    path = trajectories(table, pd.DataFrame())[0]
    assert len(path["step"]) == MAX_STEPS
    assert (path["step"][0], path["step"][-1]) == (0, 1000)
    assert len(path["sites"][SITE]["alpha"]) == MAX_STEPS


def test_bounds_of_channels_are_shown_by_their_mean() -> None:
    table = trained_tables.bounds([SITE])
    both = [table.assign(channel=c, value=table["value"] + 2 * c) for c in (0, 1)]
    path = trajectories(pd.concat(both), pd.DataFrame())[2]
    assert path["sites"][SITE]["alpha"] == [11, 9, 7]


def test_fans_are_quantiles_of_all_channels(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    table = trained_tables.bounds([SITE])
    table = table.loc[table["network"] == "EDSR", :]
    found = training_data(replace(data, tables={"bounds": table}), [])
    assert set(found["fans"]) == {"EDSR"}, "only networks that were trained"
    x = np.concatenate(data.profiles["EDSR"].values[SITE], axis=1)  # pyright: ignore
    bands = found["fans"]["EDSR"][SITE]
    assert bands[0] == pytest.approx([x.min(), x.max()], rel=1e-3)
    assert bands[4] == pytest.approx(np.quantile(x, [0.25, 0.75]), rel=0.02)
    assert [high - low for low, high in bands] == sorted((h - w for w, h in bands), reverse=True)


def test_a_trained_network_that_the_page_does_not_show_has_no_fan(
    make_data: Callable[..., ReportData],
) -> None:
    table = trained_tables.bounds([SITE]).assign(network="EDSR16")
    found = training_data(replace(make_data(), tables={"bounds": table}), [])
    assert found["fans"] == {}
    assert found["paths"][0]["label"] == "EDSR16"
