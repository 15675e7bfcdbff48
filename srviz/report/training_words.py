"""What training the quantized networks showed, in sentences that follow from the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite

import pandas as pd

from srviz.report.condition import SAME_DB
from srviz.report.data import FULL_PRECISION
from srviz.report.gains import STAND_INS, Gain, Line, dataset_text, main_dataset, width_text
from srviz.report.sentences import VERBS, listed, signed

FEW_BITS = 4
"""The study claims that BN helps from this width down."""


def steps_text(bounds: pd.DataFrame) -> str:
    """How many steps the networks were trained, as their bounds tell; empty if they do not.

    Examples
    --------
    >>> steps_text(pd.DataFrame({"run": ["a", "a", "b"], "step": [0, 1000, 400]}))
    '400 to 1,000'
    """
    if bounds.empty:
        return ""
    last = pd.DataFrame(bounds.groupby("run")[["step"]].max())["step"].astype(int).tolist()
    least, most = f"{min(last):,}", f"{max(last):,}"
    return most if least == most else f"{least} to {most}"


def training_headline(found: Sequence[Line], steps: str) -> str:
    """Whether BN helps at few bits on the main data set, as a count of all cases."""
    dataset = main_dataset(found)
    cases = [g for line in found if line.dataset == dataset for g in _few(line)]
    if not cases:
        return (
            f"No network has been trained both without and with BN at {FEW_BITS} bits or below "
            "yet: whether BN helps there cannot be said."
        )
    count = Counter(gain.verb for gain in cases)
    says = {
        "gains": "raises PSNR in {}",
        "costs": "lowers it in {}" if count["gains"] else "lowers PSNR in {}",
        "changes nothing": "makes no difference in {}",
    }
    parts: list[str] = []
    for name in VERBS:
        if count[name]:
            many = str(count[name]) if parts else _of(count[name], len(cases))
            parts.append(says[name].format(many))
    after = f"After {steps} training steps" if steps else "After training"
    return (
        f"{after}, at {FEW_BITS} bits and below, BN {listed(parts)} (a case is a network, a method "
        f"and a width) on {dataset_text(dataset)}."
    )


def _few(line: Line) -> list[Gain]:
    return [gain for gain in line.known if gain.bits <= FEW_BITS]


def _range(values: Sequence[float]) -> str:
    least, most = f"{min(values):.2f}", f"{max(values):.2f}"
    return most if least == most else f"{least} to {most}"


def _of(count: int, total: int) -> str:
    if count == total < 3:
        return "both cases" if total == 2 else "the only case"
    return f"all {total} cases" if count == total else f"{count} of {total} cases"


def elsewhere_words(found: Sequence[Line]) -> str:
    """In how many cases the other data sets say the same; empty if there are none."""
    dataset = main_dataset(found)
    verbs = {
        (line.network, line.method, gain.bits): gain.verb
        for line in found
        if line.dataset == dataset
        for gain in _few(line)
    }
    others = [line for line in found if line.dataset != dataset]
    same = [
        gain.verb == verbs[line.network, line.method, gain.bits]
        for line in others
        for gain in _few(line)
        if (line.network, line.method, gain.bits) in verbs
    ]
    if not same:
        return ""
    names = listed(dataset_text(name) for name in dict.fromkeys(line.dataset for line in others))
    return f"On {names} the answer is the same in {_of(sum(same), len(same))}."


def line_words(line: Line) -> str:
    """What BN gains and costs one network under one method, width by width."""
    groups = {name: [g for g in line.known if g.verb == name] for name in VERBS}
    parts = []
    for name, own in groups.items():
        if own and name == "changes nothing":
            said = listed(f"{width_text(g.bits)} ({signed(g.db)}{_beside(g)})" for g in own)
            parts.append(f"makes no difference {said}")
        elif own:
            said = listed(
                f"{abs(g.db):.2f} dB {width_text(g.bits)}{_bracketed(_beside(g))}" for g in own
            )
            parts.append(f"{name} {said}")
    if not parts:
        return "Not yet trained both without and with BN."
    return f"BN {'; it '.join(parts)}.{_cost_words(line)}"


def _cost_words(line: Line) -> str:
    """What few bits cost each of the two networks, each against its own full precision."""
    full = next((gain for gain in line.known if gain.bits >= FULL_PRECISION), None)
    if full is None or not _few(line):
        return ""
    costs = [
        f"{full.psnr[0] - gain.psnr[0]:.2f} and {full.psnr[1] - gain.psnr[1]:.2f} dB "
        f"{width_text(gain.bits)}"
        for gain in _few(line)
    ]
    return f" Quantizing costs, without and with BN, {listed(costs)}."


def _beside(gain: Gain) -> str:
    """What a gain must be seen beside: chance, and the published gain."""
    said = ""
    if gain.spread:
        said = f" ± {gain.spread:.2f} over {gain.seeds} seeds"
    if isfinite(gain.published_db):
        said += f"; published {signed(gain.published_db)}"
    return said


def _bracketed(said: str) -> str:
    return f" ({said.removeprefix(';').strip()})" if said else ""


def note_words(found: Sequence[Line]) -> Iterable[str]:
    """How the numbers are to be taken: what is no difference, what is not comparable."""
    spreads = [g.spread for line in found for g in line.known if g.spread]
    if spreads:
        yield (
            f"No difference: less than {SAME_DB} dB, or less than the standard deviation of the "
            "gain over the seeds (±). Gains without ± rest on one training run; chance may move "
            f"them as it moves the others, by ± {_range(spreads)} dB."
        )
    else:
        yield (
            f"No difference: less than {SAME_DB} dB. Every gain rests on one training run: how far "
            "chance moves a gain is not known."
        )
    if any(isfinite(g.published_db) for line in found for g in line.gains):
        yield (
            "Published: the study's own numbers (Son, Kang, Lee, Yoo, Jung, “Revisiting batch "
            "normalization in quantization of super-resolution networks”), of networks of other "
            "sizes, trained far longer."
        )
    for name in dict.fromkeys(line.dataset for line in found):
        if name in STAND_INS:
            yield (
                f"{name} are other photographs that stand in for the study's {STAND_INS[name]}: "
                "no published number compares with them."
            )
