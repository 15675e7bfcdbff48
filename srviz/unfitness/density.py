"""Density: a histogram as an exactly integrable distribution, one per channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from srviz.histogram import E_MAX, E_MIN, Histogram, bin_edges, half_bins

Values = NDArray[np.float64]
Moments = tuple[Values, Values]

_TINY, _HUGE = 2.0**E_MIN, 2.0**E_MAX


@dataclass(frozen=True, eq=False)
class Density:
    """Finite values of C channels: uniform inside a bin, a point mass at exact zero.

    The outermost bins end at the channel's min and max, so a channel of one value is a point.
    Underflow is uniform within 2^-16 of zero, on the sides where the channel has values;
    overflow is uniform from 2^16 to the channel's extreme. NaN and infinities do not take part.

    Attributes
    ----------
    n : float64 (C,)
        Number of finite values: the weight of a channel in its layer.
    low, high : float64 (C,)
        Support; 0 and 0 for a channel without finite values.
    mean, power : float64 (C,)
        E[x] and E[x^2] of this distribution; 0 for a channel without finite values.

    Notes
    -----
    Each piece stores the moments of everything below it, so an integral up to any threshold is
    one look-up, and a piece is found from the bits of the threshold without a search.
    """

    n: Values
    low: Values
    high: Values
    mean: Values
    power: Values
    m: int
    first: int
    """Index of the first piece kept; pieces before it are empty in every channel."""
    pieces: Values
    """(C, P, 6): mass, first and second moment below the piece; its mass, start and end."""

    @classmethod
    def of(cls, h: Histogram, span: tuple[float, float] | None = None) -> Density:
        """The distribution of each channel of a histogram.

        Parameters
        ----------
        h : Histogram
        span : (float, float), optional
            Common support instead of each channel's own min and max. With it the mixture of the
            channels is exactly the pooled distribution, which nested comparisons need.
        """
        n = h.finite.astype(np.float64)
        low, high = (h.min, h.max) if span is None else (np.full_like(n, s) for s in span)
        low, high = np.where(n > 0, low, 0.0), np.where(n > 0, high, 0.0)
        counts = _piece_counts(h, low, high)
        used = np.flatnonzero(counts.any(0))
        first, last = (int(used[0]), int(used[-1]) + 1) if used.size else (0, 1)
        left, right = _piece_edges(h.m)
        start = np.clip(left[first:last], low[:, None], high[:, None])
        end = np.clip(right[first:last], low[:, None], high[:, None])
        mass = counts[:, first:last] / np.maximum(n, 1)[:, None]
        # Accumulated mass, first and second moment, 0 before the first piece.
        below = np.zeros((3, len(n), last - first + 1))
        np.cumsum(mass, 1, out=below[0, :, 1:])
        np.cumsum(mass * (start + end) / 2, 1, out=below[1, :, 1:])
        np.cumsum(mass * _mean_square(start, end), 1, out=below[2, :, 1:])
        pieces = np.stack([*below[:, :, :-1], mass, start, end], axis=-1)
        return cls(n, low, high, below[1, :, -1], below[2, :, -1], h.m, first, pieces)

    @property
    def channels(self) -> int:
        """Number of channels C."""
        return len(self.n)

    @property
    def reach(self) -> Values:
        """Largest magnitude of each channel, (C,)."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def total(self) -> Values:
        """Mass of each channel, (C,): 1 up to rounding, 0 without finite values."""
        return self.pieces[:, -1, 0] + self.pieces[:, -1, 3]

    @overload
    def below(self, t: Values) -> Moments: ...
    @overload
    def below(self, t: Values, second: Literal[True]) -> tuple[Values, Values, Values]: ...
    def below(self, t: Values, second: bool = False) -> tuple[Values, ...]:
        """Integrals of 1, x (and x^2) over the values below thresholds.

        Parameters
        ----------
        t : float64 (C, ...)
            Thresholds, row c for channel c; infinities are allowed. A point mass on a threshold
            is not below it.

        Returns
        -------
        tuple of float64 (C, ...)
        """
        piece = np.clip(self._piece(t) - self.first, 0, self.pieces.shape[1] - 1)
        row = np.arange(self.channels).reshape((-1,) + (1,) * (t.ndim - 1))
        found = self.pieces.reshape(-1, 6)[row * self.pieces.shape[1] + piece]
        m0, m1, m2, mass, start, end = (found[..., i] for i in range(6))
        x = np.minimum(np.maximum(t, start), end)
        width = end - start
        share = np.where(t > start, 1.0, 0.0)
        mass = mass * np.divide(x - start, width, out=share, where=width > 0)
        moments = (m0 + mass, m1 + mass * (start + x) / 2)
        return (*moments, m2 + mass * _mean_square(start, x)) if second else moments

    def at_most(self, t: Values) -> Values:
        """Mass of the values up to and including thresholds (C, ...)."""
        return self.below(np.nextafter(t, np.inf))[0]

    def _piece(self, t: Values) -> NDArray[np.int64]:
        """Index of the piece that holds a threshold; at 0 the one left of the point mass."""
        half = half_bins(self.m)
        bits = np.abs(t).view(np.int64) >> (52 - self.m)
        key = np.clip(bits - ((E_MIN + 1023) << self.m), -1, half)
        return np.where(t > 0, half + 4 + key, half - key)


def _mean_square(a: Values, b: Values) -> Values:
    """Mean of x^2 for x uniform in a .. b."""
    return (a * a + a * b + b * b) / 3


def _piece_edges(m: int) -> tuple[Values, Values]:
    """Edges of all pieces: negative overflow, bins, underflow, zero, and the same upwards."""
    half = half_bins(m)
    lo, hi = bin_edges(m)
    left = np.concatenate([[-np.inf], lo[:half], [-_TINY, 0.0, 0.0], lo[half:], [_HUGE]])
    right = np.concatenate([[-_HUGE], hi[:half], [0.0, 0.0, _TINY], hi[half:], [np.inf]])
    return left, right


def _piece_counts(h: Histogram, low: Values, high: Values) -> Values:
    """Number of values in each piece, (C, B + 5)."""
    half = half_bins(h.m)
    negative = np.clip(-low, 0, _TINY)
    width = negative + np.clip(high, 0, _TINY)
    share = np.divide(negative, width, out=np.zeros_like(width), where=width > 0)
    columns = [
        h.overflow_neg[:, None],
        h.counts[:, :half],
        (h.underflow * share)[:, None],
        h.zeros[:, None],
        (h.underflow * (1 - share))[:, None],
        h.counts[:, half:],
        (h.overflow - h.overflow_neg)[:, None],
    ]
    return np.concatenate(columns, axis=1, dtype=np.float64)
