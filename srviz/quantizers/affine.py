"""Clip, round, rescale between two trainable bounds: the operation behind PAMS and DDTB."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from srviz.quantizers import kernels


def fake_quantize(
    x: Tensor, lower: Tensor, upper: Tensor, *, codes: int, offset: int, slope: bool = True
) -> Tensor:
    """``q = (round(s * clip(x, lower, upper) - z) + z) / s``, rounding half to even.

    ``s = codes / (upper - lower)`` and ``z = round(s * lower) + offset``. DDTB has codes
    2^b - 1 and offset 2^(b-1); PAMS is the symmetric case: codes 2n, offset n, hence z = 0.

    Parameters
    ----------
    x : Tensor
        Any shape.
    lower, upper : Tensor
        Both of shape () or both broadcastable to ``x``: (1, C, 1, 1) for bounds per channel,
        (N, 1, 1, 1) per sample.
    codes, offset : int
        Number of steps between the bounds, and the code of ``lower`` with its sign changed.
    slope : bool
        Whether values inside the bounds pull at them by their rounding error; without it only
        clipped values do, as in PACT.

    Notes
    -----
    Gradients, straight through the rounding: 1 strictly between the bounds and 0 elsewhere for
    ``x``; ``[x >= upper] + (q - clip(x)) / (upper - lower)`` for ``upper`` and
    ``[x <= lower] - (q - clip(x)) / (upper - lower)`` for ``lower`` (the zero point's own terms
    cancel). Only ``x`` is kept for the backward pass.
    """
    out: Tensor = _FakeQuantize.apply(x, lower, upper, codes, offset, slope)  # pyright: ignore[reportAssignmentType]
    return out


class _FakeQuantize(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, lower: Tensor, upper: Tensor, codes: int, offset: int, slope: bool
    ) -> Tensor:
        ctx.save_for_backward(x, lower, upper)
        ctx.codes, ctx.offset, ctx.slope = codes, offset, slope
        constants = _constants(lower, upper, codes, offset)
        rows = _Rows.of(x, lower)
        if rows is None:
            return _quantized(torch.clamp(x, lower, upper), *constants[2:])
        out = torch.empty_like(x)
        kernels.forward(rows.flat(x), rows.per_row(constants), rows.flat(out))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        x, lower, upper = ctx.saved_tensors
        constants = _constants(lower, upper, ctx.codes, ctx.offset)
        rows = _Rows.of(x, lower)
        passes = _torch_backward if rows is None else rows.backward
        grad_x, above, below, error = passes(x, grad, constants)
        pull = error / (upper - lower) if ctx.slope else torch.zeros_like(lower)
        return grad_x, below - pull, above + pull, None, None, None


def _constants(lower: Tensor, upper: Tensor, codes: int, offset: int) -> tuple[Tensor, ...]:
    """Lower, upper, scale, zero point and step."""
    width = upper - lower
    scale = codes / width
    return lower, upper, scale, (scale * lower).round_() + offset, width / codes


def _quantized(clipped: Tensor, scale: Tensor, zero: Tensor, step: Tensor) -> Tensor:
    return clipped.mul_(scale).sub_(zero).round_().add_(zero).mul_(step)


def _torch_backward(
    x: Tensor, grad: Tensor, constants: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The kernel's four results for any device, type and layout."""
    lower, upper, *rest = constants
    clipped = torch.clamp(x, lower, upper)
    error = _quantized(clipped.clone(), *rest).sub_(clipped).mul_(grad)
    over, under = x >= upper, x <= lower
    above, below = (torch.where(part, grad, 0) for part in (over, under))
    grad_x = grad.masked_fill(over | under, 0)
    sums = [part.sum_to_size(lower.shape) for part in (above, below, error)]
    return grad_x, sums[0], sums[1], sums[2]


class _Rows:
    """How the kernels see a dense tensor: one row for each pair of bounds, in memory order."""

    def __init__(self, x: Tensor, lead: int, memory_format: torch.memory_format) -> None:
        self.shape = (*x.shape[:lead], *(1 for _ in x.shape[lead:]))
        self.count = x.shape[:lead].numel()
        self.memory_format = memory_format

    @classmethod
    def of(cls, x: Tensor, bound: Tensor) -> _Rows | None:
        """None where the kernels do not apply: not single precision, not on the CPU, strided."""
        single = x.dtype == bound.dtype == torch.float32
        if not single or x.device.type != "cpu" or bound.ndim not in (0, x.ndim) or not x.numel():
            return None
        # The bounds vary over the leading dimensions, up to the last that is not 1.
        lead = max((d + 1 for d, n in enumerate(bound.shape) if n > 1), default=0)
        if x.is_contiguous():
            return cls(x, lead, torch.contiguous_format)
        if lead <= 1 and x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
            return cls(x, lead, torch.channels_last)
        return None

    def flat(self, x: Tensor) -> NDArray[np.float32]:
        if self.memory_format == torch.channels_last:
            x = x.permute(0, 2, 3, 1)
        return x.detach().view(self.count, -1).numpy()

    def per_row(self, constants: tuple[Tensor, ...]) -> NDArray[np.float32]:
        rows = [constant.detach().expand(self.shape).reshape(-1) for constant in constants]
        return torch.stack(rows).numpy()

    def backward(
        self, x: Tensor, grad: Tensor, constants: tuple[Tensor, ...]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        grad = grad.contiguous(memory_format=self.memory_format)
        grad_x, sums = torch.empty_like(x), np.zeros((self.count, 3))
        kernels.backward(
            self.flat(x), self.flat(grad), self.per_row(constants), self.flat(grad_x), sums
        )
        bound = constants[0]
        per_bound = (
            torch.from_numpy(column.reshape(self.shape)).sum_to_size(bound.shape).to(bound.dtype)
            for column in sums.T
        )
        above, below, error = per_bound
        return grad_x, above, below, error
