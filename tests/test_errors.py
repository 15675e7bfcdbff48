from __future__ import annotations

from srviz.errors import ArgumentError, SrvizError, UnknownNameError


def test_an_error_says_what_was_wrong_what_is_allowed_and_how_to_mend_it() -> None:
    error = ArgumentError("bits 9.", allowed="2 to 8", fix="bits=8")
    assert str(error) == "bits 9; allowed: 2 to 8; fix: bits=8"
    assert isinstance(error, SrvizError)
    assert isinstance(error, ValueError)


def test_it_is_one_line_whatever_it_quotes() -> None:
    assert str(SrvizError("a\n  b\tc")) == "a b c"


def test_close_names_are_suggested_then_names_that_hold_the_text() -> None:
    known = ["blocks.0.conv1:out", "blocks.0.conv2:out", "tail:in"]
    close = UnknownNameError.of("site", "blocks.0.conv22:out", known)
    assert "did you mean 'blocks.0.conv2:out'" in str(close)
    assert "did you mean 'tail:in'?" in str(UnknownNameError.of("site", "*tail*", known))
    assert "did you mean" not in str(UnknownNameError.of("site", "*", known))
    assert "did you mean" not in str(UnknownNameError.of("site", "zzz", known))


def test_a_long_list_of_names_is_cut() -> None:
    error = UnknownNameError.of("site", "zzz", [f"n{i}" for i in range(50)])
    assert "n11, ... (50 in all)" in str(error)
    assert "n12" not in str(error)
