"""EDSR (Lim et al., CVPR Workshops 2017, arXiv 1707.02921), optionally with batch normalization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from srviz.networks.norm import norm2d
from srviz.networks.upsampler import upsampler
from srviz.slots import Graph, Slot

DIV2K_MEAN = (0.4488, 0.4371, 0.4040)
"""RGB mean of DIV2K in 0..1, subtracted before the head and added after the tail."""


@dataclass(frozen=True, kw_only=True)
class EDSRConfig:
    """Hyper-parameters of EDSR: the baseline is 16 blocks of 64 features."""

    scale: int = 4
    n_blocks: int = 16
    n_feats: int = 64
    res_scale: float = 1.0
    norm: Literal["batch"] | None = None


class EDSRBlock(nn.Module):
    """conv1 - (norm1) - ReLU - conv2 - (norm2), added to the block's input.

    The quantizers sit where the PAMS paper draws them: ``slot_in`` feeds conv1 *and* the
    shortcut, ``slot_mid`` feeds conv2, ``slot_out`` is the branch before the addition. In the
    released code of PAMS and DDTB ``slot_in`` feeds the shortcut alone.
    """

    graph: Graph = "paper"

    def __init__(self, n_feats: int, res_scale: float, norm: str | None) -> None:
        super().__init__()
        self.slot_in = Slot("conv1", bypassed=True)
        self.conv1 = nn.Conv2d(n_feats, n_feats, 3, padding=1)
        self.norm1 = norm2d(norm, n_feats)
        self.act = nn.ReLU(inplace=True)
        self.slot_mid = Slot("conv2")
        self.conv2 = nn.Conv2d(n_feats, n_feats, 3, padding=1)
        self.norm2 = norm2d(norm, n_feats)
        self.slot_out = Slot()
        self.res_scale = res_scale

    def forward(self, x: Tensor) -> Tensor:
        shortcut = self.slot_in(x)
        branch = self.conv1(x if self.graph == "release" else shortcut)
        branch = self.act(self.norm1(branch))
        branch = self.norm2(self.conv2(self.slot_mid(branch)))
        if self.res_scale != 1:
            branch = branch * self.res_scale
        return shortcut + self.slot_out(branch)


class EDSR(nn.Module):
    """Enhanced deep super-resolution network.

    Parameters
    ----------
    config : EDSRConfig
        Scale, blocks, features, residual scale and normalization.

    Notes
    -----
    ``forward`` maps (N, 3, h, w) float32 in [0, 255] to (N, 3, scale * h, scale * w), unclamped.
    """

    mean: Tensor

    def __init__(self, config: EDSRConfig) -> None:
        super().__init__()
        self.config, self.scale = config, config.scale
        feats = config.n_feats
        self.head = nn.Conv2d(3, feats, 3, padding=1)
        self.blocks = nn.ModuleList(
            EDSRBlock(feats, config.res_scale, config.norm) for _ in range(config.n_blocks)
        )
        self.body_tail = nn.Conv2d(feats, feats, 3, padding=1)
        self.upsampler = upsampler(config.scale, feats)
        self.tail = nn.Conv2d(feats, 3, 3, padding=1)
        mean = 255 * torch.tensor(DIV2K_MEAN).reshape(1, 3, 1, 1)
        self.register_buffer("mean", mean, persistent=False)

    def features(self, x: Tensor) -> Tensor:
        """Features after the global skip, (N, n_feats, h, w): what PAMS distils."""
        x = self.head(x - self.mean)
        y = x
        for block in self.blocks:
            y = block(y)
        return x + self.body_tail(y)

    def reconstruct(self, features: Tensor, x: Tensor) -> Tensor:
        """The image from :meth:`features` of ``x``."""
        return self.tail(self.upsampler(features)) + self.mean

    def forward(self, x: Tensor) -> Tensor:
        return self.reconstruct(self.features(x), x)
