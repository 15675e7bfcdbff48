"""CIFAR ResNets (He et al., CVPR 2016, arXiv 1512.03385): the classification counterpart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srviz.errors import ArgumentError
from srviz.networks.norm import norm2d
from srviz.slots import Slot

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, kw_only=True)
class ResNetConfig:
    """Hyper-parameters: ``depth`` is 6 n + 2 with n blocks in each of the three stages."""

    depth: int = 20
    num_classes: int = 10
    norm: Literal["batch"] | None = "batch"


class ResNetBlock(nn.Module):
    """conv1 - norm1 - ReLU - conv2 - norm2, plus a shortcut without parameters, then ReLU.

    Where the block halves the resolution, the shortcut drops every other pixel and pads the new
    channels with zeros on both sides ("option A").
    """

    def __init__(self, c_in: int, c_out: int, norm: str | None) -> None:
        super().__init__()
        self.stride = 1 if c_in == c_out else 2
        self.pad = (c_out - c_in) // 2
        self.slot_in = Slot("conv1")
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=self.stride, padding=1, bias=norm is None)
        self.norm1 = norm2d(norm, c_out)
        self.slot_mid = Slot("conv2")
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=norm is None)
        self.norm2 = norm2d(norm, c_out)
        self.slot_out = Slot()

    def forward(self, x: Tensor) -> Tensor:
        x = self.slot_in(x)
        branch = F.relu(self.norm1(self.conv1(x)))
        branch = self.slot_out(self.norm2(self.conv2(self.slot_mid(branch))))
        if self.stride != 1:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(x + branch)


class ResNet(nn.Module):
    """ResNet-20, -32 or -56 for small images.

    Parameters
    ----------
    config : ResNetConfig
        Depth, number of classes and normalization.

    Notes
    -----
    ``forward`` maps (N, 3, h, w) float32 in [0, 255], of any size from 4 x 4, to the logits
    (N, num_classes). ImageNet's mean and deviation are taken off inside.

    Raises
    ------
    ArgumentError
        The depth is not 6 n + 2.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        n, rest = divmod(config.depth - 2, 6)
        if rest or n < 1:
            raise ArgumentError(f"depth={config.depth}", allowed="6 n + 2: 20, 32, 56, ...")
        self.config, norm = config, config.norm
        self.conv = nn.Conv2d(3, 16, 3, padding=1, bias=norm is None)
        self.norm = norm2d(norm, 16)
        widths = [16] * (n + 1) + [32] * n + [64] * n
        self.blocks = nn.ModuleList(ResNetBlock(a, b, norm) for a, b in itertools.pairwise(widths))
        self.linear = nn.Linear(64, config.num_classes)
        mean = 255 * torch.tensor(IMAGENET_MEAN).reshape(1, 3, 1, 1)
        std = 255 * torch.tensor(IMAGENET_STD).reshape(1, 3, 1, 1)
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("std", std, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm(self.conv((x - self.mean) / self.std)))
        for block in self.blocks:
            y = block(y)
        return self.linear(y.mean((2, 3)))
