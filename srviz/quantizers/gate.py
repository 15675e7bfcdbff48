"""DDTB's gate controller: how far each image stretches or shrinks the bounds of a site."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.quantizers.affine import fake_quantize
from srviz.quantizers.weight import quantize_weight

_BITS, _HIDDEN = 2, 32


class Gate(nn.Module):
    """Two factors in (0, 2) per image, for the upper and the lower bound.

    Mean over the pixels - 2 bits - 1x1 convolution C to 32 - BN - ReLU - 2 bits - 1x1 convolution
    32 to 2 - 2 * sigmoid. The convolutions have no bias and ternary weights, so a gate costs next
    to nothing. Zhong et al., ECCV 2022, arXiv 2203.03844.

    During the warm-up the gate runs in training only, and is not applied: the loss
    :func:`srviz.quantizers.gate_loss` pulls its logits to 0, that is, the factors to 1.

    Parameters
    ----------
    channels : int
        Channels C of the activations.
    release : bool
        Cut the gradient at the quantized activations, as the released code does, which leaves
        all but the last convolution where they were initialised.

    Attributes
    ----------
    applied : bool Tensor
        False during the warm-up. Saved with the weights, as ``release`` is.
    logits : Tensor (N, 2) or None
        Of the last training batch of the warm-up, until the loss takes them.

    Notes
    -----
    In training the 2-bit grids span the whole batch, as in the paper. In evaluation they span
    one image, so that a score does not depend on the batch an image is in; the released code
    evaluates images one by one, which is the same.
    """

    applied: Tensor
    release: Tensor

    def __init__(self, channels: int, *, release: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, _HIDDEN, 1, bias=False)
        self.norm = nn.BatchNorm2d(_HIDDEN)
        self.conv2 = nn.Conv2d(_HIDDEN, 2, 1, bias=False)
        for conv in (self.conv1, self.conv2):
            quantize_weight(conv, _BITS)
        self.register_buffer("applied", torch.tensor(False))
        self.register_buffer("release", torch.tensor(release))
        self.logits: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor | None:
        """Factors (N, 2) for activations (N, C, H, W); None during the warm-up.

        Raises
        ------
        ArgumentError
            Training with a batch of one image, of which BN has no statistics.
        """
        applied = bool(self.applied)
        if not applied and not self.training:
            return None
        if self.training and len(x) == 1:
            raise ArgumentError("a gate in training with 1 image", allowed="batches of 2 or more")
        logits = self._logits(x.detach())
        self.logits = logits if not applied and torch.is_grad_enabled() else None
        return 2 * torch.sigmoid(logits) if applied else None

    def _logits(self, x: Tensor) -> Tensor:
        # Under autocast the convolutions would move to half precision.
        with torch.autocast(x.device.type, enabled=False):
            pooled = x.to(self.norm.weight.dtype).mean((2, 3), keepdim=True)
            hidden = torch.relu(self.norm(self.conv1(self._two_bits(pooled))))
            return self.conv2(self._two_bits(hidden)).flatten(1)

    def _two_bits(self, x: Tensor) -> Tensor:
        over = (0, 1, 2, 3) if self.training else (1, 2, 3)
        lower = x.detach().amin(over, keepdim=True)
        # A constant has no range of its own (every unit of the ReLU may be off).
        upper = torch.maximum(x.detach().amax(over, keepdim=True), lower + 1e-6 * (1 + lower.abs()))
        codes, offset = 2**_BITS - 1, 2 ** (_BITS - 1)
        quantized = fake_quantize(x.detach(), lower, upper, codes=codes, offset=offset)
        # Straight through everywhere: the extremes are the bounds, but nothing is clipped.
        return quantized if bool(self.release) else x + (quantized - x).detach()

    def __getstate__(self) -> dict[str, Any]:
        # Logits belong to a graph, which cannot be copied.
        return {**self.__dict__, "logits": None}
