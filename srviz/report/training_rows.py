"""T2 and T3 as the page shows them: network by width, data sets side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from srviz.report.data import FULL_PRECISION
from srviz.report.gains import Gain, Line, Pair, dataset_text
from srviz.report.rows import number
from srviz.report.sentences import signed

EXHIBITS = {"PAMS": "T2", "DDTB": "T3"}
"""The study's table of a method."""

TONES = {"gains": "good", "costs": "bad", "changes nothing": "same"}


@dataclass(frozen=True)
class Value:
    """A cell: what is shown, below it in small what it rests on, and classes of its look."""

    text: str
    small: str = ""
    look: str = ""


@dataclass(frozen=True)
class Row:
    """A network at a width; ``first`` is the network's first row."""

    name: str
    first: bool
    cells: list[Value]


@dataclass(frozen=True)
class TrainedTable:
    """The rows of one method; ``groups`` are the headings over three columns each.

    A group is (text, whether its numbers are the published ones).
    """

    name: str
    groups: list[tuple[str, bool]]
    rows: list[Row]


def trained_tables(found: Sequence[Line]) -> list[TrainedTable]:
    """One table for each method.

    What is missing is a dash; a data set has published columns only if it has such a number. The
    better one of a pair is marked unless BN makes no difference.
    """
    return [
        _table(method, [line for line in found if line.method == method])
        for method in dict.fromkeys(line.method for line in found)
    ]


def _table(method: str, own: Sequence[Line]) -> TrainedTable:
    groups = []
    for name in dict.fromkeys(line.dataset for line in own):
        groups.append((name, False))
        gains = [g for line in own if line.dataset == name for g in line.gains]
        if any(isfinite(value) for g in gains for value in g.published):
            groups.append((name, True))
    rows = [
        row for name in sorted({line.network for line in own}) for row in _rows(name, own, groups)
    ]
    heads = [
        (f"{name}, published" if theirs else dataset_text(name), theirs) for name, theirs in groups
    ]
    title = f"{method} (the study's {EXHIBITS[method]})" if method in EXHIBITS else method
    return TrainedTable(title, heads, rows)


def _rows(network: str, own: Sequence[Line], groups: Sequence[tuple[str, bool]]) -> list[Row]:
    """All widths of one network, the widest first."""
    cells = {
        (line.dataset, gain.bits): gain
        for line in own
        if line.network == network
        for gain in line.gains
    }
    widths = sorted({bits for _, bits in cells}, reverse=True)
    return [
        Row(
            f"{network}, {'full' if bits >= FULL_PRECISION else f'{bits} bits'}",
            bits == widths[0],
            [
                value
                for name, theirs in groups
                for value in (_published if theirs else _measured)(cells.get((name, bits)))
            ],
        )
        for bits in widths
    ]


def _measured(gain: Gain | None) -> list[Value]:
    if gain is None:
        return [Value("–")] * 3
    known = isfinite(gain.db)
    better = {"gains": 1, "costs": 0}.get(gain.verb) if known else None
    sides = [
        Value(number(value, 2).text, _plus_minus(std), "best" if side == better else "")
        for side, (value, std) in enumerate(zip(gain.psnr, gain.stds, strict=True))
    ]
    last = (
        Value(signed(gain.db), _plus_minus(gain.spread), f"gain {TONES[gain.verb]}")
        if known
        else Value("–", "", "gain")
    )
    return [*sides, last]


def _published(gain: Gain | None) -> list[Value]:
    sides: Pair = gain.published if gain else (float("nan"), float("nan"))
    change = sides[1] - sides[0]
    texts = [number(value, 2).text for value in sides]
    return [
        Value(text, "", "light") for text in [*texts, signed(change) if isfinite(change) else "–"]
    ]


def _plus_minus(std: float) -> str:
    return f"± {std:.2f}" if isfinite(std) and std > 0 else ""
