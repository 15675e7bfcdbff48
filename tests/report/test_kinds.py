"""Layers at the same place of every block are one kind."""

from __future__ import annotations

from srviz.report.kinds import kind_of, kinds


def test_numbers_of_blocks_are_left_open_and_nothing_else() -> None:
    assert kind_of("blocks.12.conv1:out") == "blocks.*.conv1:out"
    assert kind_of("act:out#3") == "act:out#3"


def test_names_keep_what_differs() -> None:
    sites = [f"blocks.{i}.{part}.{j}.slot:out" for i in (0, 1) for part in "ab" for j in (0, 1)]
    found = kinds(sites)
    assert list(found) == ["a", "b"]
    assert found["b"] == [s for s in sites if ".b." in s]


def test_kinds_of_unequal_depth_keep_their_whole_name() -> None:
    sites = ["head:out", "blocks.0.conv:out", "blocks.1.conv:out"]
    assert list(kinds(sites)) == ["head", "blocks.*.conv"]


def test_one_kind_many_kinds_or_no_repetition_are_all_layers() -> None:
    for sites in (
        ["blocks.0.x:out", "blocks.1.x:out"],
        [f"blocks.{i}.{name}:out" for i in (0, 1) for name in "abcde"],
        ["head:out", "tail:out"],
        [],
    ):
        assert kinds(sites) == {"all layers": sites}
