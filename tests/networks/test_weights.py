"""Files of weights: damaged, unsafe, unwritable."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import nn

from srviz.errors import ArgumentError, OutputError, WeightsError
from srviz.networks import load_network, save_weights
from srviz.networks.weights import read_weights

MARKER = "ran.txt"


@pytest.fixture
def net() -> nn.Module:
    return load_network("edsr", n_blocks=1, n_feats=4)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth"])
@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_truncated_file_is_refused(
    net: nn.Module, tmp_path: Path, suffix: str, kept: float
) -> None:
    path = tmp_path / f"net{suffix}"
    if suffix == ".safetensors":
        save_weights(net, path)
    else:
        torch.save(net.state_dict(), path)
    data = path.read_bytes()
    path.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    with pytest.raises(WeightsError, match="truncated") as error:
        load_network("edsr", weights=path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("new", [True, False])
def test_a_pickle_cut_anywhere_is_one_clear_line(net: nn.Module, tmp_path: Path, new: bool) -> None:
    path = tmp_path / "net.pth"
    torch.save(net.state_dict(), path, _use_new_zipfile_serialization=new)
    whole = path.read_bytes()
    for kept in range(0, len(whole) - 1, 61):
        path.write_bytes(whole[:kept])
        with pytest.raises(WeightsError, match=r"net\.pth") as error:
            load_network("edsr", weights=path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(), (4, 0, 3, 3)])
@pytest.mark.parametrize("name", ["edsr", "idn"])
def test_impossible_shapes_are_refused(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    state = {key: torch.zeros(shape) for key in load_network(name, n_blocks=1).state_dict()}
    torch.save(state, tmp_path / "net_x4.pt")
    with pytest.raises(WeightsError, match="net_x4"):
        load_network(name, weights=tmp_path / "net_x4.pt")


def test_keys_that_are_no_names_are_refused(tmp_path: Path) -> None:
    torch.save({3: torch.zeros(1)}, tmp_path / "net.pt")
    with pytest.raises(WeightsError, match="not a table of tensors"):
        load_network("edsr", weights=tmp_path / "net.pt")


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.write_text, (self.path, "ran")


@pytest.mark.parametrize("protocol", ["torch", "legacy", "pickle"])
def test_a_pickle_with_code_is_refused_and_does_not_run(tmp_path: Path, protocol: str) -> None:
    path, marker = tmp_path / "net.pth", tmp_path / MARKER
    if protocol == "pickle":
        path.write_bytes(pickle.dumps({"w": Evil(marker)}, protocol=2))
    else:
        new = protocol == "torch"
        torch.save({"w": Evil(marker)}, path, _use_new_zipfile_serialization=new)
    with pytest.raises(WeightsError, match="refused") as error:
        load_network("edsr", weights=path)
    assert not marker.exists()
    assert "\n" not in str(error.value)


def test_a_whole_pickled_module_is_refused(net: nn.Module, tmp_path: Path) -> None:
    torch.save(net, tmp_path / "net.pt")
    with pytest.raises(WeightsError, match="refused"):
        load_network("edsr", weights=tmp_path / "net.pt")


def test_a_missing_file_and_a_file_without_tensors(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no file"):
        load_network("edsr", weights=tmp_path / "none.pt")
    torch.save({"epoch": 3}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="not a table of tensors"):
        load_network("edsr", weights=tmp_path / "other.pt")


def test_the_file_says_what_it_is(net: nn.Module, tmp_path: Path) -> None:
    path = save_weights(net.to(memory_format=torch.channels_last), tmp_path / "net.safetensors")
    with safe_open(path, "pt") as file:
        assert file.metadata()["network"] == "edsr"
    read = read_weights(path)
    assert read.config == {"n_blocks": 1, "n_feats": 4, "norm": None, "res_scale": 1.0, "scale": 4}
    assert [p.name for p in tmp_path.iterdir()] == ["net.safetensors"]


def test_only_networks_of_srviz_are_saved(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="not a network of srviz"):
        save_weights(nn.Conv2d(3, 3, 1), tmp_path / "net.safetensors")


def test_an_unwritable_place_is_one_clear_line(net: nn.Module, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        save_weights(net, tmp_path / "file" / "net.safetensors")
