"""Straight-through rounding: round in the forward pass, identity in the backward pass."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return grad


def round_ste(x: Tensor) -> Tensor:
    """Round half to even; the gradient passes through unchanged."""
    out: Tensor = _Round.apply(x)  # pyright: ignore[reportAssignmentType]
    return out
