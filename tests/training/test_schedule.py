from __future__ import annotations

import itertools
import math

import pytest

from srviz.training.recipe import OptimPart
from srviz.training.schedule import one_cycle

OPTIM = OptimPart(lr=2e-3, warmup=0.1, final=0.01)


def test_warms_up_linearly_then_follows_a_cosine() -> None:
    rates = [one_cycle(i, 100, OPTIM) for i in range(100)]
    assert rates[0] == pytest.approx(2e-4)
    assert rates[9] == rates[10] == pytest.approx(2e-3)
    assert rates[55] == pytest.approx(2e-3 * (0.01 + 0.99 * 0.5))  # half way down
    assert all(a >= b for a, b in itertools.pairwise(rates[9:]))
    last = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * 89 / 90))
    assert rates[-1] == pytest.approx(2e-3 * last)


def test_a_single_step_is_allowed() -> None:
    assert one_cycle(0, 1, OPTIM) == pytest.approx(2e-3)
