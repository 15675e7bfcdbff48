"""Starting bounds for a quantized network from several batches of activations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from srviz.errors import ArgumentError, SiteError
from srviz.quantizers.base import Quantizer
from srviz.quantizers.observers import Observer
from srviz.quantizers.within import quantizers_in


def calibrate_on(net: nn.Module, batches: Iterable[Tensor], *, progress: bool = False) -> None:
    """Set every quantizer's bounds from the activations of several batches; in place.

    PAMS: the bias-corrected moving average of the batches' mean over images of max|x| (the
    release keeps the last batch alone). DDTB: the 1st and 99th percentile of all values
    together (the release: of one batch, and for 2 bits alone). MinMax: the extremes. Bounds per
    channel become bounds per tensor.

    Parameters
    ----------
    net : nn.Module
        From :func:`srviz.quantize`, calibrated or not. While it is observed its quantizers pass
        activations on as they are; quantized weights stay quantized, and BN uses its running
        statistics.
    batches : iterable of Tensor
        What ``net`` takes, e.g. (N, 3, h, w) in [0, 255].

    Raises
    ------
    ArgumentError
        The network is not quantized, there is no batch, or a site is constant (all zero, say).
    NonFiniteError
        NaN or Inf in the activations at a site.
    SiteError
        The network never calls a quantizer.
    """
    observers = {quantizer: quantizer.observer() for quantizer in quantizers_in(net)}
    observe(net, batches, observers, progress=progress)
    for quantizer, observer in observers.items():
        try:
            quantizer.set_bounds(*observer.bounds())
        except ArgumentError as error:
            raise ArgumentError(
                f"the activations at {quantizer.site} are constant on these batches",
                fix="calibrate on real images, or leave the site out with quantize(sites=...)",
            ) from error


def observe(
    net: nn.Module,
    batches: Iterable[Tensor],
    observers: Mapping[Quantizer, Observer],
    *,
    progress: bool = False,
) -> int:
    """Show each quantizer's observer the activations of all batches; the number of batches.

    Errors as in :func:`calibrate_on`.
    """
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    seen = 0
    calls = {quantizer: _Called(observer) for quantizer, observer in observers.items()}
    for quantizer, call in calls.items():
        quantizer.watch = call
    try:
        with torch.no_grad():
            for batch in tqdm(batches, desc="calibrate", disable=not progress):
                net(batch)
                seen += 1
    finally:
        for module, mode in modes:
            module.training = mode
        for quantizer in observers:
            quantizer.watch = None
    if not seen:
        raise ArgumentError("no batch to calibrate on", allowed="one batch of images or more")
    for quantizer, call in calls.items():
        if not call.count:
            raise SiteError(f"the network never calls the quantizer at {quantizer.site}")
    return seen


class _Called:
    """An observer that counts its calls."""

    def __init__(self, observer: Observer) -> None:
        self.observer, self.count = observer, 0

    def update(self, x: Tensor) -> None:
        self.count += 1
        self.observer.update(x)

    def bounds(self) -> tuple[float, ...]:
        return self.observer.bounds()
