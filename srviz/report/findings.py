"""The page's words. Every sentence follows from the tables; none is written in advance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from srviz.report.compare import GAPS, Comparison, Condition
from srviz.report.data import FULL_PRECISION

SAME_DB = 0.05
"""PSNR and SQNR differences below this are called no difference (dB)."""


@dataclass(frozen=True)
class Tile:
    """One number with its unit and what it means; ``tone`` is "good", "bad" or "same"."""

    value: str
    text: str
    tone: str = "same"


@dataclass(frozen=True)
class Finding:
    """What was found for one pair: a few numbers, then sentences."""

    name: str
    tiles: list[Tile]
    sentences: list[str]


def headline(found: Sequence[Comparison]) -> str:
    """One sentence over the page: what BN does to PSNR at the width fixed in advance."""
    bits = next((c.key_bits for c in found if c.key_bits is not None), None)
    if bits is None:
        return "How well the quantizer fits each layer, without and with batch normalization."
    scored = [c for c in found if bits in c.gain]
    groups = {verb: [c for c in scored if verb == _verb(c.gain[bits])] for verb in _VERBS}
    parts = [
        f"{verb} {_list(f'{abs(c.gain[bits]):.2f} dB on {c.name}' for c in group)}"
        if verb != "changes nothing"
        else f"makes no difference on {_list(c.name for c in group)}"
        for verb, group in groups.items()
        if group
    ]
    return f"At {bits} bits, batch normalization {', but '.join(parts)}."


def finding(c: Comparison, condition: Condition | None, bits: int) -> Finding:
    """Numbers and sentences of one pair.

    Parameters
    ----------
    c : Comparison
        The pair in numbers.
    condition : Condition or None
        Where its PSNR comes from.
    bits : int
        The width that intervals and waterfall were computed at.
    """
    tiles = [*_psnr_tile(c), *_interval_tile(c), *_reason_tile(c)]
    sentences = [*_psnr_words(c, condition), *_interval_words(c, bits), *_reason_words(c, bits)]
    return Finding(c.name, tiles, sentences)


_VERBS = ("gains", "costs", "changes nothing")


def _verb(gain: float) -> str:
    return _VERBS[2] if abs(gain) < SAME_DB else _VERBS[0 if gain > 0 else 1]


def _tone(change: float) -> str:
    return "same" if abs(change) < SAME_DB else "good" if change > 0 else "bad"


def _psnr_tile(c: Comparison) -> Iterable[Tile]:
    if c.key_bits is not None:
        gain = c.gain[c.key_bits]
        yield Tile(f"{signed(gain)} dB", f"PSNR by BN at {c.key_bits} bits", _tone(gain))


def _interval_tile(c: Comparison) -> Iterable[Tile]:
    if c.interval_ratio is not None:
        ratio = c.interval_ratio
        word = "smaller" if ratio >= 1 else "larger"
        text = f"{word} interval with BN, median layer"
        yield Tile(f"{max(ratio, 1 / ratio):.1f}×", text)


def _reason_tile(c: Comparison) -> Iterable[Tile]:
    if c.gaps is not None:
        name = _largest(c.gaps[0])
        text = f"lost without BN to {GAPS[name]}: the largest part"
        yield Tile(f"{c.gaps[0][name]:.1f} dB", text)


def _psnr_words(c: Comparison, condition: Condition | None) -> Iterable[str]:
    bits = c.key_bits
    if bits is None or condition is None:
        return
    plain, normed = condition.psnr[c.plain], condition.psnr[c.normed]
    if FULL_PRECISION in c.gain:
        yield (
            f"In full precision {c.name} reaches {plain[32]:.2f} dB without BN and "
            f"{normed[32]:.2f} dB with it; at {bits} bits {plain[bits]:.2f} and "
            f"{normed[bits]:.2f} dB. Quantizing costs {plain[32] - plain[bits]:.2f} dB without BN "
            f"and {normed[32] - normed[bits]:.2f} dB with it."
        )
    else:
        yield (
            f"At {bits} bits {c.name} reaches {plain[bits]:.2f} dB without BN and "
            f"{normed[bits]:.2f} dB with it."
        )
    yield _widths(c.gain)


def _widths(gain: Mapping[int, float]) -> str:
    """At which widths BN helps, costs, or makes no difference."""
    low = {bits: g for bits, g in gain.items() if bits < FULL_PRECISION}
    by_verb = {verb: [str(b) for b, g in low.items() if _verb(g) == verb] for verb in _VERBS}
    says = {
        "gains": "raises PSNR at {} bits",
        "costs": "lowers it at {} bits",
        "changes nothing": f"makes no difference (under {SAME_DB} dB) at {{}} bits",
    }
    if not by_verb["gains"]:
        says["costs"] = "lowers PSNR at {} bits"
    parts = [says[verb].format(_list(widths)) for verb, widths in by_verb.items() if widths]
    return f"BN {_list(parts)}."


def _interval_words(c: Comparison, bits: int) -> Iterable[str]:
    if c.interval is None or c.interval_ratio is None:
        return
    ratio = c.interval_ratio
    verb = "shrinks" if ratio >= 1 else "grows"
    words = (
        f"The {bits}-bit interval, the step from one level to the next, {verb} "
        f"{max(ratio, 1 / ratio):.1f}-fold in the median layer "
        f"(medians {c.interval[0]:.3g} and {c.interval[1]:.3g})"
    )
    if c.sqnr is None:
        yield words + ". The activations themselves may have shrunk as much."
        return
    change = c.sqnr[1] - c.sqnr[0]
    against = "does not change" if abs(change) < SAME_DB else "rises" if change > 0 else "falls"
    yield (
        f"{words}. That alone proves nothing, as the activations shrink or grow with it: "
        f"measured against the signal, the mean SQNR of the layers {against} "
        f"({c.sqnr[0]:.1f} dB without, {c.sqnr[1]:.1f} dB with BN)."
    )


def _reason_words(c: Comparison, bits: int) -> Iterable[str]:
    if c.gaps is None:
        return
    plain, normed = c.gaps
    name = _largest(plain)
    total, total_bn = sum(plain.values()), sum(normed.values())
    yield (
        f"At {bits} bits the quantizer is on average {total:.1f} dB short of the best one possible "
        f"without BN and {total_bn:.1f} dB with it. The largest part without BN is "
        f"{GAPS[name]} ({plain[name]:.1f} dB, with BN {normed.get(name, 0.0):.1f} dB)."
    )
    less = {k: plain[k] - normed[k] for k in plain if k in normed}
    if not less:
        return
    helped = max(less, key=lambda k: less[k])
    if less[helped] < SAME_DB:
        yield "BN makes none of these losses smaller."
    else:
        yield f"BN helps most with {GAPS[helped]}: {less[helped]:.1f} dB less."
    hurt = min(less, key=lambda k: less[k])
    if less[hurt] <= -SAME_DB:
        yield f"It makes {GAPS[hurt]} worse, by {-less[hurt]:.1f} dB."


def _largest(gaps: Mapping[str, float]) -> str:
    return max(gaps, key=lambda name: gaps[name])


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, a real minus, and no minus zero."""
    text = f"{abs(value):.{digits}f}"
    return text if not float(text) else f"{'+' if value > 0 else '−'}{text}"


def _list(words: Iterable[str]) -> str:
    """Words in a sentence: "a", "a and b", "a, b and c"."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last
