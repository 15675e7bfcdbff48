from __future__ import annotations

import pytest
import torch
from torch import nn

from srviz.errors import ArgumentError
from srviz.networks import load_network
from srviz.training.diagnose import first_non_finite
from srviz.training.tap import Tapped

NETS = {
    "edsr": {"n_blocks": 1, "n_feats": 4},
    "idn": {"n_blocks": 1, "n_feats": 16, "distilled": 4},
    "srresnet": {"n_blocks": 1, "n_feats": 4},
}


@pytest.mark.parametrize("name", list(NETS))
def test_the_output_is_the_networks_own_and_the_features_are_before_upscaling(name: str) -> None:
    torch.manual_seed(0)
    net = load_network(name, scale=2, **NETS[name]).eval()
    x = torch.rand(1, 3, 6, 7) * 255
    out, features = Tapped(net, features=True)(x)
    assert torch.equal(out, net(x))
    assert features is not None
    assert features.shape == (1, NETS[name]["n_feats"], 6, 7)
    torch.testing.assert_close(net.features(x), features)


def test_any_network_will_do_without_features() -> None:
    conv = nn.Conv2d(3, 3, 1)
    x = torch.rand(1, 3, 4, 4)
    out, features = Tapped(conv, features=False)(x)
    assert torch.equal(out, conv(x))
    assert features is None
    with pytest.raises(ArgumentError, match=r"Conv2d shows no features"):
        Tapped(conv, features=True)


class _Broken(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / 0


def test_the_innermost_first_broken_place_is_named() -> None:
    x = torch.ones(1, 3, 4, 4)
    net = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Sequential(nn.ReLU(), _Broken()), nn.ReLU())
    assert first_non_finite(net, x) == "1.1:out"
    assert first_non_finite(net, x * float("inf")) == "the input"
    assert first_non_finite(net[0], x) == "the loss"
    nn.init.constant_(net[0].weight, float("nan"))
    assert first_non_finite(net, x) == "0.weight"
