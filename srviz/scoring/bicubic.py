"""Bicubic interpolation as a network: what a super-resolution network has to beat."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from srviz.data import imresize


class Bicubic(nn.Module):
    """MATLAB-exact bicubic enlargement of 8-bit images.

    Parameters
    ----------
    scale : int
        Upscaling factor.

    Notes
    -----
    ``forward`` maps (N, C, h, w) whole numbers in [0, 255] to (N, C, scale * h, scale * w).
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        pictures = x.permute(0, 2, 3, 1).cpu().numpy().astype(np.uint8)
        fine = np.stack([imresize(picture, self.scale) for picture in pictures])
        return torch.from_numpy(fine).permute(0, 3, 1, 2).to(x)
