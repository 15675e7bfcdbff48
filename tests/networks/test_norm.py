"""add_norm keeps the function, fold_norm keeps the output, freeze_norm keeps the statistics."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from srviz.errors import ArgumentError
from srviz.networks import add_norm, fold_norm, freeze_norm, load_network, save_weights

SMALL = {
    "edsr": {"n_blocks": 2, "n_feats": 8},
    "idn": {"n_blocks": 2, "n_feats": 16, "distilled": 4},
    "srresnet": {"n_blocks": 2, "n_feats": 8},
    "resnet20": {},
}
EXPECTED = {"edsr": 4, "idn": 12, "srresnet": 5, "resnet20": 19}


def _x(n: int = 2) -> torch.Tensor:
    return torch.rand(n, 3, 12, 10) * 255


def _lived_in(name: str) -> nn.Module:
    """A network whose normalization has seen data and has scales and shifts of its own."""
    net = load_network(name, norm="batch", **SMALL[name]).train()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 2)
                module.bias.normal_()
        for _ in range(3):
            net(_x())
    return net.eval()


def _norms(net: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]


@pytest.mark.parametrize("name", SMALL)
def test_fold_keeps_the_output(name: str) -> None:
    net, x = _lived_in(name), _x()
    assert len(_norms(net)) == EXPECTED[name]
    folded = fold_norm(net)
    assert not _norms(folded)
    assert folded.config.norm is None
    assert _norms(net), "the original keeps its normalization"
    with torch.inference_mode():
        expected = net(x)
        difference = (folded(x) - expected).abs().max() / expected.abs().max()
    assert difference < 1e-5


@pytest.mark.parametrize("name", ["edsr", "idn"])
def test_add_keeps_the_function(name: str) -> None:
    net, x = load_network(name, **SMALL[name]).eval(), _x()
    added = add_norm(net)
    assert len(_norms(added)) == EXPECTED[name]
    assert added.config.norm == "batch"
    assert not _norms(net)
    assert list(added.state_dict()) == list(
        load_network(name, norm="batch", **SMALL[name]).state_dict()
    )
    with torch.inference_mode():
        expected = net(x)
        assert (added(x) - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_add_after_fold_and_back(tmp_path) -> None:
    net, x = _lived_in("edsr"), _x()
    again = add_norm(fold_norm(net))
    with torch.inference_mode():
        torch.testing.assert_close(again(x), net(x), rtol=1e-5, atol=1e-3)
    back = load_network("edsr", weights=save_weights(again, tmp_path / "net.safetensors"))
    assert back.config == net.config


def test_freeze_keeps_running_statistics_and_function_in_training_mode() -> None:
    net, x = _lived_in("edsr"), _x()
    with torch.inference_mode():
        expected = net(x)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    assert freeze_norm(net) is net
    out = net.train()(x)
    torch.testing.assert_close(out, expected)
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())
    out.mean().backward()
    assert all(norm.weight.grad is not None for norm in _norms(net))


def test_freeze_takes_foreign_networks() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    freeze_norm(net)
    net.train()(_x())
    assert torch.equal(net[1].running_mean, torch.zeros(4))


def test_errors() -> None:
    plain = load_network("edsr", **SMALL["edsr"])
    with pytest.raises(ArgumentError, match="no normalization"):
        fold_norm(plain)
    with pytest.raises(ArgumentError, match="already"):
        add_norm(add_norm(plain))
    with pytest.raises(ArgumentError, match="not a network of srviz"):
        add_norm(nn.Conv2d(3, 3, 1))
    with pytest.raises(ArgumentError, match="norm 'layer'"):
        add_norm(plain, "layer")
