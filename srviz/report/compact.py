"""Numbers as short JSON: four significant digits, no NaN, curves as one character per bin."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Heights 0 to 63 of a curve, one character each."""


def significant(values: Any, digits: int = 4) -> Any:
    """Round to significant digits, as plain floats; NaN and infinities become None.

    Examples
    --------
    >>> significant([3.14159, float("nan"), 1234567.0])
    [3.142, None, 1235000]
    """
    if np.ndim(values):
        return [significant(value, digits) for value in np.asarray(values).tolist()]
    value = float(values)
    if not np.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def levels64(heights: np.ndarray) -> str:
    """A curve in 0..1 as one character per bin.

    Examples
    --------
    >>> levels64(np.array([0.0, 0.5, 1.0]))
    'Af_'
    """
    codes = np.clip(np.ceil(np.asarray(heights) * 63 - 0.5), 0, 63).astype(int)
    return "".join(ALPHABET[code] for code in codes)


def embed(value: Any) -> str:
    """JSON that may stand inside a script element: no markup can start in it.

    Raises
    ------
    ValueError
        If a NaN or an infinity is left in it, which JSON cannot say.
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
