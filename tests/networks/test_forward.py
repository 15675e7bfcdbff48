from __future__ import annotations

import pytest
import torch
from torch import nn

from srviz.errors import ArgumentError, NetworkError, NonFiniteError
from srviz.networks import load_network
from srviz.networks.forward import forward, scale_of


def test_a_network_states_its_scale() -> None:
    assert scale_of(load_network("edsr", scale=3, n_blocks=1, n_feats=2)) == 3
    with pytest.raises(ArgumentError, match="Identity has no attribute scale"):
        scale_of(nn.Identity())


def test_what_the_network_raises_is_one_line_that_names_the_image() -> None:
    net = nn.Conv2d(1, 1, 3)
    with pytest.raises(NetworkError, match=r"failed on baby of shape \(1, 3, 8, 8\)") as caught:
        forward(net, torch.zeros(1, 3, 8, 8), "baby")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_errors_of_srviz_and_ctrl_c_pass_as_they_are() -> None:
    class Raises(nn.Module):
        def __init__(self, error: BaseException) -> None:
            super().__init__()
            self.error = error

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise self.error

    for error in (NonFiniteError("NaN at a:out"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught:
            forward(Raises(error), torch.zeros(1), "baby")
        assert caught.value is error
