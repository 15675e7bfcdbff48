"""Counting kernels: numba on the CPU, torch as the reference for any device."""

from __future__ import annotations

from typing import Protocol

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from srviz.histogram import E_MIN, Histogram, half_bins

_BLOCK = 4096  # values per pass: they stay in the first-level cache between the two loops
_SPILL = 1 << 31  # counts are uint32 until a channel has seen this many values


class Accumulator(Protocol):
    """Adds (C, n) float32 tensors and gives the Histogram of everything added."""

    def add(self, x: Tensor) -> None: ...

    def histogram(self) -> Histogram: ...


_MAGNITUDE = np.int32(0x7FFFFFFF)
_FEW = 4096  # values of a channel that are counted in place


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "nsz", "contract"})
def _sums(x, acc):  # pragma: no cover - compiled
    """Sum and sum of squares of one block, in four strands so that no addition waits for another.

    With a NaN or an infinity in the block the sum of squares is not finite: in double precision
    that of finite float32 values cannot overflow.
    """
    n = x.size // 4
    t0 = t1 = t2 = t3 = s0 = s1 = s2 = s3 = 0.0
    for i in range(n):
        a, b = np.float64(x[i]), np.float64(x[i + n])
        c, d = np.float64(x[i + 2 * n]), np.float64(x[i + 3 * n])
        t0, t1, t2, t3 = t0 + a, t1 + b, t2 + c, t3 + d
        s0, s1, s2, s3 = s0 + a * a, s1 + b * b, s2 + c * c, s3 + d * d
    for i in range(4 * n, x.size):
        a = np.float64(x[i])
        t0, s0 = t0 + a, s0 + a * a
    acc[3], acc[4] = (t0 + t1) + (t2 + t3), (s0 + s1) + (s2 + s3)


@numba.njit(nogil=True, cache=True)
def _extremes(bits, acc):  # pragma: no cover - compiled
    """Zeros, min and max of one block of float32 seen as int32.

    Flipping the magnitude of negatives orders the bit patterns like the numbers, and integer
    minima vectorise where floating ones, minding NaN, do not.
    """
    zeros = np.int32(0)
    low, high = _MAGNITUDE, ~_MAGNITUDE
    for i in range(bits.size):
        u = bits[i]
        zeros += np.int32((u & _MAGNITUDE) == 0)
        ordered = u ^ ((u >> np.int32(31)) & _MAGNITUDE)
        low, high = min(low, ordered), max(high, ordered)
    ends = np.empty(2, np.int32)
    ends[0] = low ^ ((low >> np.int32(31)) & _MAGNITUDE)
    ends[1] = high ^ ((high >> np.int32(31)) & _MAGNITUDE)
    values = ends.view(np.float32)
    acc[0], acc[1], acc[2] = zeros, values[0], values[1]


@numba.njit(nogil=True, cache=True)
def _finite_moments(x, acc, special):  # pragma: no cover - compiled
    """The same for a block with NaN or Inf: they are counted apart."""
    low, high, total, square = np.inf, -np.inf, 0.0, 0.0
    for v in x:
        if np.isnan(v):
            special[0] += 1
            special[3] += np.signbit(v)
        elif v == np.inf:
            special[1] += 1
        elif v == -np.inf:
            special[2] += 1
        else:
            d = np.float64(v)
            low, high = min(low, d), max(high, d)
            total += d
            square += d * d
    acc[1], acc[2], acc[3], acc[4] = low, high, total, square


@numba.njit(nogil=True, cache=True)
def _keys(bits, keys, shift, first, last, width):  # pragma: no cover - compiled
    """Column of each value of one block of float32 seen as uint32; vectorised."""
    for i in range(bits.size):
        u = bits[i]
        key = np.int32((u & np.uint32(0x7FFFFFFF)) >> shift) - first
        keys[i] = min(max(key, np.int32(0)), last) + width * np.int32(u >> np.uint32(31))


@numba.njit(nogil=True, cache=True)
def _tally(keys, counts):  # pragma: no cover - compiled
    for key in keys:
        counts[key] += np.uint32(1)


@numba.njit(nogil=True, cache=True, parallel=True)
def _count(x, shift, base, half, raw, zeros, special, low, high, total, square):  # pragma: no cover
    """Count every channel of x (C, n) into raw (C, 2 * (half + 2)), uint32.

    Column 0 of each sign holds zero and underflow, the last one overflow and non-finite values,
    so the inner loop has no branch.
    """
    channels, n = x.shape
    # 32-bit arithmetic throughout: four times faster than numba's default int64.
    width, last = np.int32(half + 2), np.int32(half + 1)
    first, shift = np.int32(base), np.uint32(shift)
    for c in numba.prange(channels):
        acc, keys = np.empty(5, np.float64), np.empty(_BLOCK, np.uint32)
        # The counts of all sites do not fit into the cache: many values are counted beside them
        # first, so that the array itself is passed over once, in order.
        counts = raw[c] if n <= _FEW else np.zeros(raw.shape[1], np.uint32)
        row = x[c]
        for start in range(0, n, _BLOCK):
            block = row[start : min(start + _BLOCK, n)]
            _extremes(block.view(np.int32), acc)
            _sums(block, acc)
            zeros[c] += np.int64(acc[0])
            if not np.isfinite(acc[4]):
                _finite_moments(block, acc, special[c])
            low[c], high[c] = min(low[c], acc[1]), max(high[c], acc[2])
            total[c] += acc[3]
            square[c] += acc[4]
            found = keys[: block.size]
            _keys(block.view(np.uint32), found, shift, first, last, width)
            _tally(found, counts)
        if n > _FEW:
            raw[c] += counts


class NumbaAccumulator:
    """Histogram state of one site on the CPU: 64 KiB a channel at m = 7 for both signs.

    Half of what int64 would take; a channel spills into an int64 histogram before its uint32
    counts could overflow.
    """

    def __init__(self, channels: int, m: int) -> None:
        self.m, self.half = m, half_bins(m)
        self.channels = channels
        self.spilled: Histogram | None = None
        self._reset()

    def _reset(self) -> None:
        c = self.channels
        self.raw = np.zeros((c, 2 * (self.half + 2)), np.uint32)
        self.zeros = np.zeros(c, np.int64)
        self.special = np.zeros((c, 4), np.int64)
        self.low, self.high = np.full(c, np.inf), np.full(c, -np.inf)
        self.total, self.square = np.zeros(c), np.zeros(c)
        self.seen = 0

    def add(self, x: Tensor) -> None:
        values = x.detach().float().contiguous().numpy()
        for start in range(0, values.shape[1], _SPILL):
            part = values[:, start : start + _SPILL]
            if self.seen + part.shape[1] > 2 * _SPILL - 1:
                self.spilled = self.histogram()
                self._reset()
            self.seen += part.shape[1]
            self._add(np.ascontiguousarray(part))

    def _add(self, values: NDArray[np.float32]) -> None:
        # One bin below the first is for zero and underflow, so keys start at 1.
        base = ((E_MIN + 127) << self.m) - 1
        _count(
            values,
            23 - self.m,
            base,
            self.half,
            self.raw,
            self.zeros,
            self.special,
            self.low,
            self.high,
            self.total,
            self.square,
        )

    def histogram(self) -> Histogram:
        raw = self.raw.reshape(self.channels, 2, self.half + 2).astype(np.int64)
        now = _assemble(
            raw, self.zeros, self.special, (self.low, self.high, self.total, self.square), self.m
        )
        return now if self.spilled is None else self.spilled + now


class TorchAccumulator:
    """The same on any device with torch alone: the reference, and the kernel off the CPU."""

    chunk = 1 << 22

    def __init__(self, channels: int, m: int, device: torch.device | str = "cpu") -> None:
        self.m, self.half = m, half_bins(m)
        self.channels, self.device = channels, torch.device(device)
        self.raw = torch.zeros(channels, 2 * (self.half + 2), dtype=torch.int64, device=device)
        self.zeros = torch.zeros(channels, dtype=torch.int64, device=device)
        self.special = torch.zeros(channels, 4, dtype=torch.int64, device=device)
        moment = torch.zeros(channels, dtype=torch.float64, device=device)
        self.low, self.high = (
            torch.full_like(moment, torch.inf),
            torch.full_like(moment, -torch.inf),
        )
        self.total, self.square = moment.clone(), moment.clone()

    def add(self, x: Tensor) -> None:
        x = x.detach().float().contiguous()
        step = max(1, self.chunk // self.channels)
        for start in range(0, x.shape[1], step):
            self._add(x[:, start : start + step].contiguous())

    def _add(self, x: Tensor) -> None:
        bits = x.view(torch.int32)
        magnitude = bits & 0x7FFFFFFF
        key = (magnitude >> (23 - self.m)) - (((E_MIN + 127) << self.m) - 1)
        slot = key.clamp(0, self.half + 1).long() + (bits < 0) * (self.half + 2)
        self.raw.scatter_add_(
            1, slot, torch.ones((), dtype=torch.int64, device=x.device).expand_as(slot)
        )
        self.zeros += (magnitude == 0).sum(1)
        nan = magnitude > 0x7F800000
        masks = (nan, x == torch.inf, x == -torch.inf, nan & (bits < 0))
        for i, mask in enumerate(masks):
            self.special[:, i] += mask.sum(1)
        finite = magnitude < 0x7F800000
        d = x.double()
        self.low = torch.minimum(self.low, d.masked_fill(~finite, torch.inf).amin(1))
        self.high = torch.maximum(self.high, d.masked_fill(~finite, -torch.inf).amax(1))
        d = d.masked_fill(~finite, 0)
        self.total += d.sum(1)
        self.square += d.square().sum(1)

    def histogram(self) -> Histogram:
        raw = self.raw.reshape(self.channels, 2, self.half + 2).cpu().numpy()
        moments = (self.low, self.high, self.total, self.square)
        low, high, total, square = (t.cpu().numpy() for t in moments)
        return _assemble(
            raw,
            self.zeros.cpu().numpy(),
            self.special.cpu().numpy(),
            (low, high, total, square),
            self.m,
        )


def accumulator(channels: int, m: int, device: torch.device) -> Accumulator:
    """The fastest kernel for a device."""
    if device.type == "cpu":
        return NumbaAccumulator(channels, m)
    return TorchAccumulator(channels, m, device)


def _assemble(
    raw: NDArray[np.int64],
    zeros: NDArray[np.int64],
    special: NDArray[np.int64],
    moments: tuple[NDArray[np.float64], ...],
    m: int,
) -> Histogram:
    """Turn the kernels' layout (C, sign, zero | bins | overflow) into a Histogram."""
    positive, negative = raw[:, 0], raw[:, 1]
    nan, posinf, neginf, nan_neg = special.T
    overflow_neg = negative[:, -1] - neginf - nan_neg
    overflow = positive[:, -1] - posinf - (nan - nan_neg) + overflow_neg
    low, high, total, square = moments
    return Histogram(
        counts=np.concatenate([negative[:, -2:0:-1], positive[:, 1:-1]], axis=1),
        zeros=zeros.copy(),
        underflow=positive[:, 0] + negative[:, 0] - zeros,
        overflow=overflow,
        overflow_neg=overflow_neg,
        nan=nan.copy(),
        posinf=posinf.copy(),
        neginf=neginf.copy(),
        min=low.copy(),
        max=high.copy(),
        sum=total.copy(),
        sumsq=square.copy(),
        m=m,
    )
