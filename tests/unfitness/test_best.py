"""Bounds of least error for the runs of a sweep."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from array_profile import ArrayProfile

from srviz.unfitness import best_bounds, calibrate


def test_runs_that_are_known_get_their_bounds_once(
    make_profile: Callable[..., ArrayProfile], channels: np.ndarray
) -> None:
    prof = make_profile({"a": channels[:, None, :], "b": 2 * channels[:, None, :]}, label="net")
    runs = [
        ("net", "pams", 3),
        ("net", "ddtb", 4),
        ("net", "pams", 3),
        ("other", "pams", 3),
        ("net", "cadyq", 3),
    ]
    table = best_bounds({"net": prof}, runs)
    assert table[["label", "method", "bits", "site"]].values.tolist() == [
        ["net", "pams", 3, "a"],
        ["net", "pams", 3, "b"],
        ["net", "ddtb", 4, "a"],
        ["net", "ddtb", 4, "b"],
    ]
    grid = calibrate(prof, "ddtb", 4, criterion="mse")["b"]
    assert table[["lower", "upper"]].values.tolist()[3] == [grid.lo, grid.hi]
    assert table["lower"].tolist()[0] == -table["upper"].tolist()[0]  # pams is symmetric


def test_no_run_is_an_empty_table() -> None:
    table = best_bounds({}, [])
    assert list(table) == ["label", "method", "bits", "site", "lower", "upper"]
    assert table.empty
