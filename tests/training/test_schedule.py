from __future__ import annotations

import itertools
import math

import pytest
import torch

from srviz.training.recipe import OptimPart
from srviz.training.schedule import rate

CYCLE = OptimPart(warmup=0.1, final=0.01)


def test_warms_up_linearly_then_follows_a_cosine() -> None:
    rates = [rate(i, 100, CYCLE) for i in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == pytest.approx(1)
    assert rates[55] == pytest.approx(0.01 + 0.99 * 0.5)  # half way down
    assert all(a >= b for a, b in itertools.pairwise(rates[9:]))
    assert rates[-1] == pytest.approx(0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * 89 / 90)))


def test_a_single_step_is_allowed() -> None:
    assert rate(0, 1, CYCLE) == pytest.approx(1)


def test_the_step_schedule_is_that_of_pytorch() -> None:
    optim = OptimPart(schedule="step", step_every=4, gamma=0.5)
    theirs = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(theirs, 4, 0.5)
    for step in range(13):
        assert rate(step, 13, optim) == pytest.approx(scheduler.get_last_lr()[0])
        theirs.step()
        scheduler.step()
