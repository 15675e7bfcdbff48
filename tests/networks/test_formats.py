"""Published key names, made from our own networks by the inverse maps written down here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from srviz.errors import WeightsError
from srviz.networks import load_network

State = dict[str, Tensor]


def _renamed(net: nn.Module, rules: list[tuple[str, str]]) -> State:
    out = {}
    for key, value in net.state_dict().items():
        for pattern, new in rules:
            if re.fullmatch(pattern, key):
                key = re.sub(pattern, new, key)
                break
        out[key] = value
    return out


def _edsr_pytorch(net: nn.Module, mean: float = 255.0) -> State:
    n = net.config.n_blocks
    second = {"conv1": 0, "norm1": 1, "conv2": 3, "norm2": 4}
    if net.config.norm is None:
        second = {"conv1": 0, "conv2": 2}
    rules = [(rf"blocks\.(\d+)\.{a}\.(.*)", rf"body.\1.body.{i}.\2") for a, i in second.items()]
    rules += [
        (r"body_tail\.(.*)", rf"body.{n}.\1"),
        (r"head\.(.*)", r"head.0.\1"),
        (r"upsampler\.(.*)", r"tail.0.\1"),
        (r"tail\.(.*)", r"tail.1.\1"),
    ]
    state = _renamed(net, rules)
    for sign, name in ((-1, "sub_mean"), (1, "add_mean")):
        state[f"{name}.weight"] = torch.eye(3).reshape(3, 3, 1, 1)
        state[f"{name}.bias"] = sign * mean * torch.tensor([0.4488, 0.4371, 0.4040])
    return state


def _basicsr(net: nn.Module) -> State:
    return _renamed(
        net,
        [
            (r"blocks\.(.*)", r"body.\1"),
            (r"body_tail\.(.*)", r"conv_after_body.\1"),
            (r"head\.(.*)", r"conv_first.\1"),
            (r"upsampler\.(.*)", r"upsample.\1"),
            (r"tail\.(.*)", r"conv_last.\1"),
        ],
    )


def _loads(net: nn.Module, state: object, path: Path, **asked: object) -> nn.Module:
    torch.save(state, path)
    back = load_network("edsr", scale=net.scale, weights=path, **asked)
    x = torch.rand(1, 3, 8, 8) * 255
    with torch.inference_mode():
        assert torch.equal(back(x), net.eval()(x))
    return back


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("norm", [None, "batch"])
def test_edsr_pytorch(tmp_path: Path, scale: int, norm: str | None) -> None:
    net = load_network("edsr", scale=scale, norm=norm, n_blocks=11, n_feats=4)
    assert _loads(net, _edsr_pytorch(net), tmp_path / "a.pt").config == net.config


@pytest.mark.parametrize("wrap", ["params", "params_ema"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_basicsr(tmp_path: Path, scale: int, wrap: str) -> None:
    net = load_network("edsr", scale=scale, n_blocks=3, n_feats=4)
    back = _loads(net, {wrap: _basicsr(net)}, tmp_path / "a.pth")
    assert back.config == net.config


def test_params_ema_is_preferred(tmp_path: Path) -> None:
    ema = load_network("edsr", n_blocks=1, n_feats=4)
    raw = load_network("edsr", n_blocks=1, n_feats=4)
    _loads(ema, {"params": _basicsr(raw), "params_ema": _basicsr(ema)}, tmp_path / "a.pth")


def test_data_parallel_prefix(tmp_path: Path) -> None:
    net = load_network("edsr", n_blocks=2, n_feats=4)
    state = {f"module.{key}": value for key, value in _edsr_pytorch(net).items()}
    _loads(net, {"state_dict": state}, tmp_path / "a.pt")


def test_rgb_range_1_and_other_means_are_refused(tmp_path: Path) -> None:
    net = load_network("edsr", n_blocks=1, n_feats=4)
    with pytest.raises(WeightsError, match="rgb_range 1;"):
        _loads(net, _edsr_pytorch(net, mean=1), tmp_path / "a.pt")
    with pytest.raises(WeightsError, match="subtract the mean"):
        _loads(net, _edsr_pytorch(net, mean=128), tmp_path / "a.pt")


def test_the_large_edsr_is_assumed_to_scale_its_residuals(tmp_path: Path) -> None:
    net = load_network("edsr", n_blocks=1, n_feats=256, scale=2, res_scale=0.1)
    assert _loads(net, _edsr_pytorch(net), tmp_path / "a.pt").config.res_scale == 0.1
    plain = load_network("edsr", n_blocks=1, n_feats=256, scale=2)
    _loads(plain, _edsr_pytorch(plain), tmp_path / "a.pt", res_scale=1.0)
