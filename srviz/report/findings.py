"""The first screen in words: a headline, a few numbers, and what each picture shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from srviz.report.compare import Comparison
from srviz.report.condition import SAME_DB, Condition
from srviz.report.data import FULL_PRECISION
from srviz.report.glossary import GAPS
from srviz.report.sentences import (
    VERBS,
    cost_words,
    interval_words,
    largest,
    listed,
    plain_site,
    psnr_words,
    reason_words,
    signed,
    verb,
    width_words,
)

N_TILES = 4
"""Numbers on the first screen; what is less important is left to the sentences."""


@dataclass(frozen=True)
class Tile:
    """One number with its unit and what it means; ``tone`` is "good", "bad" or "same"."""

    value: str
    text: str
    tone: str = "same"


@dataclass(frozen=True)
class Finding:
    """What was found for one pair: a few numbers, what the pictures say, then sentences."""

    name: str
    tiles: list[Tile]
    captions: dict[str, str]
    sentences: list[str]


def headline(found: Sequence[Comparison]) -> str:
    """One sentence over the page: what BN does to PSNR at the width fixed in advance."""
    bits = next((c.key_bits for c in found if c.key_bits is not None), None)
    if bits is None:
        return "How well the quantizer fits each layer, without and with batch normalization."
    scored = [c for c in found if bits in c.gain]
    groups = {name: [c for c in scored if name == verb(c.gain[bits])] for name in VERBS}
    parts = [
        f"{name} {listed(f'{abs(c.gain[bits]):.2f} dB on {c.name}' for c in group)}"
        if name != "changes nothing"
        else f"makes no difference on {listed(c.name for c in group)}"
        for name, group in groups.items()
        if group
    ]
    return f"At {bits} bits, batch normalization {', but '.join(parts)}."


def finding(c: Comparison, condition: Condition | None, bits: int) -> Finding:
    """Numbers, captions and sentences of one pair.

    Parameters
    ----------
    c : Comparison
        The pair in numbers.
    condition : Condition or None
        Where its PSNR comes from.
    bits : int
        The width that intervals, waterfall and single layers' costs were computed at.
    """
    sentences = [
        *psnr_words(c, condition),
        *interval_words(c, bits),
        *reason_words(c, bits),
        *cost_words(c, bits),
    ]
    return Finding(c.name, list(islice(_tiles(c), N_TILES)), _captions(c), sentences)


def _tiles(c: Comparison) -> Iterable[Tile]:
    """Numbers, the most important first."""
    if c.key_bits is not None:
        gain = c.gain[c.key_bits]
        yield Tile(f"{signed(gain)} dB", f"PSNR by BN at {c.key_bits} bits", _tone(gain))
    if FULL_PRECISION in c.gain:
        gain = c.gain[FULL_PRECISION]
        yield Tile(f"{signed(gain)} dB", "PSNR by BN in full precision", _tone(gain))
    yield from _baseline_tile(c)
    ratio = c.interval_ratio
    if ratio is not None:
        word = "smaller" if ratio >= 1 else "larger"
        text = f"{word} interval with BN, median layer"
        yield Tile(f"{max(ratio, 1 / ratio):.1f}×", text)
    if c.gaps is not None:
        name = largest(c.gaps[0])
        yield Tile(f"{c.gaps[0][name]:.1f} dB", f"largest loss of fit without BN: {GAPS[name]}")


def _baseline_tile(c: Comparison) -> Iterable[Tile]:
    """Said only if even the better network is worse than a method that needs none."""
    if c.key_psnr is None or not c.baselines:
        return
    name = max(c.baselines, key=lambda key: c.baselines[key])
    short = max(c.key_psnr) - c.baselines[name]
    if short < 0:
        text = f"against {name} at {c.key_bits} bits, even for the better one"
        yield Tile(f"{signed(short)} dB", text, "bad")


def _tone(change: float) -> str:
    return "same" if abs(change) < SAME_DB else "good" if change > 0 else "bad"


def _captions(c: Comparison) -> dict[str, str]:
    """What each of the three pictures shows, in one sentence."""
    site = plain_site(c.worst_site or "")
    says = {"psnr": width_words(c.gain) if c.key_bits is not None else "Quality against bits."}
    if c.crossed and c.n_levels:
        says["levels"] = (
            f"In the worst-fitting layer, {site}, a channel's range holds {c.crossed[0]:.1f} of "
            f"{c.n_levels} levels without BN, {c.crossed[1]:.1f} with."
        )
    else:
        says["levels"] = f"The worst-fitting layer, {site}."
    if c.gaps:
        one, other = (sum(gaps.values()) for gaps in c.gaps)
        says["reasons"] = (
            f"The quantizer falls {one:.1f} dB short of the best one without BN, "
            f"{other:.1f} dB with."
        )
    return says
