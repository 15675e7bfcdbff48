"""quantize: where quantizers go, what the copy shares, and what is refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from imdn import IMDN
from torch import nn

from srviz.errors import ArgumentError, SiteError, UnknownNameError
from srviz.grid import Grid, Grids
from srviz.networks import load_network, save_weights
from srviz.quantizers import quantize, read_grids

GRID = {
    "pams": lambda bits, k=1: Grid.symmetric(90.0 * k, bits),
    "minmax": lambda bits, k=1: Grid.affine(-80.0 * k, 90.0 * k, bits),
    "ddtb": lambda bits, k=1: Grid.affine(-80.0 * k, 90.0 * k, bits, zero_point=True),
}
COLUMNS = ["site", "quantizer", "bits", "granularity", "weight_bits"]
EDSR_SITES = [f"blocks.{i}.slot_{s}:out" for i in range(2) for s in ("in", "mid", "out")]


@pytest.fixture
def net() -> nn.Module:
    return load_network("edsr", n_blocks=2, n_feats=8).eval()


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(1, 3, 10, 12) * 255


def _grids(sites: list[str], method: str = "pams", bits: int = 4) -> Grids:
    return Grids.build([(site, None, None, method, bits, GRID[method](bits)) for site in sites])


@pytest.mark.parametrize("method", list(GRID))
def test_every_slot_of_edsr_is_quantized(net: nn.Module, x: torch.Tensor, method: str) -> None:
    quantized = quantize(net, method, 4, _grids(EDSR_SITES, method))
    table = quantized.placement
    assert list(table.columns)[:5] == COLUMNS
    assert list(table["site"]) == EDSR_SITES
    assert set(table["quantizer"]) == {method}
    assert set(table["granularity"]) == {"tensor"}
    assert set(table["weight_bits"]) == {32}
    seen: dict[str, np.ndarray] = {}
    for site in EDSR_SITES:
        module = quantized.get_submodule(site.removesuffix(":out"))
        module.register_forward_hook(
            lambda m, args, out, site=site: seen.update({site: out.unique().numpy()})
        )
    with torch.inference_mode():
        quantized(x)
    for site in EDSR_SITES:
        levels = np.asarray(GRID[method](4).levels)
        assert np.abs(seen[site][:, None] - levels).min(1).max() < 1e-4


def test_the_original_is_untouched_and_8_bits_come_close(net: nn.Module, x: torch.Tensor) -> None:
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with torch.inference_mode():
        expected = net(x)
        quantized = quantize(net, "pams", 8, _grids(EDSR_SITES, bits=8))
        assert 0 < (quantized(x) - expected).abs().mean() < 5
        assert torch.equal(net(x), expected)
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())
    assert not hasattr(net, "placement")
    assert not quantized.training


@pytest.mark.parametrize(("weights", "bits"), [(True, 4), (8, 8), (2, 2)])
def test_weights_of_the_convolutions_behind_each_slot(
    net: nn.Module, x: torch.Tensor, weights: bool | int, bits: int
) -> None:
    quantized = quantize(net, "pams", 4, _grids(EDSR_SITES), weights=weights)
    assert list(quantized.placement["weight_bits"]) == [bits, bits, 32] * 2
    quantized(x).mean().backward()
    for i in range(2):
        for name in ("conv1", "conv2"):
            conv = quantized.get_submodule(f"blocks.{i}.{name}")
            assert len(conv.weight.unique()) <= 2**bits - 1
            assert conv.parametrizations.weight.original.grad is not None
    for name in ("head", "body_tail", "tail"):
        original = net.get_submodule(name).weight
        assert torch.equal(quantized.get_submodule(name).weight, original)


@pytest.mark.parametrize("name", ["idn", "srresnet", "resnet20"])
def test_the_other_networks(name: str, x: torch.Tensor) -> None:
    hyper = {"resnet20": {}, "idn": {"n_blocks": 1}, "srresnet": {"n_blocks": 2, "n_feats": 8}}
    net = load_network(name, **hyper[name]).eval()
    sites = list(quantize(net, "minmax", 4).placement["site"])
    assert len(sites) == {"idn": 6, "srresnet": 6, "resnet20": 27}[name]
    quantized = quantize(net, "minmax", 4, _grids(sites, "minmax"), weights=True)
    assert quantized(x).shape == net(x).shape


def test_a_foreign_network_is_quantized_at_its_convolutions_inputs(x: torch.Tensor) -> None:
    net = IMDN(channels=16, n_blocks=2).eval()
    convs = [name for name, m in net.named_modules() if isinstance(m, nn.Conv2d)]
    sites = [f"{name}:in" for name in convs]
    quantized = quantize(net, "minmax", 8, _grids(sites, "minmax", 8), weights=8)
    assert list(quantized.placement["site"]) == sites
    assert set(quantized.placement["weight_bits"]) == {8}
    inputs = []
    quantized.IMDB1.c2.register_forward_pre_hook(lambda m, args: inputs.append(args[0]))
    with torch.inference_mode():
        out = quantized(x)
        assert out.shape == net(x).shape
        assert not torch.equal(out, net(x))
    levels = np.asarray(GRID["minmax"](8).levels)
    assert np.abs(inputs[0].unique().numpy()[:, None] - levels).min(1).max() < 1e-4
    assert isinstance(quantized.fea_conv, nn.Conv2d)
    assert not any("quantizer" in name for name, _ in net.named_modules())
    assert not net.fea_conv._forward_pre_hooks


def test_a_quantized_foreign_network_can_be_copied_and_pickled(x: torch.Tensor) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(True), nn.Conv2d(4, 3, 3)).eval()
    quantized = quantize(net, "pams", 4, _grids(["0:in", "2:in"]))
    with torch.inference_mode():
        expected = quantized(x)
        assert torch.equal(copy.deepcopy(quantized)(x), expected)
        assert torch.equal(pickle.loads(pickle.dumps(quantized))(x), expected)


def test_a_convolution_called_twice_has_bounds_for_both_calls(x: torch.Tensor) -> None:
    net = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1))
    rows = [(f"0:in#{k}", None, None, "minmax", 4, GRID["minmax"](4, k + 1)) for k in range(2)]
    (row,) = read_grids(quantize(net, "minmax", 4, Grids.build(rows)))
    assert (row.grid.lo, row.grid.hi) == (-160, 180)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("blocks.1.*", EDSR_SITES[3:]),
        (["*slot_mid:out"], [EDSR_SITES[1], EDSR_SITES[4]]),
        (["blocks.0.slot_in", "blocks.1.slot_out:out"], [EDSR_SITES[0], EDSR_SITES[5]]),
    ],
)
def test_some_of_the_sites(net, x, pattern, expected) -> None:
    quantized = quantize(net, "pams", 4, _grids(EDSR_SITES), sites=pattern, weights=True)
    assert list(quantized.placement["site"]) == expected
    assert [row.site for row in read_grids(quantized)] == expected
    assert quantized(x).shape == (1, 3, 40, 48)


def test_grids_choose_the_sites_they_name(net: nn.Module) -> None:
    quantized = quantize(net, "pams", 4, _grids(EDSR_SITES[2:4]))
    assert list(quantized.placement["site"]) == EDSR_SITES[2:4]


def test_grids_of_several_methods_and_bits_serve_each_its_own(net: nn.Module) -> None:
    mixed = _grids(EDSR_SITES) + _grids(EDSR_SITES, "ddtb", 3) + _grids(EDSR_SITES, "ddtb", 2)
    assert set(read_grids(quantize(net, "ddtb", 3, mixed)).frame["bits"]) == {3}


@pytest.mark.parametrize("method", list(GRID))
def test_read_grids_returns_what_was_put_in(net: nn.Module, method: str) -> None:
    grids = _grids(EDSR_SITES, method, 3)
    back = read_grids(quantize(net, method, 3, grids))
    for given, got in zip(grids, back, strict=True):
        assert (got.site, got.method, got.bits, got.channel) == (given.site, method, 3, None)
        np.testing.assert_allclose(got.grid.levels, given.grid.levels, rtol=1e-6)


def test_grids_per_channel(net: nn.Module, x: torch.Tensor) -> None:
    rows = [
        (site, channel, None, "minmax", 4, GRID["minmax"](4, channel + 1))
        for site in EDSR_SITES
        for channel in range(8)
    ]
    quantized = quantize(net, "minmax", 4, Grids.build(rows))
    assert set(quantized.placement["granularity"]) == {"channel"}
    assert quantized(x).shape == (1, 3, 40, 48)
    back = list(read_grids(quantized))
    assert [row.channel for row in back[:8]] == list(range(8))
    np.testing.assert_allclose(back[7].grid.hi, 8 * 90.0)


def test_without_grids_it_waits_for_calibration(net: nn.Module, x: torch.Tensor) -> None:
    quantized = quantize(net, "pams", 4)
    with pytest.raises(ArgumentError, match=r"blocks\.0\.slot_in:out is not calibrated"):
        quantized(x)
    with pytest.raises(ArgumentError, match="not calibrated"):
        read_grids(quantized)


def test_quantized_state_loads_into_an_uncalibrated_copy(net: nn.Module, x: torch.Tensor) -> None:
    quantized = quantize(net, "ddtb", 4, _grids(EDSR_SITES, "ddtb"), weights=True)
    other = quantize(net, "ddtb", 4, weights=True)
    other.load_state_dict(quantized.state_dict())
    with torch.inference_mode():
        assert torch.equal(other(x), quantized(x))


def test_bad_arguments(net: nn.Module, tmp_path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pams'"):
        quantize(net, "pasm", 4)
    for bits in (1, 9, 4.5):
        with pytest.raises(ArgumentError, match="2 to 8"):
            quantize(net, "pams", bits)
    with pytest.raises(ArgumentError, match="2 to 8"):
        quantize(net, "pams", 4, weights=1)
    quantized = quantize(net, "pams", 4)
    with pytest.raises(ArgumentError, match="quantized already"):
        quantize(quantized, "pams", 4)
    with pytest.raises(ArgumentError, match="not quantized"):
        read_grids(net)
    with pytest.raises(ArgumentError, match="is quantized"):
        save_weights(quantized, tmp_path / "net.safetensors")


def test_bad_sites_and_grids(net: nn.Module) -> None:
    with pytest.raises(SiteError, match=r"did you mean 'blocks\.0\.slot_in:out'"):
        quantize(net, "pams", 4, sites="blocks.0.slotin:out")
    with pytest.raises(SiteError, match="no row for"):
        quantize(net, "pams", 4, _grids(EDSR_SITES[:1]), sites=EDSR_SITES[1])
    with pytest.raises(SiteError, match="unknown site of the grids 'body:out'"):
        quantize(net, "pams", 4, _grids(["body:out"]))
    for method, bits in (("pams", 3), ("minmax", 4)):
        with pytest.raises(ArgumentError, match=f"no grid for {method} with {bits} bits; .*pams 4"):
            quantize(net, method, bits, _grids(EDSR_SITES))
    with pytest.raises(SiteError, match="neither slots nor Conv2d"):
        quantize(nn.Linear(2, 2), "pams", 4)
