from __future__ import annotations

import torch
from torch import nn

from srviz.quantizers import DDTB, PAMS, MinMax
from srviz.training.bounds import Trajectory, bounds_of


def _net() -> nn.Sequential:
    net = nn.Sequential(PAMS(bits=4), DDTB(bits=4), MinMax(bits=4), nn.PReLU())
    net[0].set_bounds(3.0)
    net[1].set_bounds(2.0, -1.0)
    net[2].set_bounds(0.0, 1.0)
    for i in range(3):
        net[i].site = f"site{i}"
    return net


def test_bounds_are_the_trained_ones_and_nothing_else() -> None:
    assert [(s, n) for s, n, _ in bounds_of(_net())] == [
        ("site0", "alpha"), ("site1", "upper"), ("site1", "lower")
    ]  # fmt: skip


def test_a_trajectory_of_per_channel_bounds_has_a_row_for_each() -> None:
    net = nn.Sequential(PAMS(bits=4))
    net[0].set_bounds([1.0, 2.0])
    net[0].site = "a"
    trace = Trajectory(net)
    trace.record(0)
    with torch.no_grad():
        net[0].alpha.mul_(3)
    trace.record(5)
    other = Trajectory(net)
    other.restore(trace.state)
    table = other.table()
    assert table["step"].tolist() == [0, 0, 5, 5]
    assert table["channel"].tolist() == [0, 1, 0, 1]
    assert table["value"].tolist() == [1.0, 2.0, 3.0, 6.0]
    assert other.latest() == {"a/alpha": 4.5}
