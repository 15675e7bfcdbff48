"""The learning rate as a pure function of the step."""

from __future__ import annotations

import math

from srviz.training.recipe import OptimPart


def one_cycle(step: int, steps: int, optim: OptimPart) -> float:
    """Learning rate at ``step`` (0-based) of ``steps``: linear warm-up, then a cosine.

    A pure function of the step, so a resumed run continues exactly where it stopped.
    """
    warm = max(1, round(optim.warmup * steps))
    if step < warm:
        return optim.lr * (step + 1) / warm
    progress = (step - warm) / max(1, steps - warm)
    cosine = 0.5 * (1 + math.cos(math.pi * progress))
    return optim.lr * (optim.final + (1 - optim.final) * cosine)
