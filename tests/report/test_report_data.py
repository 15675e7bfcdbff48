"""What a report needs is checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import trained_tables

from srviz.errors import ArgumentError
from srviz.report import ReportData


def test_labels_come_once_in_order(make_data: Callable[..., ReportData]) -> None:
    data = make_data(names=("EDSR", "IDN"))
    assert data.labels == ["EDSR", "EDSR + BN", "IDN", "IDN + BN"]


def test_tables_by_network(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    assert set(data.table("scores", "EDSR")["network"]) == {"EDSR"}
    assert set(data.table("layers", "EDSR + BN")["label"]) == {"EDSR + BN"}
    assert data.table("sites").empty
    more = {"trained": trained_tables.trained(), "bounds": trained_tables.bounds(["a"])}
    more["best_bounds"] = trained_tables.best(["a"])
    data = replace(data, tables=more)
    assert set(data.table("trained", "EDSR")["network"]) == {"EDSR"}
    assert set(data.table("bounds", "EDSR + BN")["network"]) == {"EDSR + BN"}
    assert set(data.table("best_bounds", "EDSR + BN")["label"]) == {"EDSR + BN"}
    assert data.has("bounds")
    assert not data.has("sites")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pairs": []}, "networks to compare"),
        ({"pairs": [("A", "B")]}, "no profile for network 'A'"),
        ({"bits": 5}, "no grids of 5 bits.*8, 6, 4, 3, 2"),
        ({"tables": {"score": pd.DataFrame()}}, "unknown table 'score'.*scores"),
    ],
)
def test_errors_say_what_is_missing(
    make_data: Callable[..., ReportData], change: dict, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        replace(make_data(), **change)
