"""Forward and gradients against the papers' formulas, by autograd of the plainest graph."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from srviz.errors import ArgumentError, NonFiniteError
from srviz.quantizers import DDTB, PAMS, MinMax, Quantizer

BITS = st.integers(2, 8)
POSITIVE = st.floats(0.05, 300)
LOWER = st.floats(-200, -0.05)


class _Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


def _round(x: Tensor) -> Tensor:
    return _Round.apply(x)


def _values(lower: float, upper: float, seed: int) -> Tensor:
    """Values inside and outside the bounds, in double so that ties have no chance."""
    generator = torch.Generator().manual_seed(seed)
    spread = 1.6 * (upper - lower)
    centre = (upper + lower) / 2
    return (
        torch.rand(2, 3, 5, 5, generator=generator, dtype=torch.float64) - 0.5
    ) * spread + centre


def _run(out: Tensor, *leaves: Tensor) -> list[Tensor]:
    weight = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).reshape(out.shape)
    return [out.detach(), *torch.autograd.grad((out * weight).sum(), leaves)]


def _compare(got: list[Tensor], expected: list[Tensor]) -> None:
    for a, b in zip(got, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(bits=BITS, alpha=POSITIVE, seed=st.integers(0, 10**6))
def test_pams(bits: int, alpha: float, seed: int) -> None:
    n = 2 ** (bits - 1) - 1
    quantizer = PAMS(bits=bits).double()
    quantizer.set_bounds(alpha)
    x = _values(-alpha, alpha, seed).requires_grad_()
    a = quantizer.alpha.detach().clone().requires_grad_()
    clipped = torch.maximum(torch.minimum(x, a), -a)
    _compare(_run(quantizer(x), x, quantizer.alpha), _run(_round(clipped * n / a) * a / n, x, a))


@settings(max_examples=20, deadline=None)
@given(bits=BITS, alpha=POSITIVE, seed=st.integers(0, 10**6))
def test_pams_with_the_gradient_of_pact(bits: int, alpha: float, seed: int) -> None:
    quantizer = PAMS(bits=bits, alpha_grad="pact").double()
    quantizer.set_bounds(alpha)
    x = _values(-alpha, alpha, seed)
    (grad,) = torch.autograd.grad(quantizer(x).sum(), [quantizer.alpha])
    a = float(quantizer.alpha.detach())
    assert float(grad) == float((x >= a).sum() - (x <= -a).sum())


@settings(max_examples=40, deadline=None)
@given(bits=BITS, upper=POSITIVE, lower=LOWER, seed=st.integers(0, 10**6))
def test_ddtb(bits: int, upper: float, lower: float, seed: int) -> None:
    quantizer = DDTB(bits=bits).double()
    quantizer.set_bounds(upper, lower)
    x = _values(lower, upper, seed).requires_grad_()
    u = quantizer.upper.detach().clone().requires_grad_()
    low = quantizer.lower.detach().clone().requires_grad_()
    scale = (2**bits - 1) / (u - low)
    zero = _round(scale * low) + 2 ** (bits - 1)
    clipped = torch.maximum(torch.minimum(x, u), low)
    expected = (_round(scale * clipped - zero) + zero) / scale
    got = _run(quantizer(x), x, quantizer.upper, quantizer.lower)
    _compare(got, _run(expected, x, u, low))


@settings(max_examples=40, deadline=None)
@given(bits=BITS, upper=POSITIVE, lower=LOWER, seed=st.integers(0, 10**6))
def test_minmax(bits: int, upper: float, lower: float, seed: int) -> None:
    quantizer = MinMax(bits=bits).double()
    quantizer.set_bounds(lower, upper)
    x = _values(lower, upper, seed).requires_grad_()
    low, high = quantizer.lower, quantizer.upper
    step = (high - low) / (2**bits - 1)
    clipped = torch.maximum(torch.minimum(x, high), low)
    _compare(_run(quantizer(x), x), _run(_round((clipped - low) / step) * step + low, x))


def test_ddtb_misses_its_bounds_by_the_rounded_zero_point() -> None:
    quantizer = DDTB(bits=2)
    quantizer.set_bounds(2.3, -1.1)
    levels = quantizer(torch.linspace(-9, 9, 1001)).unique()
    torch.testing.assert_close(levels, torch.tensor([-3.4 / 3, 0, 3.4 / 3, 6.8 / 3]))


@pytest.mark.parametrize("kind", [MinMax, PAMS, DDTB])
class TestEveryQuantizer:
    def test_refuses_other_bits(self, kind: type[Quantizer]) -> None:
        for bits in (1, 9, 0, -2, 4.0, "4", True, None):
            with pytest.raises(ArgumentError, match="whole numbers from 2 to 8"):
                kind(bits=bits)

    def test_refuses_to_run_uncalibrated(self, kind: type[Quantizer]) -> None:
        with pytest.raises(ArgumentError, match="not calibrated"):
            kind(bits=4)(torch.zeros(1, 2, 3, 3))

    def test_names_the_site_of_a_nan(self, kind: type[Quantizer]) -> None:
        quantizer = self.calibrated(kind)
        quantizer.site = "blocks.3.slot_in:out"
        with pytest.raises(NonFiniteError, match=r"blocks\.3\.slot_in:out"):
            quantizer(torch.tensor([0.5, torch.nan]))

    def test_clips_infinities(self, kind: type[Quantizer]) -> None:
        quantizer = self.calibrated(kind)
        out = quantizer(torch.tensor([torch.inf, -torch.inf]))
        assert out[0] > 1.9
        assert out[1] < -1.9

    def test_bounds_outside_their_domain(self, kind: type[Quantizer]) -> None:
        bad = [-1.0] if kind is PAMS else [1.0, 1.0]
        with pytest.raises(ArgumentError, match="left their domain"):
            kind(bits=4).set_bounds(*bad)
        quantizer = self.calibrated(kind).train()
        name = kind.bound_names[0]
        getattr(quantizer, name).data.fill_(torch.inf)
        with pytest.raises(NonFiniteError, match=f"{name}=inf"):
            quantizer(torch.zeros(3))

    def test_per_channel_equals_one_quantizer_per_channel(self, kind: type[Quantizer]) -> None:
        factor = torch.tensor([1.0, 0.5, 3.0])
        both, x = kind(bits=3), torch.randn(2, 3, 4, 4, requires_grad=True)
        bounds = {"alpha": 1.0, "upper": 2.0, "lower": -1.0}
        both.set_bounds(*(bounds[name] * factor for name in kind.bound_names))
        assert both.granularity == "channel"
        out = both(x)
        out.sum().backward()
        for channel in range(3):
            one = kind(bits=3)
            one.set_bounds(*(bounds[name] * factor[channel] for name in kind.bound_names))
            y = one(x[:, channel])
            assert torch.equal(out[:, channel], y)
            if kind is MinMax:
                continue
            y.sum().backward()
            for name in kind.bound_names:
                grad = getattr(both, name).grad[0, channel, 0, 0]
                torch.testing.assert_close(grad, getattr(one, name).grad)

    def test_state_dict_round_trip(self, kind: type[Quantizer]) -> None:
        for quantizer in (self.calibrated(kind), kind(bits=4)):
            if not quantizer.is_calibrated:
                ones = torch.ones(2)
                signed = {"lower": -ones}
                quantizer.set_bounds(*(signed.get(name, ones) for name in kind.bound_names))
            back = kind(bits=4)
            back.load_state_dict(quantizer.state_dict())
            x = torch.randn(1, 2, 4, 4)
            assert torch.equal(back(x), quantizer(x))

    def test_is_idempotent_and_monotone(self, kind: type[Quantizer]) -> None:
        quantizer = self.calibrated(kind)
        x = torch.linspace(-3, 3, 4001)
        out = quantizer(x)
        assert (out.diff() >= 0).all()
        torch.testing.assert_close(quantizer(out), out, rtol=0, atol=1e-6)

    def calibrated(self, kind: type[Quantizer]) -> Quantizer:
        quantizer = kind(bits=4)
        quantizer.set_bounds(*{"minmax": (-2, 2), "pams": (2,), "ddtb": (2, -2)}[kind.method])
        return quantizer


def test_pams_refuses_other_gradients() -> None:
    with pytest.raises(ArgumentError, match="'lsq' or 'pact'"):
        PAMS(bits=4, alpha_grad="lsqq")
