"""Sentences about trained networks, against a small table counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
import trained_tables

from srviz.report.gains import lines
from srviz.report.training_words import (
    elsewhere_words,
    line_words,
    note_words,
    steps_text,
    training_headline,
)

FOUND = lines(trained_tables.trained())


def test_the_headline_counts_all_cases() -> None:
    # PAMS at 4, 3 and 2 bits: +0.30, +0.04 ± 0.05, -1.00; DDTB at 3: +0.09 ± 0.10.
    assert training_headline(FOUND, "1,000") == (
        "After 1,000 training steps, at 4 bits and below, BN raises PSNR in 1 of 4 cases, lowers "
        "it in 1 and makes no difference in 2 (a case is a network, a method and a width) on "
        "Urban100."
    )


@pytest.mark.parametrize(
    ("gains", "says"),
    [
        ([0.3], "After training, at 4 bits and below, BN raises PSNR in the only case"),
        ([-0.3, -0.2], "BN lowers PSNR in both cases"),
        ([0.0, 0.01, 0.02], "BN makes no difference in all 3 cases"),
        ([], "cannot be said"),
    ],
)
def test_the_headline_is_not_written_in_advance(gains: list[float], says: str) -> None:
    rows = [trained_tables.row("PAMS", 32, 25.0, 25.0)] + [
        trained_tables.row("PAMS", bits, 24.0, 24.0 + g)
        for bits, g in zip((4, 3, 2), gains, strict=False)
    ]
    table = pd.DataFrame(rows, columns=list(trained_tables.COLUMNS))
    assert says in training_headline(lines(table), "")


def test_a_line_tells_every_width_beside_chance_and_publication() -> None:
    assert line_words(FOUND[1]) == (
        "BN gains 0.30 dB at 4 bits (published +0.10); "
        "it costs 0.20 dB in full precision (published −0.18) and 1.00 dB at 2 bits; "
        "it makes no difference at 8 bits (−0.02; published −0.18) and at 3 bits "
        "(+0.04 ± 0.05 over 3 seeds; published +1.50). "
        "Quantizing costs, without and with BN, 0.60 and 0.10 dB at 4 bits, "
        "2.10 and 1.86 dB at 3 bits and 4.10 and 4.90 dB at 2 bits."
    )


def test_more_than_the_least_change_is_nothing_if_seeds_scatter_more() -> None:
    assert line_words(FOUND[3]) == (
        "BN makes no difference at 3 bits (+0.09 ± 0.10 over 3 seeds; published −0.03)."
    )


def test_a_network_without_its_partner_is_not_judged() -> None:
    assert line_words(FOUND[4]) == "Not yet trained both without and with BN."


def test_the_other_data_sets_may_disagree() -> None:
    # Set5: +0.5 at 4 bits as on Urban100, -0.1 at 3 bits where Urban100 has none; Photo2K: -1.
    assert elsewhere_words(FOUND) == (
        "On Set5 and Photo2K (stand-in for Test2K) the answer is the same in 1 of 3 cases."
    )
    assert elsewhere_words([line for line in FOUND if line.dataset == "Urban100"]) == ""


def test_notes_tell_chance_publication_and_stand_in() -> None:
    chance, published, photo = note_words(FOUND)
    assert "less than 0.05 dB" in chance
    assert "± 0.05 to 0.10 dB" in chance
    assert "other sizes, trained far longer" in published
    assert photo.startswith("Photo2K are other photographs")


def test_notes_say_when_nothing_was_repeated() -> None:
    (chance,) = note_words([FOUND[0]])
    assert "one training run: how far chance moves a gain is not known" in chance


def test_steps_are_read_off_the_bounds() -> None:
    table = trained_tables.bounds(["a"])
    assert steps_text(table) == "1,000"
    shorter = table.loc[(table["network"] != "EDSR") | (table["step"] < 1000), :]
    assert steps_text(shorter) == "500 to 1,000"
    assert steps_text(pd.DataFrame()) == ""
