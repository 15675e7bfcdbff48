"""The words say what the numbers say, also when BN does not help."""

from __future__ import annotations

import pytest

from srviz.report.compare import Comparison, Rebound
from srviz.report.condition import Condition
from srviz.report.cost import Cost
from srviz.report.findings import finding, headline
from srviz.report.sentences import signed


def comparison(name: str = "EDSR", **changes: object) -> Comparison:
    values: dict = {"gain": {32: 0.02, 8: 0.01, 4: 0.5, 3: 1.57}, "key_bits": 3} | changes
    return Comparison(name=name, plain=name, normed=f"{name} + BN", **values)


def condition(plain: dict[int, float], normed: dict[int, float]) -> Condition:
    psnr = {"EDSR": plain, "EDSR + BN": normed}
    return Condition("samples", "pams", 6, psnr, psnr)


@pytest.mark.parametrize(
    ("gains", "words"),
    [
        ((1.57, 0.75), "gains 1.57 dB on EDSR and 0.75 dB on IDN."),
        ((-0.3, -0.2), "costs 0.30 dB on EDSR and 0.20 dB on IDN."),
        ((1.57, -0.2), "gains 1.57 dB on EDSR, but costs 0.20 dB on IDN."),
        ((0.01, -0.04), "makes no difference on EDSR and IDN."),
        ((1.57, 0.0), "gains 1.57 dB on EDSR, but makes no difference on IDN."),
    ],
)
def test_headline_follows_the_sign(gains: tuple[float, float], words: str) -> None:
    found = [comparison(n, gain={3: g}) for n, g in zip(("EDSR", "IDN"), gains, strict=True)]
    assert headline(found) == f"At 3 bits, batch normalization {words}"


def test_headline_without_scores_claims_nothing() -> None:
    assert "how well" in headline([comparison(gain={}, key_bits=None)]).lower()


def test_psnr_words_name_every_width() -> None:
    plain, normed = {32: 27.65, 8: 27.63, 4: 26.39, 3: 24.72}, {32: 27.67, 8: 27.64, 4: 26.89}
    found = finding(comparison(), condition(plain, normed | {3: 26.29}), bits=4)
    text = " ".join(found.sentences)
    assert "costs 2.93 dB without BN and 1.38 dB with it" in text
    assert found.captions["psnr"] == (
        "BN raises PSNR at 4 and 3 bits and makes no difference (under 0.05 dB) at 8 bits."
    )
    assert (found.tiles[0].value, found.tiles[0].tone) == ("+1.57 dB", "good")


def test_a_loss_is_called_a_loss() -> None:
    c = comparison(gain={3: -0.42})
    found = finding(c, condition({3: 20.42}, {3: 20.0}), bits=4)
    assert (found.tiles[0].value, found.tiles[0].tone) == ("−0.42 dB", "bad")
    assert found.captions["psnr"] == "BN lowers PSNR at 3 bits."


def test_a_smaller_interval_is_weighed_against_the_signal() -> None:
    (words,) = finding(
        comparison(gain={}, key_bits=None, intervals=[(12, 3), (8.2, 2), (1, 2)], sqnr=(14, 13.2)),
        None,
        bits=4,
    ).sentences
    assert "smaller with BN in 2 of 3 layers; in the median layer it shrinks 4.0-fold" in words
    assert "falls (14.0 dB without, 13.2 dB with BN)" in words


def test_a_larger_interval_grows() -> None:
    found = finding(comparison(gain={}, key_bits=None, intervals=[(3, 6)]), None, bits=4)
    assert found.tiles[0].text == "larger interval with BN, median layer"
    assert "grows 2.0-fold" in found.sentences[0]


def test_the_main_reason_and_what_bn_does_to_it() -> None:
    plain = {"gap_bounds_db": 2.0, "gap_symmetry_db": 4.0, "gap_channel_db": 1.4}
    normed = {"gap_bounds_db": 2.5, "gap_symmetry_db": 3.9, "gap_channel_db": 0.3}
    c = comparison(gain={}, key_bits=None, gaps=(plain, normed))
    text = " ".join(finding(c, None, bits=4).sentences)
    assert "7.4 dB short" in text
    assert "a symmetric grid on one-sided values (4.0 dB, with BN 3.9 dB)" in text
    assert "BN helps most with one grid for all channels: 1.1 dB less." in text
    assert "It makes bounds set badly worse, by 0.5 dB." in text


def test_no_gap_smaller_is_said() -> None:
    gaps = {"gap_bounds_db": 2.0}
    c = comparison(gain={}, key_bits=None, gaps=(gaps, gaps))
    (words,) = finding(c, None, bits=4).sentences
    assert words.endswith("BN makes none of these losses smaller.")


def test_signed_has_no_minus_zero() -> None:
    assert [signed(v) for v in (1.234, -0.5, -0.001, 0.0)] == ["+1.23", "−0.50", "0.00", "0.00"]


def test_the_price_in_full_precision_stands_beside_the_gain() -> None:
    found = finding(comparison(gain={32: -0.28, 3: 2.3}), None, bits=4)
    assert [(t.value, t.tone) for t in found.tiles] == [("+2.30 dB", "good"), ("−0.28 dB", "bad")]


def test_single_images_that_lose_are_told() -> None:
    c = comparison(gain={3: 0.5}, image_gains={"a": 1.5, "b": -0.5})
    (words,) = finding(c, condition({3: 20.0}, {3: 20.5}), bits=4).sentences
    assert words.endswith("With BN it is ahead on 1 of 2 images (−0.50 to +1.50 dB).")


def test_a_network_below_the_baseline_is_called_so() -> None:
    c = comparison(
        gain={8: 0, 3: 2.3}, key_bits=3, key_psnr=(26.6, 28.9), baselines={"bicubic": 29.0}
    )
    found = finding(c, condition({8: 30.7, 3: 26.6}, {8: 30.7, 3: 28.9}), bits=4)
    assert found.tiles[1].value == "−0.10 dB"
    assert found.tiles[1].text == "against bicubic at 3 bits, even for the better one"
    assert found.sentences[1] == (
        "On the same images bicubic reaches 29.00 dB: the network is below it without and with "
        "BN at 3 bits."
    )


def test_a_network_above_the_baseline_gets_no_warning() -> None:
    c = comparison(gain={3: 2.3}, key_psnr=(26.6, 28.9), baselines={"bicubic": 25.0})
    found = finding(c, condition({3: 26.6}, {3: 28.9}), bits=4)
    assert len(found.tiles) == 1
    assert found.sentences[1].endswith("reaches 25.00 dB, less than the network at every width.")


@pytest.mark.parametrize(("zeroed", "why"), [(0.999, True), (0.5, False), (None, False)])
def test_a_rebound_is_explained_only_where_nearly_all_is_zero(
    zeroed: float | None, why: bool
) -> None:
    c = comparison(gain={3: 0.0}, rebounds=[Rebound(False, 2, 3, (28.7, 26.6), zeroed)])
    words = finding(c, condition({3: 26.6}, {3: 26.6}), bits=4).sentences[-1]
    assert words.startswith("Without BN PSNR rises again from 3 to 2 bits (26.60 to 28.70 dB).")
    assert ("fall silent" in words) == why
    assert ("50.0 %" in words) == (zeroed == 0.5)


@pytest.mark.parametrize(
    ("ranks", "tells"), [((0.9, 0.8), "much"), ((-0.3, 0.1), "little"), ((0.9, 0.1), "something")]
)
def test_costs_name_layers_kinds_and_how_much_unfitness_tells(
    ranks: tuple[float, float], tells: str
) -> None:
    one, other = (
        Cost(f"blocks.{i}.slot_in:out", 0.5 + i, "slot_in", 0.6 + 0.3 * i, rank)
        for i, rank in enumerate(ranks)
    )
    c = comparison(gain={}, key_bits=None, costs=(one, other), costs_on="one image, baby")
    (words,) = finding(c, None, bits=4).sentences
    assert "blocks.0.slot_in costs most without BN (0.50 dB)" in words
    assert "60 % without and 90 % with BN lie in slot_in" in words
    assert f"tells {tells} about" in words
    assert words.endswith("Measured on one image, baby.")


def test_captions_say_what_the_pictures_show() -> None:
    gaps = ({"gap_bounds_db": 6.0, "gap_grid_db": 2.0}, {"gap_bounds_db": 5.0, "gap_grid_db": 2.5})
    c = comparison(worst_site="blocks.7.slot_mid:out", crossed=(4.4, 4.6), n_levels=15, gaps=gaps)
    captions = finding(c, None, bits=4).captions
    assert "blocks.7.slot_mid, a channel's range holds 4.4 of 15 levels" in captions["levels"]
    assert "falls 8.0 dB short of the best one without BN, 7.5 dB with" in captions["reasons"]


@pytest.mark.parametrize(
    ("gain", "words"), [(-0.25, "This does not hold"), (0.4, "The same holds")]
)
def test_other_conditions_confirm_or_contradict(gain: float, words: str) -> None:
    c = comparison(gain={3: 2.3}, elsewhere={"pams, best bounds": gain})
    told = finding(c, condition({3: 26.6}, {3: 28.9}), bits=4).sentences[1]
    assert told.startswith(f"{words} elsewhere: at 3 bits BN brings {signed(gain)} dB with pams, b")
