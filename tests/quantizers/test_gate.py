"""DDTB's gate: its graph, its phases, who gets one, and what is saved."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.networks import load_network
from srviz.quantizers import (
    DDTB,
    Gate,
    apply_gates,
    calibrate_on,
    gate_loss,
    quantize,
    read_grids,
    select_gates,
)


def _gated(*, applied: bool = True, release: bool = False) -> DDTB:
    torch.manual_seed(0)
    quantizer = DDTB(bits=4)
    quantizer.set_bounds(2.0, -1.5)
    quantizer.add_gate(8, release=release).applied.fill_(applied)
    return quantizer


def _x() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    scale = torch.tensor([0.3, 1.0, 4.0]).reshape(3, 1, 1, 1)
    return torch.randn(3, 8, 6, 5, generator=generator) * scale + 0.2


def _two_bits(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """Affine, integer zero point, straight through."""
    scale = 3 / (upper - lower)
    zero = (scale * lower).round() + 2
    return x + (((scale * x - zero).round() + zero) / scale - x).detach()


def _ternary(weight: Tensor) -> Tensor:
    step = weight.detach().abs().max()
    return weight + ((weight / step).round() * step - weight).detach()


def _written_out(gate: Gate, x: Tensor, params: list[Tensor], *, batch: bool) -> Tensor:
    """Logits as METHODS 2(e) has them, from matrix products; (N, 2)."""
    first, second, gamma, beta = params
    dims = (0, 1) if batch else (1,)
    pooled = x.mean((2, 3))
    ends = pooled.amin(dims, keepdim=True), pooled.amax(dims, keepdim=True)
    hidden = _two_bits(pooled, *ends) @ _ternary(first[:, :, 0, 0]).T
    if batch:
        mean, var = hidden.mean(0), hidden.var(0, correction=0)
    else:
        mean, var = gate.norm.running_mean, gate.norm.running_var
    hidden = torch.relu((hidden - mean) / (var + 1e-5).sqrt() * gamma + beta)
    ends = hidden.detach().amin(dims, keepdim=True), hidden.detach().amax(dims, keepdim=True)
    return _two_bits(hidden, *ends) @ _ternary(second[:, :, 0, 0]).T


def _params(gate: Gate) -> list[nn.Parameter]:
    latent = [c.parametrizations.weight.original for c in (gate.conv1, gate.conv2)]
    return [*latent, gate.norm.weight, gate.norm.bias]


@pytest.mark.parametrize("training", [True, False])
def test_factors_and_gradients_are_those_of_the_written_out_graph(training: bool) -> None:
    gate, x = _gated().gate, _x()
    gate.train(training)
    for tensor in (
        gate.norm.bias,
        gate.norm.running_mean,
    ):  # else many units sit on the ReLU's kink
        nn.init.normal_(tensor)
    params = _params(gate)
    copies = [p.detach().clone().requires_grad_() for p in params]
    expected = 2 * torch.sigmoid(_written_out(gate, x, copies, batch=training))
    got = gate(x)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)
    assert ((got > 0) & (got < 2)).all()
    weight = torch.linspace(-1, 2, 6).reshape(3, 2)
    grads = torch.autograd.grad((got * weight).sum(), params)
    wanted = torch.autograd.grad((expected * weight).sum(), copies)
    for a, b in zip(grads, wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)
        assert b.abs().max() > 0, "the gradient reaches the whole gate"


def test_the_release_trains_the_last_convolution_only() -> None:
    quantizer = _gated(release=True).train()
    quantizer(_x()).square().sum().backward()
    first, second, gamma, beta = _params(quantizer.gate)
    assert second.grad.abs().max() > 0
    assert all(p.grad is None for p in (first, gamma, beta))


def test_each_image_has_bounds_of_its_own() -> None:
    quantizer, x = _gated().eval(), _x()
    beta = quantizer.gate(x).detach()
    assert beta.std(0).min() > 1e-3
    out = quantizer(x)
    for i in range(3):
        alone = DDTB(bits=4)
        alone.set_bounds(2.0 * float(beta[i, 0]), -1.5 * float(beta[i, 1]))
        torch.testing.assert_close(out[i], alone(x[i]), rtol=1e-5, atol=1e-5)


def test_the_bounds_keep_their_gradient_through_the_factors() -> None:
    quantizer, x = _gated().eval(), _x()
    quantizer(x).sum().backward()
    beta = quantizer.gate(x).detach()
    upper, lower = (torch.tensor(b, requires_grad=True) for b in (2.0, -1.5))
    for i in range(3):
        alone = DDTB(bits=4)
        alone.set_bounds((upper * beta[i, 0]).item(), (lower * beta[i, 1]).item())
        alone(x[i]).sum().backward()
        (upper * beta[i, 0] * alone.upper.grad + lower * beta[i, 1] * alone.lower.grad).backward()
    torch.testing.assert_close(quantizer.upper.grad, upper.grad, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(quantizer.lower.grad, lower.grad, rtol=1e-4, atol=1e-3)


def test_an_image_is_scored_alike_in_any_batch() -> None:
    quantizer, x = _gated().eval(), _x()
    torch.testing.assert_close(quantizer(x)[1:2], quantizer(x[1:2]))


def test_grid_is_the_static_part_and_grids_for_what_forward_makes() -> None:
    quantizer, x = _gated().train(), _x()
    before = copy.deepcopy(quantizer.state_dict())
    grids = quantizer.grids_for(x)
    assert quantizer.training
    assert all(torch.equal(before[k], v) for k, v in quantizer.state_dict().items())
    assert (quantizer.grid().hi, quantizer.grid().lo) == (2.0, -1.5)
    assert len({grid.hi for grid in grids}) == 3
    out = quantizer.eval()(x).detach().numpy()
    for image, grid in zip(out, grids, strict=True):
        distance = np.abs(image.reshape(-1, 1) - np.asarray(grid.levels)).min(1)
        assert distance.max() < 1e-5
    quantizer.gate.applied.fill_(False)
    assert {grid.hi for grid in quantizer.grids_for(x)} == {2.0}


def test_the_warm_up_runs_the_gate_without_applying_it() -> None:
    quantizer, x = _gated(applied=False).train(), _x()
    static = DDTB(bits=4)
    static.set_bounds(2.0, -1.5)
    assert torch.equal(quantizer(x), static(x))
    loss = gate_loss(quantizer)
    before = _written_out(quantizer.gate, x, _params(quantizer.gate), batch=True)
    torch.testing.assert_close(loss, before.square().mean(), rtol=1e-4, atol=1e-5)
    loss.backward()
    assert all(p.grad.abs().max() > 0 for p in _params(quantizer.gate))
    assert gate_loss(quantizer) == 0, "the logits are taken once"
    quantizer(x)
    apply_gates(quantizer)
    quantizer(x)
    assert gate_loss(quantizer) == 0, "the loss is dropped after the warm-up"
    assert not torch.equal(quantizer(x), static(x))


def test_the_warm_up_loss_brings_the_factors_to_1() -> None:
    quantizer, x = _gated(applied=False).train(), _x()
    optim = torch.optim.Adam(quantizer.gate.parameters(), lr=0.02)
    losses = []
    for _ in range(60):
        optim.zero_grad()
        quantizer(x)
        losses.append(gate_loss(quantizer))
        losses[-1].backward()
        optim.step()
    assert losses[-1] < losses[0] / 4


def test_a_gate_can_be_copied_between_forward_and_loss() -> None:
    quantizer = _gated(applied=False).train()
    quantizer(_x())
    assert gate_loss(copy.deepcopy(quantizer)) == 0
    assert gate_loss(quantizer) > 0


def test_constant_activations_stay_finite() -> None:
    quantizer = _gated().train()
    for value in (0.0, 100.0):
        x = torch.full((2, 8, 4, 4), value, requires_grad=True)
        out = quantizer(x)
        out.sum().backward()
        assert out.isfinite().all()
        assert all(p.grad.isfinite().all() for p in _params(quantizer.gate))


def test_bounds_of_one_sign_cannot_cross() -> None:
    quantizer, x = _gated().eval(), _x()
    quantizer.set_bounds(2.0, 1.99)
    assert all(grid.hi > grid.lo for grid in quantizer.grids_for(x))
    assert quantizer(x).isfinite().all()


def test_autocast_keeps_the_gate_in_single_precision() -> None:
    quantizer, x = _gated().eval(), _x()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        beta = quantizer.gate(x)
    assert torch.equal(beta, quantizer.gate(x))


class TestInANetwork:
    @pytest.fixture
    def batches(self) -> list[Tensor]:
        generator = torch.Generator().manual_seed(3)
        return [torch.rand(2, 3, 8, 8, generator=generator) * s for s in (50, 150, 255)]

    @pytest.fixture
    def net(self, batches: list[Tensor]) -> nn.Module:
        torch.manual_seed(2)
        net = quantize(load_network("edsr", n_blocks=3, n_feats=8), "ddtb", 4, weights=True)
        calibrate_on(net, batches)
        return net

    def test_the_sites_that_vary_most_get_a_gate(self, net, batches) -> None:
        plain = load_network("edsr", n_blocks=3, n_feats=8)
        plain.load_state_dict(
            {
                k.replace(".parametrizations.weight.original", ".weight"): v
                for k, v in net.state_dict().items()
                if "slot" not in k
            }
        )
        high, low = {}, {}
        for block, name in [(b, s) for b in range(3) for s in ("in", "mid", "out")]:
            seen = []
            slot = getattr(plain.blocks[block], f"slot_{name}")
            slot.register_forward_hook(lambda m, a, out, seen=seen: seen.append(out.detach()))
            site = f"blocks.{block}.slot_{name}:out"
            high[site], low[site] = seen, seen
        weights = {
            f"blocks.{b}.conv{k}": net.get_submodule(f"blocks.{b}.conv{k}").weight.detach()
            for b in range(3)
            for k in (1, 2)
        }
        for name, weight in weights.items():
            plain.get_submodule(name).weight.data.copy_(weight)
        for batch in batches:
            plain(batch)
        table = select_gates(net, batches, 0.3)
        expected = [
            np.var([float(x.max()) for x in high[s]]) + np.var([float(x.min()) for x in low[s]])
            for s in table["site"]
        ]
        np.testing.assert_allclose(table["intensity"], expected, rtol=1e-4)
        assert table["gated"].sum() == 3
        assert table[table.gated].intensity.min() >= table[~table.gated].intensity.max()
        gates = [m.site for m in net.modules() if isinstance(m, DDTB) and m.gate is not None]
        assert gates == list(table[table.gated].site)

    def test_a_strict_load_into_a_network_just_quantized(self, net, batches) -> None:
        select_gates(net, batches, 0.5, release=True)
        net.train()
        net(batches[0])
        apply_gates(net)
        fresh = quantize(load_network("edsr", n_blocks=3, n_feats=8), "ddtb", 4, weights=True)
        fresh.load_state_dict(net.state_dict(), strict=True)
        with torch.inference_mode():
            assert torch.equal(fresh.eval()(batches[1]), net.eval()(batches[1]))
        assert {bool(m.release) for m in fresh.modules() if isinstance(m, Gate)} == {True}
        assert read_grids(fresh).sites == read_grids(net).sites

    def test_refused(self, net, batches) -> None:
        for fraction in (0, 1.5):
            with pytest.raises(ArgumentError, match="at most 1"):
                select_gates(net, batches, fraction)
        with pytest.raises(ArgumentError, match="two batches"):
            select_gates(net, batches[:1])
        with pytest.raises(ArgumentError, match="no gates"):
            apply_gates(net)
        select_gates(net, batches, 0.2)
        with pytest.raises(ArgumentError, match="gates already"):
            select_gates(net, batches)
        with pytest.raises(ArgumentError, match="2 or more"):
            net.train()(batches[0][:1])
        pams = quantize(load_network("edsr", n_blocks=1, n_feats=4), "pams", 4)
        with pytest.raises(ArgumentError, match="another quantizer"):
            select_gates(pams, batches)
        per_channel = DDTB(bits=4)
        per_channel.set_bounds(np.ones(3), -np.ones(3))
        with pytest.raises(ArgumentError, match="bounds per tensor"):
            per_channel.add_gate(3)
