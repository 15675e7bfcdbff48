"""Bit widths a quantizer can have."""

from __future__ import annotations

import numpy as np

from srviz.errors import ArgumentError

BITS = range(2, 9)


def check_bits(bits: int) -> int:
    """Return ``bits`` if a quantizer can have that many.

    Raises
    ------
    ArgumentError
        Not a whole number from 2 to 8.
    """
    if isinstance(bits, bool) or not isinstance(bits, int | np.integer) or bits not in BITS:
        raise ArgumentError(f"bits={bits!r}", allowed="whole numbers from 2 to 8")
    return int(bits)
