"""The convolution + pixel-shuffle upsampler shared by the SR networks."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from srviz.errors import ArgumentError


def upsampler(
    scale: int, n_feats: int, act: Callable[[], nn.Module] | None = None
) -> nn.Sequential:
    """Stages of conv + PixelShuffle(2) (once for x2, twice for x4), or one of 3 for x3.

    ``act`` makes the activation that follows each stage (SRResNet's PReLU); EDSR has none.
    """
    stages = {2: (2,), 3: (3,), 4: (2, 2), 8: (2, 2, 2)}.get(scale)
    if stages is None:
        raise ArgumentError(f"scale {scale}", allowed="2, 3, 4 or 8")
    layers: list[nn.Module] = []
    for r in stages:
        layers += [nn.Conv2d(n_feats, r * r * n_feats, 3, padding=1), nn.PixelShuffle(r)]
        if act is not None:
            layers.append(act())
    return nn.Sequential(*layers)
