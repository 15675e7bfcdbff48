"""The words say what the numbers say, also when BN does not help."""

from __future__ import annotations

import pytest

from srviz.report.compare import Comparison, Condition
from srviz.report.findings import finding, headline, signed


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
    assert "raises PSNR at 4 and 3 bits and makes no difference (under 0.05 dB) at 8 bits" in text
    assert (found.tiles[0].value, found.tiles[0].tone) == ("+1.57 dB", "good")


def test_a_loss_is_called_a_loss() -> None:
    c = comparison(gain={3: -0.42})
    found = finding(c, condition({3: 20.42}, {3: 20.0}), bits=4)
    assert (found.tiles[0].value, found.tiles[0].tone) == ("−0.42 dB", "bad")
    assert "BN lowers PSNR at 3 bits." in found.sentences


def test_a_smaller_interval_is_weighed_against_the_signal() -> None:
    (words,) = finding(
        comparison(gain={}, key_bits=None, interval=(12, 3), interval_ratio=4.1, sqnr=(14, 13.2)),
        None,
        bits=4,
    ).sentences
    assert "shrinks 4.1-fold" in words
    assert "falls (14.0 dB without, 13.2 dB with BN)" in words


def test_a_larger_interval_grows() -> None:
    found = finding(
        comparison(gain={}, key_bits=None, interval=(3, 6), interval_ratio=0.5), None, bits=4
    )
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
    assert "BN makes none of these losses smaller." in finding(c, None, bits=4).sentences


def test_signed_has_no_minus_zero() -> None:
    assert [signed(v) for v in (1.234, -0.5, -0.001, 0.0)] == ["+1.23", "−0.50", "0.00", "0.00"]
