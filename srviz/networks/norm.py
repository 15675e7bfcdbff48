"""Normalization layers: build, add without changing the function, fold away, freeze."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from srviz.errors import ArgumentError

_CONV_OF = {"norm": "conv", "norm1": "conv1", "norm2": "conv2"}
"""Each normalization of srviz's networks, and the convolution before it, by attribute name."""


def norm2d(kind: str | None, channels: int) -> nn.Module:
    """A normalization layer over (N, channels, H, W), or an identity when ``kind`` is None."""
    if kind is None:
        return nn.Identity()
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    raise ArgumentError(f"norm {kind!r}", allowed="None or 'batch'")


def add_norm(net: nn.Module, kind: str = "batch") -> nn.Module:
    """A copy with normalization after the body's convolutions that computes the same function.

    The layers start with running mean 0 and variance 1 - eps, hence as the identity in
    evaluation mode. In training mode batch statistics take over, as in any BN network.

    Parameters
    ----------
    net : nn.Module
        A network of srviz without normalization (``config.norm`` is None).
    kind : {"batch"}
        The normalization.

    Raises
    ------
    ArgumentError
        The network has normalization already, or is not one of srviz's.
    """
    if _norm(net) is not None:
        raise ArgumentError("the network has normalization already", fix="fold_norm it first")
    out = copy.deepcopy(net)
    for parent, name, conv in _pairs(out):
        layer = norm2d(kind, conv.out_channels).to(conv.weight)
        assert isinstance(layer, nn.BatchNorm2d)
        with torch.no_grad():
            layer.running_var -= layer.eps  # pyright: ignore[reportOperatorIssue]
        setattr(parent, name, layer)
    return _configured(out, kind).train(net.training)


def fold_norm(net: nn.Module) -> nn.Module:
    """A copy without normalization, whose convolutions have absorbed the running statistics.

    Its output equals that of ``net`` in evaluation mode, up to rounding (1e-5 of the range).

    Raises
    ------
    ArgumentError
        The network has no normalization, or is not one of srviz's.
    """
    if _norm(net) is None:
        raise ArgumentError("the network has no normalization to fold", fix="add_norm adds it")
    out = copy.deepcopy(net)
    for parent, name, conv in _pairs(out):
        _fold(conv, getattr(parent, name))
        setattr(parent, name, nn.Identity())
    return _configured(out, None).train(net.training)


def freeze_norm(net: nn.Module) -> nn.Module:
    """Keep BN at its running statistics from now on, also in training mode; in place.

    The scales and shifts stay trainable. Works on any network.

    Returns
    -------
    nn.Module
        ``net`` itself.
    """
    for parent in list(net.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is nn.BatchNorm2d:
                # A change of class keeps parameters, buffers, hooks and state_dict keys.
                layer.__class__ = FrozenBatchNorm2d
                getattr(parent, name).train(parent.training)
    return net


class FrozenBatchNorm2d(nn.BatchNorm2d):
    """Batch normalization that always uses its running statistics and never updates them."""

    def train(self, mode: bool = True) -> FrozenBatchNorm2d:
        super().train(False)
        return self


def _norm(net: nn.Module) -> str | None:
    config = getattr(net, "config", None)
    if config is None or not hasattr(config, "norm"):
        raise ArgumentError(
            f"{type(net).__name__} is not a network of srviz with a choice of normalization",
            allowed="EDSR, IDN, SRResNet and ResNet from load_network",
        )
    return config.norm


def _pairs(net: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Conv2d]]:
    """Parent, attribute name of the normalization, and the convolution before it."""
    for parent in list(net.modules()):
        for name, conv_name in _CONV_OF.items():
            conv = getattr(parent, conv_name, None)
            if isinstance(getattr(parent, name, None), nn.Module) and isinstance(conv, nn.Conv2d):
                yield parent, name, conv


def _fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    # In double, so that folding costs no more than one rounding of the weights.
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    bias = torch.zeros_like(scale) if conv.bias is None else conv.bias.double()
    bias = (bias - norm.running_mean.double()) * scale + norm.bias.double()
    weight = conv.weight.double() * scale.reshape(-1, 1, 1, 1)
    conv.weight = nn.Parameter(weight.detach().to(conv.weight.dtype))
    conv.bias = nn.Parameter(bias.detach().to(conv.weight.dtype))


def _configured(net: nn.Module, norm: str | None) -> Any:
    net.config = replace(net.config, norm=norm)  # pyright: ignore[reportArgumentType]
    return net
