"""SRResNet, the generator of SRGAN (Ledig et al., CVPR 2017, arXiv 1609.04802)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from srviz.networks.norm import norm2d
from srviz.networks.upsampler import upsampler
from srviz.slots import Graph, Slot


@dataclass(frozen=True, kw_only=True)
class SRResNetConfig:
    """Hyper-parameters of SRResNet; as published 16 blocks of 64 features with BN.

    ``rgb_range`` is the range the weights were trained for, 255 or 1. ``output`` is "linear" as
    published, or "tanh" for generators that end in ``(tanh(y) + 1) / 2``.
    """

    scale: int = 4
    n_blocks: int = 16
    n_feats: int = 64
    rgb_range: float = 255.0
    output: Literal["linear", "tanh"] = "linear"
    norm: Literal["batch"] | None = "batch"


class SRResNetBlock(nn.Module):
    """conv1 - norm1 - PReLU - conv2 - norm2, added to the block's input.

    The slots are those of EDSR's block. In the released code of DDTB ``slot_in`` feeds conv1
    alone, the shortcut stays full precision, and there is no quantizer at ``slot_out``.
    """

    graph: Graph = "paper"

    def __init__(self, n_feats: int, norm: str | None) -> None:
        super().__init__()
        self.slot_in = Slot("conv1")
        self.conv1 = nn.Conv2d(n_feats, n_feats, 3, padding=1)
        self.norm1 = norm2d(norm, n_feats)
        self.act = nn.PReLU()
        self.slot_mid = Slot("conv2")
        self.conv2 = nn.Conv2d(n_feats, n_feats, 3, padding=1)
        self.norm2 = norm2d(norm, n_feats)
        self.slot_out = Slot(paper_only=True)

    def forward(self, x: Tensor) -> Tensor:
        quantized = self.slot_in(x)
        branch = self.act(self.norm1(self.conv1(quantized)))
        shortcut = x if self.graph == "release" else quantized
        return shortcut + self.slot_out(self.norm2(self.conv2(self.slot_mid(branch))))


class BodyTail(nn.Module):
    """The convolution and normalization in front of the global skip."""

    def __init__(self, n_feats: int, norm: str | None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_feats, n_feats, 3, padding=1)
        self.norm = norm2d(norm, n_feats)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class SRResNet(nn.Module):
    """Residual super-resolution network with batch normalization and 9x9 head and tail.

    Parameters
    ----------
    config : SRResNetConfig
        Scale, blocks, features, range and kind of the output, normalization.

    Notes
    -----
    ``forward`` maps (N, 3, h, w) float32 in [0, 255] to (N, 3, scale * h, scale * w); unclamped
    unless the output is a tanh.
    """

    def __init__(self, config: SRResNetConfig) -> None:
        super().__init__()
        self.config, self.scale = config, config.scale
        feats = config.n_feats
        self.head = nn.Conv2d(3, feats, 9, padding=4)
        self.head_act = nn.PReLU()
        self.blocks = nn.ModuleList(
            SRResNetBlock(feats, config.norm) for _ in range(config.n_blocks)
        )
        self.body_tail = BodyTail(feats, config.norm)
        self.upsampler = upsampler(config.scale, feats, nn.PReLU)
        self.tail = nn.Conv2d(feats, 3, 9, padding=4)

    def features(self, x: Tensor) -> Tensor:
        """Features after the global skip, (N, n_feats, h, w)."""
        x = self.head_act(self.head(x * (self.config.rgb_range / 255)))
        y = x
        for block in self.blocks:
            y = block(y)
        return x + self.body_tail(y)

    def reconstruct(self, features: Tensor, x: Tensor) -> Tensor:
        """The image from :meth:`features` of ``x``."""
        y = self.tail(self.upsampler(features))
        if self.config.output == "tanh":
            return (torch.tanh(y) + 1) * (255 / 2)
        return y * (255 / self.config.rgb_range)

    def forward(self, x: Tensor) -> Tensor:
        return self.reconstruct(self.features(x), x)
