"""Memory that a training process keeps, instead of giving it back after every step."""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # malloc.h of glibc


def keep_heap() -> bool:
    """Tell the C library to keep freed memory for the next step; for the whole process.

    A step allocates and frees the same few hundred MB. glibc returns them to the system at its
    end, and taking them again costs a page fault each 4 KiB: with the tensors a quantized
    network saves on top, more time than its quantizers take. The process stays as large as its
    largest step.

    Returns
    -------
    bool
        Whether it had an effect: False where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_TRIM_THRESHOLD, 2**31 - 1)) and bool(mallopt(_MMAP_MAX, 0))
