"""Ctrl-C and SIGTERM as a flag, so that a step is never torn in half."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(KeyboardInterrupt):
    """A run was stopped by Ctrl-C or SIGTERM; its checkpoint is written."""


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Within the block the first SIGINT or SIGTERM sets the event; a second one interrupts.

    Outside the main thread, which signals do not reach, the event stays unset.
    """
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt  # a second Ctrl-C does not wait for the step
        stopped.set()

    old = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for s, handler in old.items():
            signal.signal(s, handler)
