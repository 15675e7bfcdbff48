"""The two graphs of a block, written out by hand; what is quantized only if told."""

from __future__ import annotations

import pytest
import torch
from imdn import IMDN
from torch import Tensor, nn

from srviz.errors import ArgumentError, SiteError, UnknownNameError
from srviz.grid import Grid, Grids
from srviz.networks import load_network
from srviz.quantizers import calibrate_on, placement_of, quantize

X = torch.rand(2, 3, 9, 10, generator=torch.Generator().manual_seed(0)) * 255


def _net(name: str, norm: str | None) -> nn.Module:
    torch.manual_seed(1)
    net = load_network(name, n_blocks=2, n_feats=8, norm=norm)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):  # so that a site before BN would show
            nn.init.uniform_(module.weight, 0.5, 2.0)
            nn.init.uniform_(module.bias, -3.0, 3.0)
    return net.eval()


def _quantized(net: nn.Module, graph: str, method: str = "pams") -> nn.Module:
    quantized = quantize(net, method, 3, weights=True, graph=graph)
    calibrate_on(quantized, [X])
    return quantized


def _block_input(net: nn.Module) -> Tensor:
    seen: list[Tensor] = []
    net.blocks[1].register_forward_hook(lambda m, args, out: seen.extend([args[0], out]))
    net(X)
    return seen


@pytest.mark.parametrize("norm", [None, "batch"])
@pytest.mark.parametrize("graph", ["paper", "release"])
def test_edsr(norm: str | None, graph: str) -> None:
    q = _quantized(_net("edsr", norm), graph)
    x, got = _block_input(q)
    b = q.blocks[1]
    read = x if graph == "release" else b.slot_in(x)
    y = b.slot_mid(torch.relu(b.norm1(b.conv1(read))))
    expected = b.slot_in(x) + b.slot_out(b.norm2(b.conv2(y)))
    assert torch.equal(got, expected)
    assert not torch.equal(x, b.slot_in(x))


@pytest.mark.parametrize("norm", [None, "batch"])
@pytest.mark.parametrize("graph", ["paper", "release"])
def test_srresnet(norm: str | None, graph: str) -> None:
    q = _quantized(_net("srresnet", norm), graph, "ddtb")
    x, got = _block_input(q)
    b = q.blocks[1]
    y = b.norm2(b.conv2(b.slot_mid(b.act(b.norm1(b.conv1(b.slot_in(x)))))))
    expected = x + y if graph == "release" else b.slot_in(x) + b.slot_out(y)
    assert torch.equal(got, expected)


@pytest.mark.parametrize("name", ["edsr", "srresnet"])
@pytest.mark.parametrize("norm", [None, "batch"])
def test_without_quantizers_both_graphs_compute_the_same(name: str, norm: str | None) -> None:
    net = _net(name, norm)
    expected = net(X)
    for block in net.blocks:
        block.graph = "release"
    assert torch.equal(net(X), expected)


def test_the_table_of_edsr() -> None:
    net = _net("edsr", None)
    paper = placement_of(quantize(net, "pams", 4, weights=True))
    release = placement_of(quantize(net, "pams", 4, weights=True, graph="release"))
    assert list(paper.columns) == [
        *("site", "quantizer", "bits", "granularity", "weight_bits", "graph", "convs")
    ]
    assert list(paper.weight_bits) == list(release.weight_bits) == [4, 4, 32] * 2
    assert set(paper.graph) == {"paper"}
    assert set(release.graph) == {"release"}
    assert list(paper.convs[:3]) == ["blocks.0.conv1", "blocks.0.conv2", ""]
    assert list(release.convs[:3]) == ["", "blocks.0.conv2", ""]
    assert net.blocks[0].graph == "paper", "the original is untouched"


def test_the_table_of_srresnet() -> None:
    net = _net("srresnet", "batch")
    release = placement_of(quantize(net, "ddtb", 4, weights=True, graph="release"))
    sites = [f"blocks.{i}.slot_{s}:out" for i in range(2) for s in ("in", "mid")]
    assert list(release.site) == sites
    assert list(release.convs) == [f"blocks.{i}.conv{k}" for i in range(2) for k in (1, 2)]


def test_head_tail_and_upsampler_stay_full_precision_unless_told() -> None:
    net = _net("edsr", None)
    default = quantize(net, "pams", 4, weights=True)
    whole = quantize(net, "pams", 4, weights=True, whole=True)
    extra = ["head:in", "body_tail:in", "upsampler.0:in", "upsampler.2:in", "tail:in"]
    sites = list(placement_of(default).site)
    assert list(placement_of(whole).site) == [extra[0], *sites, *extra[1:]]
    assert (placement_of(whole).weight_bits == 32).sum() == 2  # the two slot_out
    calibrate_on(whole, [X])
    assert whole(X).shape == (2, 3, 36, 40)
    assert len(whole.head.weight.unique()) <= 15
    assert len(default.head.weight.unique()) > 15


def test_a_convolution_outside_the_slots_by_name() -> None:
    net = _net("edsr", None)
    named = quantize(net, "pams", 4, sites=["blocks.0.*", "head", "upsampler.*:in"])
    assert list(placement_of(named).site) == [
        "head:in",
        *(f"blocks.0.slot_{s}:out" for s in ("in", "mid", "out")),
        *("upsampler.0:in", "upsampler.2:in"),
    ]
    grids = Grids.build([("tail:in", None, None, "pams", 4, Grid.symmetric(9.0, 4))])
    assert list(placement_of(quantize(net, "pams", 4, grids)).site) == ["tail:in"]
    assert len(placement_of(quantize(net, "pams", 4, sites="*"))) == 6, "all slots, no more"
    with pytest.raises(SiteError, match="did you mean 'tail:in'"):
        quantize(net, "pams", 4, sites="tial:in")


def test_idn_with_everything() -> None:
    net = load_network("idn", n_blocks=1)
    sites = list(placement_of(quantize(net, "ddtb", 4, whole=True)).site)
    assert sites[:2] == ["fblock.conv1:in", "fblock.conv2:in"]
    assert sites[-2:] == ["blocks.0.compress:in", "deconv:in"]
    assert len(sites) == 10


def test_a_foreign_network_has_one_graph() -> None:
    net = IMDN(channels=16, n_blocks=1)
    paper, release = (
        placement_of(quantize(net, "pams", 4, weights=True, graph=graph))
        for graph in ("paper", "release")
    )
    assert list(paper.site) == list(release.site)
    assert all(row.convs + ":in" == row.site for row in paper.itertuples())


def test_refused() -> None:
    net = _net("edsr", None)
    with pytest.raises(UnknownNameError, match="did you mean 'release'"):
        quantize(net, "pams", 4, graph="relase")
    with pytest.raises(ArgumentError, match="not quantized"):
        placement_of(net)
    weights_only = quantize(net, "pams", 4, weights=True)
    for block in weights_only.blocks:
        block.slot_in = block.slot_mid = block.slot_out = nn.Identity()
    with pytest.raises(ArgumentError, match="quantized already"):
        quantize(weights_only, "pams", 4)


@pytest.mark.parametrize("method", ["pams", "ddtb", "minmax"])
@pytest.mark.parametrize("graph", ["paper", "release"])
@pytest.mark.parametrize("norm", [None, "batch"])
def test_a_strict_load_into_a_network_just_quantized(method, graph, norm) -> None:
    net = _net("edsr", norm)
    trained = _quantized(net, graph, method)
    fresh = quantize(load_network("edsr", n_blocks=2, n_feats=8, norm=norm), method, 3,
                     weights=True, graph=graph)  # fmt: skip
    fresh.load_state_dict(trained.state_dict(), strict=True)
    assert torch.equal(fresh.eval()(X), trained(X))
