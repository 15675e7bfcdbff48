"""Normalization layers: build, add without changing the function, fold away, freeze."""

from __future__ import annotations

from torch import nn

from srviz.errors import ArgumentError


def norm2d(kind: str | None, channels: int) -> nn.Module:
    """A normalization layer over (N, channels, H, W), or an identity when ``kind`` is None."""
    if kind is None:
        return nn.Identity()
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    raise ArgumentError(f"norm {kind!r}", allowed="None or 'batch'")
