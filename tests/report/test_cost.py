"""Which layers cost PSNR, against sums and ranks made by other means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from srviz.report import ReportData
from srviz.report.cost import cost, costs, measured_on, shortfall

SITES = tuple(f"blocks.{i}.slot_{s}:out" for i in range(4) for s in ("in", "out"))


def set_costs(data: ReportData, values: list[float]) -> None:
    table = data.table("sensitivity")
    table.loc[table["label"] == "EDSR", "psnr_only"] = 30.0 - np.array(values)


def test_the_costliest_layer_and_kind(make_data: Callable[..., ReportData]) -> None:
    data = make_data(sites=SITES)
    set_costs(data, [0.5, 0.1, 0.2, 0.0, 0.1, -0.05, 0.1, 0.0])
    found = cost(data, "EDSR")
    assert found is not None
    assert found.site == "blocks.0.slot_in:out"
    assert found.worst == pytest.approx(0.5)
    # A gain by quantizing counts as no cost: 0.9 of 1.0 dB.
    assert (found.kind, found.share) == ("slot_in", pytest.approx(0.9))


def test_the_rank_correlation_is_spearmans(make_data: Callable[..., ReportData]) -> None:
    data = make_data(sites=SITES)
    set_costs(data, [0.5, 0.1, 0.2, 0.0, 0.1, 0.05, 0.1, 0.0])
    lost, distance = costs(data, "EDSR"), shortfall(data, "EDSR")
    found = cost(data, "EDSR")
    assert found is not None
    expected = spearmanr(list(lost.values()), [distance[s] for s in lost]).statistic
    assert found.rank == pytest.approx(expected)


def test_no_rank_of_few_or_equal_costs(make_data: Callable[..., ReportData]) -> None:
    few = cost(make_data(sites=SITES[:3]), "EDSR")
    assert few is not None
    assert few.rank is None
    data = make_data(sites=SITES)
    set_costs(data, [0.1] * 8)
    equal = cost(data, "EDSR")
    assert equal is not None
    assert equal.rank is None


def test_shortfall_adds_the_gaps_that_are_known(make_data: Callable[..., ReportData]) -> None:
    data = make_data(sites=SITES)
    table = data.table("waterfall")
    table.loc[table["site"] == SITES[0], "gap_input_db"] = np.nan
    table.loc[table["site"] == SITES[1], [c for c in table if c.startswith("gap")]] = np.nan
    found = shortfall(data, "EDSR")
    row = table[(table["label"] == "EDSR") & (table["site"] == SITES[0])].iloc[0]
    known = ("bounds", "symmetry", "channel", "grid")
    assert found[SITES[0]] == pytest.approx(sum(row[f"gap_{name}_db"] for name in known))
    assert np.isnan(found[SITES[1]])


def test_the_images_are_named(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    table = data.table("sensitivity")
    table["dataset"], table["images"] = "Set5, centre 128 px", 5
    assert measured_on(data, "EDSR") == "Set5, centre 128 px, 5 images"
    table["images"] = 1
    assert measured_on(data, "EDSR") == "Set5, centre 128 px, 1 image"
    assert measured_on(replace(data, tables={}), "EDSR") is None
