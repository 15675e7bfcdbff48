"""Read a network's hyper-parameters from the shapes of its weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from torch import Tensor

from srviz.errors import WeightsError

State = dict[str, Tensor]


def _shape(state: State, key: str) -> tuple[int, ...]:
    if key not in state:
        raise WeightsError(f"the weights lack {key}")
    return tuple(state[key].shape)


def _count(state: State, pattern: str) -> int:
    """How many different numbers stand in the group of ``pattern`` at the start of the keys."""
    return len({m.group(1) for key in state if (m := re.match(pattern, key))})


def _scale(state: State, n_feats: int) -> int:
    """Upscaling factor of a conv + PixelShuffle upsampler."""
    scale = 1
    for key in state:
        if re.fullmatch(r"upsampler\.\d+\.weight", key) and state[key].ndim == 4:
            scale *= round((state[key].shape[0] / n_feats) ** 0.5)
    return scale


def edsr(state: State) -> tuple[str, dict[str, Any]]:
    """EDSR's sizes, from srviz's keys."""
    feats = _shape(state, "head.weight")[0]
    norm = "batch" if any(".norm1." in key for key in state) else None
    return "edsr", {
        "scale": _scale(state, feats),
        "n_blocks": _count(state, r"blocks\.(\d+)\."),
        "n_feats": feats,
        "norm": norm,
    }


def idn(state: State) -> tuple[str, dict[str, Any]]:
    """IDN's sizes, from srviz's keys. Its transposed convolution does not show the scale."""
    feats, channels = _shape(state, "fblock.conv1.weight")[:2]
    first = _shape(state, "blocks.0.top.0.conv.weight")[0]
    per_group = _shape(state, "blocks.0.top.1.conv.weight")[1]
    norm = "batch" if any(".norm." in key for key in state) else None
    return "idn", {
        "n_blocks": _count(state, r"blocks\.(\d+)\."),
        "n_feats": feats,
        "distilled": feats - first,
        "groups": first // per_group,
        "channels": channels,
        "norm": norm,
    }


def srresnet(state: State) -> tuple[str, dict[str, Any]]:
    """SRResNet's sizes, from srviz's keys."""
    feats = _shape(state, "head.weight")[0]
    norm = "batch" if any(".norm1." in key for key in state) else None
    return "srresnet", {
        "scale": _scale(state, feats),
        "n_blocks": _count(state, r"blocks\.(\d+)\."),
        "n_feats": feats,
        "norm": norm,
    }


def resnet(state: State) -> tuple[str, dict[str, Any]]:
    """Depth and classes of a CIFAR ResNet, from srviz's keys."""
    depth = 2 * _count(state, r"blocks\.(\d+)\.") + 2
    norm = "batch" if any(".norm1." in key for key in state) else None
    classes = _shape(state, "linear.weight")[0]
    return f"resnet{depth}", {"depth": depth, "num_classes": classes, "norm": norm}


SIZES: dict[str, Callable[[State], tuple[str, dict[str, Any]]]] = {
    "edsr": edsr,
    "idn": idn,
    "srresnet": srresnet,
    "resnet": resnet,
}


def assumed(network: str, hyper: dict[str, Any]) -> dict[str, Any]:
    """Hyper-parameters no shape shows, as the published networks of these sizes have them."""
    return {"res_scale": 0.1} if network == "edsr" and hyper["n_feats"] >= 256 else {}


def title(network: str, hyper: dict[str, Any]) -> str:
    """What a reader calls the network, for example 'EDSR 8 x 64, x4'."""
    name = {"edsr": "EDSR", "idn": "IDN", "srresnet": "SRResNet"}.get(network)
    if name is None:
        return network.replace("resnet", "ResNet-") + f", {hyper.get('num_classes', '?')} classes"
    text = f"{name} {hyper.get('n_blocks', '?')} x {hyper.get('n_feats', '?')}"
    if "scale" in hyper:
        text += f", x{hyper['scale']}"
    return text + (", with BN" if hyper.get("norm") == "batch" else "")
