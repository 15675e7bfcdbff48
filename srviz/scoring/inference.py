"""Running a network over an image: whole, or in overlapping patches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.networks.forward import forward, scale_of

Mode = Literal["whole", "patch"]
MODES = ("whole", "patch")


def upscale(
    net: nn.Module,
    lr: Tensor,
    mode: Mode = "whole",
    *,
    patch: int = 96,
    step: int = 90,
    name: str = "an image",
) -> Tensor:
    """Super-resolve one image.

    Parameters
    ----------
    net : nn.Module
        With the attribute ``scale``; (1, C, h, w) in [0, 255] to (1, C, scale h, scale w).
    lr : Tensor, shape (1, C, h, w)
    mode : {"whole", "patch"}
        "patch" cuts the LR into overlapping squares of side ``patch`` every ``step`` pixels (the
        last row and column reach the border) and keeps the middle of every overlap, as the
        patch-wise methods CADyQ and CABM do; each SR patch is clamped and rounded.
    name : str
        What a failure calls the image.

    Returns
    -------
    Tensor, shape (1, C, scale h, scale w)
    """
    if mode not in MODES:
        raise ArgumentError(f"mode {mode!r}", allowed="'whole' or 'patch'")
    if not 0 < step <= patch:
        raise ArgumentError(f"step {step} of patches of {patch}", allowed="1 to the patch side")
    # Convolutions on the CPU are half again to twice as fast when channels lie together.
    lr = lr.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        if mode == "whole":
            return forward(net, lr, name)
        return _stitch(net, lr, patch, step, name)


def _stitch(net: nn.Module, lr: Tensor, patch: int, step: int, name: str) -> Tensor:
    s = scale_of(net)
    n, c, height, width = lr.shape
    out = lr.new_empty(n, c, s * height, s * width)
    cut = (patch - step) // 2
    for top, bottom in _spans(height, patch, step):
        for left, right in _spans(width, patch, step):
            sr = forward(net, lr[..., top:bottom, left:right], name).clamp(0, 255).round()
            # Away from the image's border, leave `cut` LR pixels of the overlap to the neighbour.
            y, x = (top + cut if top else 0), (left + cut if left else 0)
            out[..., s * y : s * bottom, s * x : s * right] = sr[
                ..., s * (y - top) :, s * (x - left) :
            ]
    return out


def _spans(length: int, patch: int, step: int) -> Iterator[tuple[int, int]]:
    """Patches along one axis; the last one is extended to the end of the image."""
    starts = list(range(0, max(1, length - patch + 1), step))
    for start in starts[:-1]:
        yield start, start + patch
    yield starts[-1], length
