"""The page's sentences. Each follows from the tables; none is written in advance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srviz.report.compare import Comparison, Rebound
from srviz.report.condition import SAME_DB, Condition
from srviz.report.cost import Cost
from srviz.report.data import FULL_PRECISION
from srviz.report.glossary import GAPS

VERBS = ("gains", "costs", "changes nothing")
SIDES = ("without BN", "with BN")


def verb(gain: float, spread: float = 0.0) -> str:
    """What BN does when it changes PSNR by ``gain`` dB, where chance changes it by ``spread``."""
    return VERBS[2] if abs(gain) < max(SAME_DB, spread) else VERBS[0 if gain > 0 else 1]


def psnr_words(c: Comparison, condition: Condition | None) -> Iterable[str]:
    """PSNR of both networks, the single images, and what stands out in it."""
    bits = c.key_bits
    if bits is None or condition is None:
        return
    plain, normed = condition.psnr[c.plain], condition.psnr[c.normed]
    if FULL_PRECISION in c.gain:
        full, full_bn = plain[FULL_PRECISION], normed[FULL_PRECISION]
        yield (
            f"In full precision {c.name} reaches {full:.2f} dB without BN and {full_bn:.2f} dB "
            f"with it; at {bits} bits {plain[bits]:.2f} and {normed[bits]:.2f} dB. Quantizing "
            f"costs {full - plain[bits]:.2f} dB without BN and {full_bn - normed[bits]:.2f} dB "
            f"with it.{_image_words(c)}"
        )
    else:
        yield (
            f"At {bits} bits {c.name} reaches {plain[bits]:.2f} dB without BN and "
            f"{normed[bits]:.2f} dB with it.{_image_words(c)}"
        )
    yield from _other_words(c, bits)
    yield from _baseline_words(c, (plain, normed))
    yield from (_rebound_words(r) for r in c.rebounds)


def _image_words(c: Comparison) -> str:
    """On how many images BN is ahead."""
    gains = list(c.image_gains.values())
    if len(gains) < 2:
        return ""
    ahead = sum(gain > 0 for gain in gains)
    return (
        f" With BN it is ahead on {ahead} of {len(gains)} images "
        f"({signed(min(gains))} to {signed(max(gains))} dB)."
    )


def _other_words(c: Comparison, bits: int) -> Iterable[str]:
    """What BN does under the other conditions, and whether the headline holds there."""
    if c.elsewhere:
        gains = (f"{signed(gain)} dB with {name}" for name, gain in c.elsewhere.items())
        same = all(verb(gain) == verb(c.gain[bits]) for gain in c.elsewhere.values())
        holds = "The same holds" if same else "This does not hold"
        yield f"{holds} elsewhere: at {bits} bits BN brings {listed(gains)}."


def _baseline_words(c: Comparison, psnr: tuple[Mapping[int, float], ...]) -> Iterable[str]:
    """At which widths a quantized network is no better than a method that needs none."""
    for name, value in c.baselines.items():
        under = [
            [str(b) for b in sorted(by_bits, reverse=True) if by_bits[b] < value]
            for by_bits in psnr
        ]
        sides = ["without and with BN"] if under[0] == under[1] else SIDES
        parts = [
            f"{side} at {listed(widths)} bits"
            for side, widths in zip(sides, under, strict=False)
            if widths
        ]
        tail = (
            f": the network is below it {listed(parts)}"
            if parts
            else ", less than the network at every width"
        )
        yield f"On the same images {name} reaches {value:.2f} dB{tail}."


def _rebound_words(r: Rebound) -> str:
    words = (
        f"{SIDES[r.normed].capitalize().replace('bn', 'BN')} PSNR rises again from {r.high} to "
        f"{r.low} bits ({r.psnr[1]:.2f} to {r.psnr[0]:.2f} dB)"
    )
    if r.zeroed is None:
        return f"{words}."
    why = ": the quantized places fall silent instead of adding noise" if r.zeroed > 0.9 else ""
    return f"{words}. At {r.low} bits {100 * r.zeroed:.1f} % of the quantized values are 0{why}."


def width_words(gain: Mapping[int, float]) -> str:
    """At which widths BN helps, costs, or makes no difference."""
    low = {bits: g for bits, g in gain.items() if bits < FULL_PRECISION}
    by_verb = {name: [str(b) for b, g in low.items() if verb(g) == name] for name in VERBS}
    says = {
        "gains": "raises PSNR at {} bits",
        "costs": "lowers it at {} bits" if by_verb["gains"] else "lowers PSNR at {} bits",
        "changes nothing": f"makes no difference (under {SAME_DB} dB) at {{}} bits",
    }
    parts = [says[name].format(listed(widths)) for name, widths in by_verb.items() if widths]
    return f"BN {listed(parts)}."


def interval_words(c: Comparison, bits: int) -> Iterable[str]:
    """What BN does to the interval, and whether that helps against the signal."""
    ratio = c.interval_ratio
    if ratio is None:
        return
    smaller = sum(one > other for one, other in c.intervals)
    words = (
        f"The {bits}-bit interval, the step from one level to the next, is smaller with BN in "
        f"{smaller} of {len(c.intervals)} layers; in the median layer it "
        f"{'shrinks' if ratio >= 1 else 'grows'} {max(ratio, 1 / ratio):.1f}-fold"
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


def reason_words(c: Comparison, bits: int) -> Iterable[str]:
    """How far the quantizer is from the best one, why, and what BN changes about it."""
    if c.gaps is None:
        return
    plain, normed = c.gaps
    name = largest(plain)
    total, total_bn = sum(plain.values()), sum(normed.values())
    words = (
        f"At {bits} bits the quantizer is on average {total:.1f} dB short of the best one possible "
        f"without BN and {total_bn:.1f} dB with it. The largest part without BN is "
        f"{GAPS[name]} ({plain[name]:.1f} dB, with BN {normed.get(name, 0.0):.1f} dB)."
    )
    less = {k: plain[k] - normed[k] for k in plain if k in normed}
    if less:
        helped, hurt = (pick(less, key=lambda k: less[k]) for pick in (max, min))
        words += (
            " BN makes none of these losses smaller."
            if less[helped] < SAME_DB
            else f" BN helps most with {GAPS[helped]}: {less[helped]:.1f} dB less."
        )
        if less[hurt] <= -SAME_DB:
            words += f" It makes {GAPS[hurt]} worse, by {-less[hurt]:.1f} dB."
    yield words


def cost_words(c: Comparison, bits: int) -> Iterable[str]:
    """Which layers really cost PSNR, and whether being unfit tells it."""
    if c.costs is None:
        return
    one, other = c.costs
    on = f" Measured on {c.costs_on}." if c.costs_on else ""
    words = (
        f"Quantized alone to {bits} bits, {plain_site(one.site)} costs most without BN "
        f"({one.worst:.2f} dB), {plain_site(other.site)} with it ({other.worst:.2f} dB)."
    )
    yield f"{words}{_kind_words(one, other)}{_rank_words(one, other)}{on}"


def _kind_words(one: Cost, other: Cost) -> str:
    if one.kind is None or other.kind is None:
        return ""
    if one.kind == other.kind:
        return (
            f" Of all such costs {100 * one.share:.0f} % without and {100 * other.share:.0f} % "
            f"with BN lie in {one.kind}."
        )
    return (
        f" Of all such costs {100 * one.share:.0f} % without BN lie in {one.kind}, "
        f"{100 * other.share:.0f} % with it in {other.kind}."
    )


def _rank_words(one: Cost, other: Cost) -> str:
    """A rank correlation under 0.3 is called little, over 0.7 much."""
    if one.rank is None or other.rank is None:
        return ""
    both = (one.rank, other.rank)
    tells = "much" if min(both) > 0.7 else "little" if max(both) < 0.3 else "something"
    return (
        f" How unfit a layer is tells {tells} about what it costs (rank correlation "
        f"{signed(both[0])} without, {signed(both[1])} with BN)."
    )


def largest(gaps: Mapping[str, float]) -> str:
    """The gap that loses most."""
    return max(gaps, key=lambda name: gaps[name])


def plain_site(site: str) -> str:
    """A site as it is shown: outputs are the rule, so ``:out`` is left away."""
    return site.removesuffix(":out")


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, a real minus, and no minus zero."""
    text = f"{abs(value):.{digits}f}"
    return text if not float(text) else f"{'+' if value > 0 else '−'}{text}"


def listed(words: Iterable[str]) -> str:
    """Words in a sentence: "a", "a and b", "a, b and c"."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last
