"""The learning rate as a pure function of the step."""

from __future__ import annotations

import math

from srviz.training.recipe import OptimPart


def rate(step: int, steps: int, optim: OptimPart) -> float:
    """What the learning rates are multiplied by at ``step`` (0-based) of ``steps``, in (0, 1].

    A pure function of the step, so a resumed run continues exactly where it stopped.
    """
    if optim.step_every is not None:
        return optim.gamma ** (step // optim.step_every)
    return _one_cycle(step, steps, optim)


def _one_cycle(step: int, steps: int, optim: OptimPart) -> float:
    """Linear warm-up, then a cosine down to ``optim.final``."""
    warm = max(1, round(optim.warmup * steps))
    if step < warm:
        return (step + 1) / warm
    progress = (step - warm) / max(1, steps - warm)
    return optim.final + (1 - optim.final) * 0.5 * (1 + math.cos(math.pi * progress))
