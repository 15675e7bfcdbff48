"""Histogram: exact, mergeable, per-channel counts in dyadic log-linear bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from srviz.errors import ArgumentError

E_MIN, E_MAX = -16, 16
"""Magnitudes in [2^E_MIN, 2^E_MAX) have bins; smaller ones underflow, larger ones overflow."""

Counts = NDArray[np.int64]
Values = NDArray[np.float64]

_CHUNK = 1 << 20  # values keyed at once: temporaries stay in cache


def half_bins(m: int) -> int:
    """Number of bins on one side of zero: octaves times 2^m, for m mantissa bits of 0 to 23."""
    if not 0 <= m <= 23:
        raise ArgumentError(f"m {m}", allowed="0 to 23 mantissa bits")
    return (E_MAX - E_MIN) << m


def bin_edges(m: int) -> tuple[Values, Values]:
    """Lower and upper edges (B,) of all bins, ascending, negatives first.

    Bins are half-open in magnitude, [near zero, far from zero), on both sides of zero.
    """
    octave, mantissa = np.divmod(np.arange(half_bins(m) + 1), 1 << m)
    magnitude = np.ldexp(1 + mantissa / (1 << m), E_MIN + octave)
    lower, upper = magnitude[:-1], magnitude[1:]
    return np.concatenate([-upper[::-1], lower]), np.concatenate([-lower[::-1], upper])


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts per channel, a pure function of the multiset of values.

    The bin of a float32 value is its sign, exponent and top ``m`` mantissa bits, so any order,
    batch split, worker or device gives the bit-identical arrays, and merging is addition. Same
    family as HdrHistogram and OpenTelemetry's exponential histogram.

    Attributes
    ----------
    counts : int64 (C, B)
        ``counts[:, i]`` belongs to ``lo[i] .. hi[i]``, B = 2 * 32 * 2^m, negatives first.
    zeros, underflow, overflow, nan, posinf, neginf : int64 (C,)
        Exact zeros, 0 < \\|x\\| < 2^-16, \\|x\\| >= 2^16 (finite), and what is not finite.
    overflow_neg : int64 (C,)
        How many of ``overflow`` are negative.
    min, max : float64 (C,)
        Of the finite values; +inf and -inf for a channel without any.
    sum, sumsq : float64 (C,)
        Of the finite values; unlike the counts these depend on the order in their last bits.
    m : int
        Mantissa bits kept: a bin's relative width is at most 2^-m.
    """

    counts: Counts
    zeros: Counts
    underflow: Counts
    overflow: Counts
    overflow_neg: Counts
    nan: Counts
    posinf: Counts
    neginf: Counts
    min: Values
    max: Values
    sum: Values
    sumsq: Values
    m: int = 7

    @classmethod
    def empty(cls, channels: int, m: int = 7) -> Histogram:
        """A histogram of ``channels`` channels that has seen nothing."""
        zero = {name: np.zeros(channels, np.int64) for name in COUNTERS}
        return cls(
            counts=np.zeros((channels, 2 * half_bins(m)), np.int64),
            **zero,
            min=np.full(channels, np.inf),
            max=np.full(channels, -np.inf),
            sum=np.zeros(channels),
            sumsq=np.zeros(channels),
            m=m,
        )

    @classmethod
    def from_values(cls, x: ArrayLike, m: int = 7) -> Histogram:
        """Histogram of ``x``, shape (C, n); float16 and float32 exactly, others as float32.

        Raises
        ------
        ArgumentError
            ``x`` is not two-dimensional.
        """
        values = np.asarray(x)
        if values.ndim != 2:
            raise ArgumentError(f"values of shape {values.shape}", allowed="(channels, n)")
        with np.errstate(over="ignore"):
            values = np.ascontiguousarray(values, np.float32)
        out = cls.empty(len(values), m)
        for channel, row in enumerate(values):
            for start in range(0, row.size, _CHUNK):
                _count(out, channel, row[start : start + _CHUNK])
        return out

    @property
    def lo(self) -> Values:
        """Lower edges of the bins, float64 (B,), ascending."""
        return bin_edges(self.m)[0]

    @property
    def hi(self) -> Values:
        """Upper edges of the bins, float64 (B,), ascending."""
        return bin_edges(self.m)[1]

    @property
    def channels(self) -> int:
        """Number of channels C."""
        return len(self.counts)

    @property
    def finite(self) -> Counts:
        """Number of finite values per channel."""
        return self.counts.sum(1) + self.zeros + self.underflow + self.overflow

    @property
    def n(self) -> Counts:
        """Number of values seen per channel, NaN and infinities included."""
        return self.finite + self.nan + self.posinf + self.neginf

    @property
    def mean(self) -> Values:
        """Mean of the finite values, NaN where there are none."""
        return _ratio(self.sum, self.finite)

    @property
    def std(self) -> Values:
        """Population standard deviation of the finite values, NaN where there are none."""
        variance = _ratio(self.sumsq, self.finite) - self.mean**2
        return np.sqrt(np.maximum(variance, 0, where=~np.isnan(variance), out=variance))

    def __add__(self, other: Histogram) -> Histogram:
        if not isinstance(other, Histogram):  # pyright: ignore[reportUnnecessaryIsInstance]
            return NotImplemented
        if (self.m, self.channels) != (other.m, other.channels):
            raise ArgumentError(
                f"cannot add histograms of {self.channels} channels at m={self.m} and of "
                f"{other.channels} at m={other.m}",
                fix="coarsen the finer one to the smaller m",
            )
        joined: dict[str, Any] = {n: getattr(self, n) + getattr(other, n) for n in TOTALS}
        low, high = np.minimum(self.min, other.min), np.maximum(self.max, other.max)
        return Histogram(**joined, min=low, max=high, m=self.m)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        # The sums are left out: their last bits depend on the order of the values.
        return self.m == other.m and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("counts", *COUNTERS, "min", "max")
        )

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # equal by content

    def select(self, channels: Sequence[int] | slice | NDArray[Any]) -> Histogram:
        """The histogram of some channels, in the order given."""
        index = channels if isinstance(channels, slice) else np.asarray(channels)
        return Histogram(**{name: getattr(self, name)[index] for name in ARRAYS}, m=self.m)

    def pooled(self) -> Histogram:
        """One channel that has seen the values of all channels."""
        arrays: dict[str, Any] = {n: getattr(self, n).sum(0, keepdims=True) for n in TOTALS}
        low = self.min.min(keepdims=True, initial=np.inf)
        high = self.max.max(keepdims=True, initial=-np.inf)
        return Histogram(**arrays, min=low, max=high, m=self.m)

    def coarsen(self, m: int) -> Histogram:
        """The same values at ``m`` mantissa bits: pair sums, equal to counting at ``m``."""
        if not 0 <= m <= self.m:
            raise ArgumentError(f"m {m}", allowed=f"0 to {self.m}: a histogram only gets coarser")
        counts = self.counts.reshape(self.channels, -1, 1 << (self.m - m)).sum(2)
        return replace(self, counts=counts, m=m)

    def uniform(self, width: float) -> tuple[Counts, Values]:
        """Exact view in uniform bins [k * width, (k + 1) * width), mirrored below zero.

        Parameters
        ----------
        width : float
            A power of two, at least as wide as the widest occupied bin and at least 2^-16.

        Returns
        -------
        counts : int64 (C, K)
            Exact zeros and underflow are in the first bin right of zero (underflow has lost
            its sign); overflow is left out.
        edges : float64 (K + 1,)
            Ascending, symmetric about zero.
        """
        if np.frexp(width)[0] != 0.5 or width < 2.0**E_MIN:
            raise ArgumentError(f"width {width}", allowed=f"a power of two from 2^{E_MIN} on")
        used = np.flatnonzero(self.counts.any(0))
        lo, hi = self.lo, self.hi
        widest = float((hi - lo)[used].max(initial=0))
        if width < widest:
            raise ArgumentError(f"width {width}", allowed=f"at least {widest}, the widest bin used")
        reach = float(np.maximum(np.abs(lo), np.abs(hi))[used].max(initial=width))
        half = int(np.ceil(reach / width))
        # A bin lies inside one uniform bin on its side of zero, so its near edge decides.
        near = np.where(lo >= 0, lo, -hi)[used]
        step = np.floor(near / width).astype(np.int64)
        index = np.where(lo[used] >= 0, half + step, half - 1 - step)
        counts = np.zeros((2 * half, self.channels), np.int64)
        np.add.at(counts, index, self.counts[:, used].T)
        counts[half] += self.zeros + self.underflow
        return np.ascontiguousarray(counts.T), np.arange(-half, half + 1, dtype=np.float64) * width

    def quantile(self, p: ArrayLike) -> Values:
        """Quantiles of the finite values, uniform inside a bin, within the channel's min..max.

        Parameters
        ----------
        p : float or sequence of float
            Probabilities in [0, 1].

        Returns
        -------
        float64 (C,) for one probability, (C, P) for P of them
            NaN for a channel without finite values. The relative error is at most 2^-m.
        """
        wanted = np.atleast_1d(np.asarray(p, np.float64))
        if not ((wanted >= 0) & (wanted <= 1)).all():
            raise ArgumentError(f"probability {p}", allowed="0 to 1")
        out = np.stack([_quantile_row(self, c, wanted) for c in range(self.channels)])
        return out[:, 0] if np.ndim(p) == 0 else out


COUNTERS = ("zeros", "underflow", "overflow", "overflow_neg", "nan", "posinf", "neginf")
TOTALS = ("counts", *COUNTERS, "sum", "sumsq")  # what adds up when histograms are merged
ARRAYS = tuple(field.name for field in fields(Histogram) if field.name != "m")


def _ratio(total: Values, n: Counts) -> Values:
    return np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)


def _count(out: Histogram, channel: int, x: NDArray[np.float32]) -> None:
    """Add a run of float32 values to one channel; the reference every kernel is tested against."""
    bits = x.view(np.int32)
    magnitude = bits & 0x7FFFFFFF
    finite = magnitude < 0x7F800000
    half = half_bins(out.m)
    key = (magnitude >> (23 - out.m)).astype(np.int64) - ((E_MIN + 127) << out.m)
    negative = bits < 0
    inside = finite & (key >= 0) & (key < half)
    index = np.where(negative, half - 1 - key, half + key)[inside]
    out.counts[channel] += np.bincount(index, minlength=2 * half)
    out.zeros[channel] += np.count_nonzero(magnitude == 0)
    out.underflow[channel] += np.count_nonzero((magnitude > 0) & (key < 0))
    out.overflow[channel] += np.count_nonzero(finite & (key >= half))
    out.overflow_neg[channel] += np.count_nonzero(finite & (key >= half) & negative)
    nan = magnitude > 0x7F800000
    out.nan[channel] += np.count_nonzero(nan)
    out.posinf[channel] += np.count_nonzero(~finite & ~nan & ~negative)
    out.neginf[channel] += np.count_nonzero(~finite & ~nan & negative)
    values = x[finite].astype(np.float64)
    out.min[channel] = min(out.min[channel], values.min(initial=np.inf))
    out.max[channel] = max(out.max[channel], values.max(initial=-np.inf))
    out.sum[channel] += values.sum()
    out.sumsq[channel] += np.square(values).sum()


def _quantile_row(h: Histogram, channel: int, p: Values) -> Values:
    n = int(h.finite[channel])
    if n == 0:
        return np.full(len(p), np.nan)
    low, high = float(h.min[channel]), float(h.max[channel])
    half, tiny = half_bins(h.m), 2.0**E_MIN
    over, over_neg = int(h.overflow[channel]), int(h.overflow_neg[channel])
    # Zeros and underflow share one bin of no width: 2^-16 is below what any grid resolves.
    middle = int(h.zeros[channel] + h.underflow[channel])
    lower = np.concatenate([[low], h.lo[:half], [0.0], h.lo[half:], [2.0**E_MAX]])
    upper = np.concatenate([[-(2.0**E_MAX)], h.hi[:half], [0.0], h.hi[half:], [high]])
    below_0, above_0 = np.split(h.counts[channel], 2)
    mass = np.concatenate([[over_neg], below_0, [middle], above_0, [over - over_neg]])
    below = np.concatenate([[0], np.cumsum(mass)])
    target = p * n
    last = int(np.flatnonzero(mass)[-1])
    i = np.clip(np.searchsorted(below, target, side="right") - 1, 0, last)
    share = np.clip((target - below[i]) / np.maximum(mass[i], 1), 0, 1)
    out = lower[i] + share * (upper[i] - lower[i])
    return np.clip(np.where(np.abs(out) < tiny, 0.0, out), low, high)
