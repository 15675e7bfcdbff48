"""T1: the interval against the paper's own arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from srviz.errors import ArgumentError
from srviz.tables import validate
from srviz.unfitness import interval, interval_table


def test_columns_alpha_and_interval(make_profile: Callable) -> None:
    x = np.array([[[-57.72, 3.0, 75.90]], [[1.0, 2.0, 0.0]]], np.float32)
    profs = [
        make_profile({"blocks.11.conv2:out": x, "z:out": -x}, label="EDSR"),
        make_profile({"blocks.11.conv2:out": x / 8}, label="EDSR + BN"),
    ]
    table = validate(interval_table(profs, bits=4, criteria=("max", "min", "absmax")), "intervals")
    columns = ["label", "site", "depth", "criterion", "bits", "alpha", "interval"]
    assert list(table.columns) == columns
    first = table[(table["label"] == "EDSR") & (table["site"] == "blocks.11.conv2:out")]
    np.testing.assert_allclose(first["alpha"], [75.90, 57.72, 75.90], rtol=1e-6)
    np.testing.assert_allclose(first["interval"], first["alpha"] / 7)
    normed = table[table["label"] == "EDSR + BN"]
    np.testing.assert_allclose(normed["interval"], first["interval"] / 8, rtol=1e-6)
    # The deck's ratio Max / Min does not depend on the width (METHODS, 8).
    assert first["alpha"].iloc[0] / first["alpha"].iloc[1] == pytest.approx(1.315, abs=1e-3)
    assert list(table["site"].cat.categories) == ["blocks.11.conv2:out", "z:out"]


def test_the_interval_of_two_bits_is_alpha() -> None:
    assert [interval(75.9, b) for b in (2, 3, 4)] == [75.9, 75.9 / 3, 75.9 / 7]
    with pytest.raises(ArgumentError, match="bits=1"):
        interval(1.0, 1)


def test_several_widths_and_a_rectified_tensor(make_profile: Callable) -> None:
    prof = make_profile({"a:out": np.array([[[0.0, 2.0, 6.0]]], np.float32)})
    table = interval_table(prof, bits=(2, 4), criteria=("max", "min"))
    assert table["bits"].tolist() == [2, 4, 2, 4]
    assert table["interval"].tolist() == [6.0, 6.0 / 7, 0.0, 0.0]
