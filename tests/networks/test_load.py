"""load_network: sizes read from files, strict loading, errors that say what the file is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from srviz.errors import ArgumentError, UnknownNameError, WeightsError
from srviz.networks import list_networks, load_network, save_weights

SMALL = {
    "edsr": {"n_blocks": 2, "n_feats": 8},
    "idn": {"n_blocks": 1, "n_feats": 16, "distilled": 4},
    "srresnet": {"n_blocks": 2, "n_feats": 8},
    "resnet20": {"num_classes": 7},
}
SCALED = ["edsr", "idn", "srresnet"]


def _same(a: nn.Module, b: nn.Module) -> bool:
    x = torch.rand(1, 3, 12, 9) * 255
    with torch.inference_mode():
        return torch.equal(a.eval()(x), b.eval()(x))


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("name", SCALED)
def test_maps_to_scale_times_the_size(name: str, scale: int) -> None:
    net = load_network(name, scale=scale, **SMALL[name])
    assert net(torch.rand(2, 3, 7, 10) * 255).shape == (2, 3, 7 * scale, 10 * scale)
    assert net.scale == scale
    assert net.weights_sha256 is None


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (20, 13)])
def test_resnet_takes_any_size(size: tuple[int, int]) -> None:
    net = load_network("resnet20", num_classes=7)
    assert net(torch.rand(2, 3, *size) * 255).shape == (2, 7)


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (56, 0.85)])
def test_resnets_have_the_parameters_of_the_paper(depth: int, millions: float) -> None:
    net = load_network(f"resnet{depth}")
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(millions, abs=0.01)


def test_edsr_baseline_has_the_published_number_of_parameters() -> None:
    assert sum(p.numel() for p in load_network("edsr").parameters()) == 1_517_571


@pytest.mark.parametrize("name", SMALL)
def test_saved_weights_come_back_with_their_sizes(name: str, tmp_path: Path) -> None:
    net = load_network(name, **SMALL[name])
    path = save_weights(net, tmp_path / "a" / "net.safetensors")
    back = load_network(name, weights=path)
    assert back.config == net.config
    assert not back.training
    assert len(back.weights_sha256) == 64
    assert _same(net, back)


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
@pytest.mark.parametrize("wrap", ["plain", "params", "params_ema", "state_dict", "module"])
@pytest.mark.parametrize("name", SMALL)
def test_plain_state_dicts_show_their_sizes(
    name: str, wrap: str, suffix: str, tmp_path: Path
) -> None:
    net = load_network(name, **SMALL[name])
    state = dict(net.state_dict())
    if wrap == "module":
        state = {f"module.{key}": value for key, value in state.items()}
    elif wrap != "plain":
        state = {wrap: state}
    torch.save(state, tmp_path / f"net_x4{suffix}")
    back = load_network(name, weights=tmp_path / f"net_x4{suffix}")
    assert back.config == net.config
    assert _same(net, back)


@pytest.mark.parametrize("name", ["edsr", "idn"])
def test_normalization_is_read_from_the_file(name: str, tmp_path: Path) -> None:
    net = load_network(name, norm="batch", **SMALL[name])
    path = save_weights(net, tmp_path / "bn.safetensors")
    assert load_network(name, weights=path).config.norm == "batch"
    plain = save_weights(load_network(name, **SMALL[name]), tmp_path / "plain.safetensors")
    with pytest.raises(WeightsError, match="asked for norm='batch'"):
        load_network(name, weights=plain, norm="batch")


def test_another_architecture_is_named(tmp_path: Path) -> None:
    torch.save(load_network("edsr", n_blocks=8).state_dict(), tmp_path / "net.pt")
    with pytest.raises(WeightsError, match=r"this is EDSR 8 x 64, x4, not idn"):
        load_network("idn", weights=tmp_path / "net.pt")


def test_another_scale_is_named(tmp_path: Path) -> None:
    torch.save(load_network("edsr", n_blocks=8).state_dict(), tmp_path / "net.pt")
    with pytest.raises(WeightsError, match=r"this is EDSR 8 x 64, x4; asked for scale=2"):
        load_network("edsr", scale=2, weights=tmp_path / "net.pt")


def test_idn_takes_its_scale_from_the_name_of_the_file(tmp_path: Path) -> None:
    net = load_network("idn", scale=2, **SMALL["idn"])
    torch.save(net.state_dict(), tmp_path / "IDN_x2.pth")
    with pytest.raises(WeightsError, match="x2; asked for scale=4"):
        load_network("idn", weights=tmp_path / "IDN_x2.pth")
    assert load_network("idn", scale=2, weights=tmp_path / "IDN_x2.pth").scale == 2


def test_other_sizes_than_asked_for_are_refused(tmp_path: Path) -> None:
    path = save_weights(load_network("edsr", **SMALL["edsr"]), tmp_path / "net.safetensors")
    with pytest.raises(WeightsError, match="asked for n_blocks=3"):
        load_network("edsr", weights=path, n_blocks=3)


def test_a_missing_and_a_surplus_tensor_are_named(tmp_path: Path) -> None:
    state = load_network("edsr", **SMALL["edsr"]).state_dict()
    del state["tail.bias"]
    state["more"] = torch.zeros(1)
    torch.save(state, tmp_path / "net.pt")
    with pytest.raises(WeightsError, match=r"tail\.bias is missing; more is not expected"):
        load_network("edsr", weights=tmp_path / "net.pt")


def test_foreign_keys_are_shown(tmp_path: Path) -> None:
    torch.save(nn.Sequential(nn.Conv2d(3, 3, 1)).state_dict(), tmp_path / "net.pt")
    with pytest.raises(WeightsError, match=r"no network srviz knows \(it holds 0\.weight"):
        load_network("edsr", weights=tmp_path / "net.pt")


def test_unknown_names_suggest_close_ones() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'edsr'"):
        load_network("esdr")
    with pytest.raises(UnknownNameError, match="did you mean 'n_blocks'"):
        load_network("edsr", n_block=3)
    with pytest.raises(ArgumentError, match="scale 5"):
        load_network("edsr", scale=5)
    with pytest.raises(ArgumentError, match="norm 'bath'"):
        load_network("edsr", norm="bath")


def test_absent_bundled_weights_are_an_error_that_lists_what_there_is() -> None:
    with pytest.raises(WeightsError, match="no bundled weights 'srresnet_x3'"):
        load_network("srresnet", scale=3, weights="bundled")


def test_the_table_of_networks() -> None:
    table = list_networks().set_index("network")
    assert list(table.index) == ["edsr", "idn", "srresnet", "resnet20", "resnet32", "resnet56"]
    assert "n_blocks, n_feats" in table.loc["edsr", "options"]


def test_every_bundled_file_loads_from_the_table() -> None:
    for row in list_networks().itertuples():
        for file in filter(None, row.bundled.split(", ")):
            stem = file.removesuffix(".safetensors")
            norm = "batch" if stem.endswith("_bn") else None
            net = load_network(row.network, norm=norm, weights="bundled")
            assert next(net.parameters()).isfinite().all()
