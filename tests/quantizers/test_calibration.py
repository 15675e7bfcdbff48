"""Bounds from several batches: what each method makes of them, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from imdn import IMDN
from torch import Tensor, nn

from srviz.errors import ArgumentError, NonFiniteError, SiteError
from srviz.networks import load_network
from srviz.quantizers import DDTB, PAMS, MinMax, calibrate_on, quantize, read_grids
from srviz.quantizers.observers import MeanMaximum


class _Pass(nn.Module):
    """A network whose only convolution reads the batch itself."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


@pytest.fixture
def batches() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(4, 3, 40, 50, generator=generator) * s for s in (1.0, 5.0, 2.0)]


def _quantizer(method: str, batches: list[Tensor]) -> nn.Module:
    net = quantize(_Pass(), method, 4)
    calibrate_on(net, batches)
    return net.conv.input_quantizer


def test_pams_averages_over_batches_and_images(batches: list[Tensor]) -> None:
    alpha = _quantizer("pams", batches).alpha.item()
    per_batch = [np.mean([float(image.abs().max()) for image in batch]) for batch in batches]
    assert alpha == pytest.approx(np.mean(per_batch), rel=1e-3)
    assert abs(alpha - per_batch[-1]) > 1, "not the last batch alone"


def test_the_moving_average_is_the_weighted_mean_of_all_batches() -> None:
    observer, values = MeanMaximum(decay=0.5), [4.0, 1.0, 7.0]
    for value in values:
        observer.update(torch.tensor([[[[-value]]], [[[0.5 * value]]]]))
    weights = np.array([0.25, 0.5, 1.0])
    expected = 0.75 * (weights * values).sum() / weights.sum()
    assert observer.bounds() == pytest.approx((expected,))


def test_ddtb_takes_the_percentiles_of_all_values(batches: list[Tensor]) -> None:
    quantizer = _quantizer("ddtb", batches)
    values = torch.cat(batches).numpy()
    np.testing.assert_allclose(quantizer.upper.item(), np.percentile(values, 99), rtol=0.01)
    np.testing.assert_allclose(quantizer.lower.item(), np.percentile(values, 1), rtol=0.01)


def test_the_order_and_split_of_batches_do_not_matter_to_percentiles(batches) -> None:
    split = [image[None] for batch in reversed(batches) for image in batch]
    one, other = _quantizer("ddtb", batches), _quantizer("ddtb", split)
    assert torch.equal(one.upper, other.upper)
    assert torch.equal(one.lower, other.lower)


def test_ddtb_on_a_tensor_that_is_mostly_zero() -> None:
    x = torch.zeros(1, 3, 40, 40)
    x[0, 0, 0, 0] = 3.0
    quantizer = _quantizer("ddtb", [x])
    assert (quantizer.upper.item(), quantizer.lower.item()) == (3.0, 0.0)


def test_minmax_takes_the_extremes(batches: list[Tensor]) -> None:
    quantizer = _quantizer("minmax", batches)
    values = torch.cat(batches)
    assert torch.equal(quantizer.upper, values.max())
    assert torch.equal(quantizer.lower, values.min())


@pytest.mark.parametrize("method", ["pams", "ddtb", "minmax"])
def test_the_activations_of_the_full_precision_network_are_what_counts(method: str) -> None:
    """Bounds are set anew, whatever they were, and no site sees another's quantization."""
    net, x = load_network("edsr", n_blocks=2, n_feats=8), torch.rand(2, 3, 9, 9) * 255
    seen: dict[str, Tensor] = {}
    net.blocks[1].slot_out.register_forward_hook(lambda m, a, out: seen.update(x=out.detach()))
    net(x)
    quantized = quantize(net, method, 2)
    calibrate_on(quantized, [x])
    first = {row.site: row.grid for row in read_grids(quantized)}
    calibrate_on(quantized, [x])
    assert {row.site: row.grid for row in read_grids(quantized)} == first
    kind = {"pams": PAMS, "ddtb": DDTB, "minmax": MinMax}[method]
    observer = kind.observer()
    observer.update(seen["x"])
    alone = kind(bits=2)
    alone.set_bounds(*observer.bounds())
    assert first["blocks.1.slot_out:out"] == alone.grid()


def test_modes_and_batch_norm_are_left_as_they_were() -> None:
    net = quantize(load_network("edsr", n_blocks=1, n_feats=4, norm="batch"), "pams", 4).train()
    net.blocks[0].norm1.eval()
    before = {k: v.clone() for k, v in net.state_dict().items() if "norm" in k}
    calibrate_on(net, [torch.rand(2, 3, 8, 8) * 255])
    assert net.training
    assert net.blocks[0].norm2.training
    assert not net.blocks[0].norm1.training
    assert all(torch.equal(v, net.state_dict()[k]) for k, v in before.items())


def test_a_foreign_network() -> None:
    torch.manual_seed(0)
    net = quantize(IMDN(channels=64, n_blocks=1), "ddtb", 8, weights=True)
    x = torch.rand(1, 3, 12, 12) * 255
    calibrate_on(net, [x, x / 2])
    assert net(x).shape == (1, 3, 48, 48)


class TestErrors:
    def test_no_batch(self) -> None:
        with pytest.raises(ArgumentError, match="no batch"):
            calibrate_on(quantize(_Pass(), "pams", 4), [])

    def test_not_quantized(self) -> None:
        with pytest.raises(ArgumentError, match="not quantized"):
            calibrate_on(_Pass(), [torch.zeros(1, 3, 2, 2)])

    @pytest.mark.parametrize("bad", [torch.nan, torch.inf])
    def test_a_nan_names_the_site_and_leaves_no_trace(self, bad: float) -> None:
        net, x = quantize(_Pass(), "ddtb", 4), torch.randn(1, 3, 4, 4)
        with pytest.raises(NonFiniteError, match="conv:in"):
            calibrate_on(net, [x, x * bad])
        assert net.conv.input_quantizer.watch is None

    def test_a_site_that_is_never_called(self) -> None:
        net = _Pass()
        net.idle = nn.Conv2d(3, 3, 1)
        with pytest.raises(SiteError, match="idle:in"):
            calibrate_on(quantize(net, "pams", 4), [torch.randn(1, 3, 4, 4)])

    @pytest.mark.parametrize("method", ["pams", "ddtb"])
    def test_a_constant_site_is_named(self, method: str) -> None:
        with pytest.raises(ArgumentError, match="conv:in are constant"):
            calibrate_on(quantize(_Pass(), method, 4), [torch.zeros(1, 3, 4, 4)])
