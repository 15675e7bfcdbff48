from __future__ import annotations

import pytest
import torch
from torch import nn

from srviz.errors import NonFiniteError
from srviz.quantizers import DDTB, PAMS, MinMax
from srviz.training.bounds import SMALLEST, Trajectory, bounds_of, keep_valid


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


def test_bounds_inside_their_domain_are_left_alone() -> None:
    net = _net()
    keep_valid(net)
    assert [b.item() for *_, b in bounds_of(net)] == [3.0, 2.0, -1.0]


def test_bounds_outside_come_back_to_the_rim() -> None:
    net = _net()
    with torch.no_grad():
        net[0].alpha.fill_(-2.0)
        net[1].upper.fill_(10.0)
        net[1].lower.fill_(30.0)
    keep_valid(net)
    assert net[0].alpha.item() == pytest.approx(SMALLEST)
    assert net[1].lower.item() < 20.0 < net[1].upper.item()
    assert net[1].upper.item() - net[1].lower.item() == pytest.approx(20 * SMALLEST, rel=0.05)
    for i in (0, 1):
        assert net[i](torch.zeros(1)).isfinite().all()


@pytest.mark.parametrize(("i", "name"), [(0, "alpha"), (1, "upper"), (1, "lower")])
def test_nan_is_reported_with_its_site(i: int, name: str) -> None:
    net = _net()
    with torch.no_grad():
        getattr(net[i], name).fill_(float("nan"))
    with pytest.raises(NonFiniteError, match=f"{name} at site{i} is not finite"):
        keep_valid(net)


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
