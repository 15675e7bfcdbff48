"""IDN, information distillation network (Hui, Wang, Gao, CVPR 2018, arXiv 1803.09454)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srviz.networks.norm import norm2d
from srviz.slots import Slot


@dataclass(frozen=True, kw_only=True)
class IDNConfig:
    """Hyper-parameters of IDN; the published network is 4 blocks, D = 64, d = 16, s = 4.

    ``rgb_range`` is the range the weights were trained for: 255, or 1 for the published Caffe
    weights. ``channels`` is 3 (RGB) or 1 (luma only, as published). ``align`` is which of the
    scale x scale pixels made from one pixel the transposed convolution is centred on; the
    published weights are for the last.
    """

    scale: int = 4
    n_blocks: int = 4
    n_feats: int = 64
    distilled: int = 16
    groups: int = 4
    channels: int = 3
    rgb_range: float = 255.0
    align: Literal["first", "last"] = "first"
    norm: Literal["batch"] | None = None


class FeatureBlock(nn.Module):
    """Two 3x3 convolutions with leaky ReLU (0.05) in front of the distillation blocks."""

    def __init__(self, channels: int, n_feats: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, n_feats, 3, padding=1)
        self.conv2 = nn.Conv2d(n_feats, n_feats, 3, padding=1)
        self.act = nn.LeakyReLU(0.05, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv2(self.act(self.conv1(x))))


class Unit(nn.Module):
    """conv - (norm) - leaky ReLU (0.05), with a quantizer slot on the convolution's input."""

    def __init__(self, c_in: int, c_out: int, groups: int, norm: str | None) -> None:
        super().__init__()
        self.slot = Slot("conv")
        self.conv = nn.Conv2d(c_in, c_out, 3, padding=1, groups=groups)
        self.norm = norm2d(norm, c_out)
        self.act = nn.LeakyReLU(0.05, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(self.slot(x))))


class DistillationBlock(nn.Module):
    """Enhancement unit (top, bottom) with an information slice, and a 1x1 compression."""

    def __init__(self, config: IDNConfig) -> None:
        super().__init__()
        feats, d, g, norm = config.n_feats, config.distilled, config.groups, config.norm
        self.kept = feats - feats // config.groups
        self.top = nn.Sequential(
            Unit(feats, feats - d, 1, norm),
            Unit(feats - d, feats - 2 * d, g, norm),
            Unit(feats - 2 * d, feats, 1, norm),
        )
        self.bottom = nn.Sequential(
            Unit(self.kept, feats, 1, norm),
            Unit(feats, feats - d, g, norm),
            Unit(feats - d, feats + d, 1, norm),
        )
        self.compress = nn.Conv2d(feats + d, feats, 1)
        self.act = nn.LeakyReLU(0.05, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        top = self.top(x)
        enhanced = self.bottom(top[:, : self.kept])
        # Not in place: `x` is still the block's input, which other readers may hold.
        enhanced = enhanced + torch.cat((x, top[:, self.kept :]), 1)
        return self.act(self.compress(enhanced))


class IDN(nn.Module):
    """Information distillation network with a bicubic skip around the whole network.

    Parameters
    ----------
    config : IDNConfig
        Scale, blocks, features and normalization.

    Notes
    -----
    ``forward`` maps (N, C, h, w) float32 in [0, 255] to (N, C, scale * h, scale * w), unclamped.
    The skip is MATLAB's bicubic (a = -0.5), as in the Caffe release; PyTorch's own default
    kernel (a = -0.75) costs about 0.2 dB before training. The transposed convolution must give
    scale * h pixels: the ``output_padding`` of 1 found in public ports is right only for x2.
    The Caffe release crops the first scale - 1 rows and columns of the skip instead, that is,
    its kernel is centred on the last pixel (``align="last"``).
    """

    def __init__(self, config: IDNConfig) -> None:
        super().__init__()
        self.config, self.scale = config, config.scale
        self.fblock = FeatureBlock(config.channels, config.n_feats)
        self.blocks = nn.ModuleList(DistillationBlock(config) for _ in range(config.n_blocks))
        last = config.align == "last"
        self.deconv = nn.ConvTranspose2d(
            config.n_feats,
            config.channels,
            17,
            stride=config.scale,
            padding=9 - config.scale if last else 8,
            output_padding=0 if last else config.scale - 1,
        )

    def features(self, x: Tensor) -> Tensor:
        """Features before the transposed convolution, (N, n_feats, h, w)."""
        y = self.fblock(x * (self.config.rgb_range / 255))
        for block in self.blocks:
            y = block(y)
        return y

    def reconstruct(self, features: Tensor, x: Tensor) -> Tensor:
        """The image from :meth:`features` of ``x``, and from ``x`` itself by bicubic."""
        skip = F.interpolate(
            x.float(), scale_factor=self.scale, mode="bicubic", align_corners=False, antialias=True
        )
        fine = self.deconv(features)[..., : skip.shape[2], : skip.shape[3]]
        return skip + fine * (255 / self.config.rgb_range)

    def forward(self, x: Tensor) -> Tensor:
        return self.reconstruct(self.features(x), x)
