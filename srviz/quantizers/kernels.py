"""Clip, round and rescale on the CPU, fused: each value is read and written once (numba).

Written with tensor operations the backward pass makes ten passes over memory, most of them into
fresh pages; on activations of a few MB that costs ten to thirty times as much. The kernels use
one core: they wait for memory, and they release the interpreter lock.
"""

from __future__ import annotations

import numba
import numpy as np

_BLOCK = 4096  # values per single-precision partial sum


@numba.njit(nogil=True, cache=True)
def forward(x, constants, out):  # pragma: no cover - compiled
    """Quantize x (R, n), float32, into out; constants (5, R): lower, upper, scale, zero, step."""
    for r in range(x.shape[0]):
        low, high = constants[0, r], constants[1, r]
        scale, zero, step = constants[2, r], constants[3, r], constants[4, r]
        row, made = x[r], out[r]
        for i in range(row.size):
            v = row[i]
            # Comparisons with NaN are false, so a NaN goes through.
            v = low if v < low else v
            v = high if v > high else v
            made[i] = (np.rint(v * scale - zero) + zero) * step


# Sums may be reassociated, else the compiler cannot vectorise them.
@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "nsz"})
def backward(x, grad, constants, grad_x, sums):  # pragma: no cover - compiled
    """Gradient of x, and per row of sums (R, 3): grad above, grad below, grad * (q - clip(x))."""
    nothing = np.float32(0)
    for r in range(x.shape[0]):
        low, high = constants[0, r], constants[1, r]
        scale, zero, step = constants[2, r], constants[3, r], constants[4, r]
        for start in range(0, x.shape[1], _BLOCK):
            stop = min(start + _BLOCK, x.shape[1])
            values, incoming = x[r, start:stop], grad[r, start:stop]
            outgoing = grad_x[r, start:stop]
            above, below, error = nothing, nothing, nothing
            for i in range(values.size):
                v, g = values[i], incoming[i]
                c = low if v < low else v
                c = high if c > high else c
                error += g * ((np.rint(c * scale - zero) + zero) * step - c)
                over, under = v >= high, v <= low
                above += g if over else nothing
                below += g if under else nothing
                outgoing[i] = nothing if over or under else g
            sums[r, 0] += above
            sums[r, 1] += below
            sums[r, 2] += error
