"""The fused kernels against autograd of the written-out graph, in every layout of the bounds."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from srviz.quantizers import DDTB, PAMS, affine
from srviz.quantizers.affine import fake_quantize

SHAPES = [(), (1, 3, 1, 1), (2, 1, 1, 1), (2, 3, 1, 1), (1, 1, 1, 1)]


def _round(x: Tensor) -> Tensor:
    return x + (x.round() - x).detach()


def _written_out(x: Tensor, lower: Tensor, upper: Tensor, bits: int) -> Tensor:
    """DDTB as METHODS states it, in double."""
    scale = (2**bits - 1) / (upper - lower)
    zero = _round(scale * lower) + 2 ** (bits - 1)
    clipped = torch.maximum(torch.minimum(x, upper), lower)
    return (_round(scale * clipped - zero) + zero) / scale


def _inputs(shape: tuple[int, ...], bits: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Values, kept away from the thresholds, where single and double precision may differ."""
    g = torch.Generator().manual_seed(seed)
    upper = torch.rand(shape, generator=g) * 50 + 1
    lower = -torch.rand(shape, generator=g) * 50 - 1
    x = torch.randn(2, 3, 9, 7, generator=g) * 40
    scale = ((2**bits - 1) / (upper - lower)).double()
    codes = x.double() * scale
    near = (codes - codes.floor() - 0.5).abs() < 1e-3
    x = torch.where(near, (codes.floor() / scale).float() * 0.999, x)
    return x, lower, upper


@settings(max_examples=60, deadline=None)
@given(
    bits=st.integers(2, 8),
    shape=st.sampled_from(SHAPES),
    channels_last=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_the_kernels_equal_autograd(
    bits: int, shape: tuple[int, ...], channels_last: bool, seed: int
) -> None:
    x, lower, upper = _inputs(shape, bits, seed)
    single = [t.clone().requires_grad_() for t in (x, lower, upper)]
    double = [t.double().requires_grad_() for t in (x, lower, upper)]
    given = single[0].to(memory_format=torch.channels_last) if channels_last else single[0]
    codes, offset = 2**bits - 1, 2 ** (bits - 1)
    got = fake_quantize(given, *single[1:], codes=codes, offset=offset)
    expected = _written_out(*double, bits)
    torch.testing.assert_close(got.double(), expected, rtol=1e-5, atol=1e-4)
    weight = torch.linspace(-1, 2, x.numel()).reshape(x.shape)
    grads = torch.autograd.grad((got * weight).sum(), single)
    wanted = torch.autograd.grad((expected * weight.double()).sum(), double)
    for a, b in zip(grads, wanted, strict=True):
        torch.testing.assert_close(a.double(), b, rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("slope", [True, False])
def test_kernels_and_tensor_operations_agree(
    shape: tuple[int, ...], slope: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, lower, upper = _inputs(shape, 4, 0)
    weight = torch.randn_like(x)

    def both() -> list[Tensor]:
        leaves = [t.clone().requires_grad_() for t in (x, lower, upper)]
        out = fake_quantize(leaves[0], *leaves[1:], codes=15, offset=8, slope=slope)
        return [out, *torch.autograd.grad((out * weight).sum(), leaves)]

    fused = both()
    monkeypatch.setattr(affine._Rows, "of", lambda x, bound: None)
    for a, b in zip(fused, both(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    assert torch.equal(fused[0], both()[0]), "the forward pass agrees to the last bit"


@pytest.mark.parametrize("view", [lambda x: x[:, :, ::2], lambda x: x.transpose(2, 3)])
def test_strided_tensors_take_the_slow_way_to_the_same_result(view) -> None:
    x = view(torch.randn(2, 3, 8, 8))
    bounds = torch.tensor(-1.0), torch.tensor(1.5)
    out = fake_quantize(x, *bounds, codes=15, offset=8)
    assert torch.equal(out, fake_quantize(x.contiguous(), *bounds, codes=15, offset=8))


def test_the_layout_of_channels_last_is_kept() -> None:
    x = torch.randn(2, 3, 8, 8).to(memory_format=torch.channels_last).requires_grad_()
    quantizer = PAMS(bits=4)
    quantizer.set_bounds(1.0)
    out = quantizer(x)
    assert out.is_contiguous(memory_format=torch.channels_last)
    (grad,) = torch.autograd.grad(out.square().sum(), [x])
    assert torch.equal(grad, torch.where(x.abs() < 1, 2 * out, 0))


def test_autocast_keeps_the_quantizer_in_single_precision() -> None:
    conv = torch.nn.Conv2d(3, 3, 1)
    for quantizer, bounds in ((PAMS(bits=8), (1.3,)), (DDTB(bits=8), (1.3, -0.9))):
        quantizer.set_bounds(*bounds)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = conv(torch.randn(2, 3, 8, 8))
            out = quantizer(x)
        assert (x.dtype, out.dtype) == (torch.bfloat16, torch.float32)
        assert torch.equal(out, quantizer(x.detach().float()))
        out.sum().backward()
        assert getattr(quantizer, quantizer.bound_names[0]).grad.dtype == torch.float32


def test_nothing_in_nothing_out() -> None:
    quantizer = PAMS(bits=4)
    quantizer.set_bounds(1.0)
    assert quantizer(torch.empty(0, 3, 8, 8)).shape == (0, 3, 8, 8)
