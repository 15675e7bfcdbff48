"""What may be called a gain: differences, chance, and the data set that is talked about."""

from __future__ import annotations

from math import isnan, nan

import pytest
import trained_tables

from srviz.report.gains import Gain, dataset_text, lines, main_dataset


def test_a_gain_is_the_difference_and_its_spread_that_of_both_networks() -> None:
    gain = Gain(3, (23.0, 23.5), (23.5, 25.0), (0.3, 0.4), seeds=3)
    assert (gain.db, gain.published_db, gain.spread) == pytest.approx((0.5, 1.5, 0.5))


def test_where_one_network_was_repeated_the_other_scatters_as_much() -> None:
    assert Gain(3, (1.0, 2.0), stds=(0.1, nan)).spread == pytest.approx(0.1 * 2**0.5)
    assert Gain(3, (1.0, 2.0), stds=(nan, 0.1)).spread == pytest.approx(0.1 * 2**0.5)
    assert Gain(3, (1.0, 2.0)).spread == 0.0


@pytest.mark.parametrize(
    ("change", "stds", "says"),
    [
        (0.06, (nan, nan), "gains"),
        (-0.06, (nan, nan), "costs"),
        (0.04, (nan, nan), "changes nothing"),
        (0.06, (0.05, 0.05), "changes nothing"),  # under 0.071, the spread of the difference
        (-0.06, (0.05, 0.05), "changes nothing"),
        (0.08, (0.05, 0.05), "gains"),
    ],
)
def test_a_change_below_chance_is_none(change: float, stds: tuple[float, float], says: str) -> None:
    assert Gain(3, (23.0, 23.0 + change), stds=stds).verb == says


def test_lines_are_networks_methods_and_data_sets() -> None:
    found = lines(trained_tables.trained())
    assert [(line.name, line.dataset) for line in found] == [
        ("EDSR, PAMS", "Set5"),
        ("EDSR, PAMS", "Urban100"),
        ("EDSR, PAMS", "Photo2K"),
        ("EDSR, DDTB", "Urban100"),
        ("IDN, PAMS", "Urban100"),
    ]
    assert [g.bits for g in found[1].gains] == [32, 8, 4, 3, 2]
    assert found[4].known == []
    assert isnan(found[4].gains[0].db)


def test_a_table_of_single_runs_without_publications_is_enough() -> None:
    few = trained_tables.trained()[
        ["method", "network", "bits", "dataset", "plain", "bn", "bn_gain"]
    ]
    gain = lines(few)[1].gains[3]
    assert (gain.seeds, gain.spread) == (1, 0.0)
    assert isnan(gain.published_db)
    assert main_dataset(lines(few)) == "Set5"


def test_the_published_data_set_is_talked_about_whatever_came_out() -> None:
    assert main_dataset(lines(trained_tables.trained())) == "Urban100"


def test_a_stand_in_is_called_one() -> None:
    assert dataset_text("Photo2K") == "Photo2K (stand-in for Test2K)"
    assert dataset_text("Set5") == "Set5"
