"""Weights: symmetric, per tensor, straight-through."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from srviz.errors import ArgumentError
from srviz.quantizers import SymmetricWeight, quantize_weight


@pytest.mark.parametrize("bits", range(2, 9))
def test_levels_and_error(bits: int) -> None:
    weight = torch.randn(8, 4, 3, 3)
    n = 2 ** (bits - 1) - 1
    out = SymmetricWeight(bits=bits)(weight)
    step = weight.abs().max() / n
    codes = out / step
    torch.testing.assert_close(codes, codes.round(), rtol=0, atol=1e-4)
    assert codes.abs().max() <= n + 1e-4
    assert (out - weight).abs().max() <= step / 2 + 1e-6


def test_gradient_passes_straight_through_and_scale_follows() -> None:
    conv = nn.Conv2d(2, 3, 3)
    quantize_weight(conv, 3)
    conv.weight.sum().backward()
    latent = conv.parametrizations.weight.original
    assert torch.equal(latent.grad, torch.ones_like(latent))
    before = conv.weight.detach().clone()
    with torch.no_grad():
        latent *= 4
    torch.testing.assert_close(conv.weight, 4 * before, rtol=1e-4, atol=1e-6)


def test_zero_weights_stay_zero() -> None:
    assert torch.equal(SymmetricWeight(bits=4)(torch.zeros(3)), torch.zeros(3))


def test_refuses_other_bits() -> None:
    with pytest.raises(ArgumentError, match="2 to 8"):
        SymmetricWeight(bits=1)
