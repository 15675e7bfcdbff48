"""Which sites of a DDTB network get a gate, and how its gates go from warm-up to use."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError
from srviz.quantizers.base import Quantizer
from srviz.quantizers.calibration import observe
from srviz.quantizers.ddtb import DDTB
from srviz.quantizers.gate import Gate
from srviz.quantizers.within import quantizers_in


def select_gates(
    net: nn.Module,
    batches: Iterable[Tensor],
    fraction: float = 0.3,
    *,
    release: bool = False,
) -> pd.DataFrame:
    """Give the sites whose range varies most between batches a gate; in place.

    A site's dynamic intensity is the variance over batches of its maximum plus that of its
    minimum (Zhong et al., ECCV 2022). Call it before the optimizer is built. The gates start in
    their warm-up: add :func:`gate_loss` to the loss, and call :func:`apply_gates` afterwards.

    Parameters
    ----------
    net : nn.Module
        From ``quantize(net, "ddtb", ...)``, without gates.
    batches : iterable of Tensor
        At least two; observed as in :func:`calibrate_on`.
    fraction : float
        Share P of the sites, in (0, 1]; the paper takes 0.3 for EDSR, 0.1 for SRResNet and 0.5
        for RDN. At least one site is chosen.
    release : bool
        The gradient of the released code; see :class:`Gate`.

    Returns
    -------
    DataFrame
        ``site, intensity, gated``, in the order of the network's sites.

    Raises
    ------
    ArgumentError
        ``fraction`` is outside (0, 1], there are fewer than two batches, the network has
        quantizers of another kind, bounds per channel, or gates already.
    """
    if not 0 < fraction <= 1:
        raise ArgumentError(f"fraction={fraction}", allowed="above 0, at most 1")
    quantizers = _ddtb_in(net)
    if any(quantizer.gate is not None for quantizer in quantizers):
        raise ArgumentError("the network has gates already", fix="quantize the original again")
    ranges: dict[Quantizer, _Ranges] = {quantizer: _Ranges() for quantizer in quantizers}
    if observe(net, batches, ranges) < 2:
        raise ArgumentError("1 batch to select gates by", allowed="two batches or more")
    intensity = np.array([seen.intensity() for seen in ranges.values()])
    count = max(1, round(fraction * len(quantizers)))
    gated = np.zeros(len(quantizers), bool)
    gated[np.argsort(-intensity, kind="stable")[:count]] = True
    for index in np.flatnonzero(gated):
        quantizers[index].add_gate(ranges[quantizers[index]].channels, release=release)
    sites = [quantizer.site for quantizer in quantizers]
    return pd.DataFrame({"site": sites, "intensity": intensity, "gated": gated})


def gate_loss(net: nn.Module) -> Tensor:
    """Mean over the gates of mean(logits^2), of the last training batch; 0 after the warm-up.

    Takes the logits away from the gates: call it once per step.
    """
    losses = []
    for module in net.modules():
        if isinstance(module, Gate) and module.logits is not None:
            losses.append(module.logits.square().mean())
            module.logits = None
    return torch.stack(losses).mean() if losses else torch.zeros(())


def apply_gates(net: nn.Module, applied: bool = True) -> None:
    """End the warm-up (after epoch 5 of the paper's 60): from now on gates scale the bounds.

    Raises
    ------
    ArgumentError
        The network has no gates.
    """
    gates = [module for module in net.modules() if isinstance(module, Gate)]
    if not gates:
        raise ArgumentError("the network has no gates", fix="select_gates(net, batches)")
    for gate in gates:
        gate.applied.fill_(applied)
        gate.logits = None


def _ddtb_in(net: nn.Module) -> list[DDTB]:
    quantizers = quantizers_in(net)
    found = [quantizer for quantizer in quantizers if isinstance(quantizer, DDTB)]
    if len(found) < len(quantizers):
        raise ArgumentError("gates for another quantizer", allowed="quantize(net, 'ddtb', ...)")
    return found


class _Ranges:
    """Maximum and minimum of each batch."""

    def __init__(self) -> None:
        self.high: list[float] = []
        self.low: list[float] = []
        self.channels = 0

    def update(self, x: Tensor) -> None:
        self.high.append(float(x.max()))
        self.low.append(float(x.min()))
        self.channels = x.shape[1]

    def bounds(self) -> tuple[float, ...]:
        return max(self.high), min(self.low)

    def intensity(self) -> float:
        return float(np.var(self.high) + np.var(self.low))
