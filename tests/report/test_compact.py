"""Numbers as short JSON that no label can break out of."""

from __future__ import annotations

import json

import numpy as np
import pytest

from srviz.report.compact import ALPHABET, embed, levels64, significant


def test_significant_keeps_four_digits_and_nests() -> None:
    assert significant(np.array([[0.123456, -98765.4], [0.0, 2.0]])) == [[0.1235, -98770], [0, 2]]
    assert significant([np.nan, np.inf, -np.inf]) == [None, None, None]


def test_a_curve_reads_back_within_half_a_step() -> None:
    heights = np.linspace(0, 1, 37)
    back = np.array([ALPHABET.index(char) / 63 for char in levels64(heights)])
    np.testing.assert_allclose(back, heights, atol=0.51 / 63)


def test_embedded_json_holds_no_markup_and_reads_back() -> None:
    value = {"</script><script>alert(1)</script>": ["a & b", "\u2028"]}
    text = embed(value)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        embed([float("nan")])
