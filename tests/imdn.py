"""IMDN (Hui et al., ACM MM 2019): the tests' example of a network srviz has never seen."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn


class ContrastAttention(nn.Module):
    """Channel weights from the contrast (standard deviation + mean) of each channel."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.conv_du = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        contrast = x.std((2, 3), correction=0, keepdim=True) + x.mean((2, 3), keepdim=True)
        return x * self.conv_du(contrast)


class IMDB(nn.Module):
    """Information multi-distillation block: three slices kept, the rest refined."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kept = channels // 4
        rest = channels - self.kept
        self.c1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.c2 = nn.Conv2d(rest, channels, 3, padding=1)
        self.c3 = nn.Conv2d(rest, channels, 3, padding=1)
        self.c4 = nn.Conv2d(rest, self.kept, 3, padding=1)
        self.act = nn.LeakyReLU(0.05, inplace=True)
        self.c5 = nn.Conv2d(channels, channels, 1)
        self.cca = ContrastAttention(channels)

    def forward(self, x: Tensor) -> Tensor:
        slices, rest = [], x
        for conv in (self.c1, self.c2, self.c3):
            y = self.act(conv(rest))
            slices.append(y[:, : self.kept])
            rest = y[:, self.kept :]
        slices.append(self.c4(rest))
        return self.c5(self.cca(torch.cat(slices, 1))) + x


class IMDN(nn.Module):
    """(N, 3, h, w) in [0, 255] to (N, 3, 4 h, 4 w); the weights work in 0..1."""

    def __init__(self, channels: int = 64, n_blocks: int = 6, scale: int = 4) -> None:
        super().__init__()
        self.scale, self.n_blocks = scale, n_blocks
        self.fea_conv = nn.Conv2d(3, channels, 3, padding=1)
        for i in range(n_blocks):
            setattr(self, f"IMDB{i + 1}", IMDB(channels))
        self.c = nn.Sequential(
            nn.Conv2d(n_blocks * channels, channels, 1), nn.LeakyReLU(0.05, inplace=True)
        )
        self.LR_conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.upsampler = nn.Sequential(
            nn.Conv2d(channels, 3 * scale * scale, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        first = y = self.fea_conv(x / 255)
        outs = []
        for i in range(self.n_blocks):
            y = getattr(self, f"IMDB{i + 1}")(y)
            outs.append(y)
        return 255 * self.upsampler(self.LR_conv(self.c(torch.cat(outs, 1))) + first)


def load_imdn(weights: Path) -> IMDN:
    """IMDN x4 with published weights, strictly."""
    net = IMDN()
    net.load_state_dict(load_file(weights))
    return net.eval()
