"""T2 and T3 on the page, cell by cell."""

from __future__ import annotations

import trained_tables

from srviz.report.gains import lines
from srviz.report.training_rows import Value
from srviz.report.training_rows import trained_tables as tables

T2, T3 = tables(lines(trained_tables.trained()))


def test_data_sets_stand_side_by_side_published_ones_beside() -> None:
    assert (T2.name, T3.name) == ("PAMS (the study's T2)", "DDTB (the study's T3)")
    assert T2.groups == [
        ("Set5", False),
        ("Urban100", False),
        ("Urban100, published", True),
        ("Photo2K (stand-in for Test2K)", False),
    ]
    assert all(len(row.cells) == 3 * len(t.groups) for t in (T2, T3) for row in t.rows)


def test_rows_are_network_and_width_the_widest_first() -> None:
    assert [(row.name, row.first) for row in T2.rows] == [
        ("EDSR, full", True),
        ("EDSR, 8 bits", False),
        ("EDSR, 4 bits", False),
        ("EDSR, 3 bits", False),
        ("EDSR, 2 bits", False),
        ("IDN, 4 bits", True),
    ]


def test_cells_are_numbers_gains_and_published_ones() -> None:
    four = T2.rows[2].cells
    assert four[:3] == [Value("30.00"), Value("30.50", "", "best"), Value("+0.50", "", "gain good")]
    assert four[6:9] == [
        Value("25.30", "", "light"),
        Value("25.40", "", "light"),
        Value("+0.10", "", "light"),
    ]
    assert four[9:] == [Value("34.00", "", "best"), Value("33.00"), Value("−1.00", "", "gain bad")]


def test_seeds_have_a_spread_and_no_difference_marks_none() -> None:
    assert T2.rows[3].cells[3:6] == [
        Value("23.00", "± 0.03"),
        Value("23.04", "± 0.04"),
        Value("+0.04", "± 0.05", "gain same"),
    ]


def test_what_is_missing_is_a_dash() -> None:
    idn = T2.rows[5].cells
    assert [cell.text for cell in idn] == [
        *("–", "–", "–"),
        *("24.00", "–", "–"),
        *("24.35", "24.64", "+0.29"),
        *("–", "–", "–"),
    ]
