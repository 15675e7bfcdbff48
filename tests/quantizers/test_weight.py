"""Weights: PAMS symmetric and straight-through, DDTB clipped to its percentiles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from srviz.errors import ArgumentError
from srviz.networks import load_network
from srviz.quantizers import PercentileWeight, SymmetricWeight, quantize, quantize_weight
from srviz.quantizers.weight import tail_percentiles


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


@settings(max_examples=40, deadline=None)
@given(bits=st.integers(2, 8), seed=st.integers(0, 10**6), size=st.integers(2, 400))
def test_the_percentiles_are_numpys(bits: int, seed: int, size: int) -> None:
    x = torch.randn(size, generator=torch.Generator().manual_seed(seed))
    for tail in (0.01, 0.2, 0.0):
        got = [float(v) for v in tail_percentiles(x, tail)]
        expected = np.quantile(x.numpy().astype(np.float64), [tail, 1 - tail])
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(bits=st.integers(2, 8), seed=st.integers(0, 10**6))
def test_ddtb_clips_to_the_percentiles(bits: int, seed: int) -> None:
    weight = torch.randn(8, 4, 3, 3, generator=torch.Generator().manual_seed(seed)).double()
    weight.requires_grad_()
    lower, upper = np.percentile(weight.detach().numpy(), [1, 99])
    scale = (2**bits - 1) / (upper - lower)
    zero = np.round(scale * lower) + 2 ** (bits - 1)
    clipped = np.clip(weight.detach().numpy(), lower, upper)
    expected = (np.round(scale * clipped - zero) + zero) / scale
    out = PercentileWeight(bits=bits)(weight)
    np.testing.assert_allclose(out.detach().numpy(), expected, rtol=1e-9, atol=1e-9)
    assert len(out.unique()) <= 2**bits
    (grad,) = torch.autograd.grad(out.sum(), [weight])
    outside = (weight.detach().numpy() < lower) | (weight.detach().numpy() > upper)
    assert outside.any()
    assert np.array_equal(grad.numpy(), 1.0 - outside)


def test_constant_weights_stay_what_they_are() -> None:
    for value in (0.0, 0.3, -2.0):
        weight = torch.full((4, 2), value)
        torch.testing.assert_close(PercentileWeight(bits=4)(weight), weight, rtol=1e-2, atol=1e-7)


def test_quantize_takes_the_methods_own_weight_quantizer() -> None:
    net = load_network("edsr", n_blocks=1, n_feats=4)
    for method, kind in (("pams", SymmetricWeight), ("ddtb", PercentileWeight)):
        for weights, bits in ((True, 3), (8, 8)):
            conv = quantize(net, method, 3, weights=weights).blocks[0].conv1
            (quantizer,) = conv.parametrizations.weight
            assert (type(quantizer), quantizer.bits) == (kind, bits)
