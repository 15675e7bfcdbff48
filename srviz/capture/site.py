"""Sites: the named places where a tensor lives, in execution order."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from srviz.capture.hooks import FUNCTIONS, refuse_wrapped, taps
from srviz.capture.inputs import network_inputs
from srviz.errors import SiteError, UnknownNameError
from srviz.networks.forward import forward
from srviz.quantizers.insert import METHODS
from srviz.slots import Slot


@dataclass(frozen=True)
class Site:
    """One place: ``key`` identifies it inside a forward, ``name`` is what users type."""

    name: str
    key: tuple[str, str, int]
    kind: str
    channels: int

    @property
    def module(self) -> str:
        return self.key[0]

    @property
    def call(self) -> int:
        return self.key[2]


def channel_axis(x: Tensor) -> int:
    """1 for (N, C, ...) with at least two spatial axes and for (N, C); last for (N, L, C)."""
    return 2 if x.ndim == 3 else 1


def sites(net: nn.Module, images: Any = None) -> pd.DataFrame:
    """Every place of a network where a tensor can be captured, in execution order.

    Parameters
    ----------
    net : nn.Module
        Any PyTorch network; run once in evaluation mode.
    images : ImageSet or iterable, optional
        The first one is run through the network; a small grey image by default.

    Returns
    -------
    DataFrame
        ``site, depth, kind, module, call, channels``; ``depth`` counts the sites from 0.
    """
    return sites_table(trace(net, images))


def sites_table(found: Sequence[Site], depths: Iterable[int] | None = None) -> pd.DataFrame:
    """The table of :func:`sites` for some sites."""
    rows = [(s.name, s.kind, s.module, s.call, s.channels) for s in found]
    table = pd.DataFrame(rows, columns=["site", "kind", "module", "call", "channels"])
    table.insert(1, "depth", list(range(len(rows)) if depths is None else depths))
    return table


def trace(net: nn.Module, images: Any = None) -> list[Site]:
    """Run one image and list the sites as they are met."""
    refuse_wrapped(net)
    met: list[tuple[tuple[str, str, int], str, int]] = []
    kinds = {path: type(module).__name__ for path, module in net.named_modules()}

    def seen(path: str, tap: str, call: int, x: Tensor) -> None:
        kind = kinds[path] if tap in ("in", "out") else tap
        met.append(((path, tap, call), kind, x.shape[channel_axis(x)]))

    with untouched(net), taps(net, seen, lambda path, tap: True, functions=True) as begin:
        begin()
        name, x = next(iter(network_inputs(net, [_grey(net)] if images is None else images)))
        forward(net, x, name if images is not None else "a grey image")
    last_call = {(path, tap): call for (path, tap, call), _, _ in met}
    return [
        Site(_name(key, shared=last_call[key[:2]] > 0), key, kind, channels)
        for key, kind, channels in met
    ]


def _grey(net: nn.Module) -> Tensor:
    first = next((m for m in net.modules() if isinstance(m, nn.Conv2d)), None)
    channels = 3 if first is None else first.in_channels
    return torch.full((1, channels, 32, 32), 128.0)


def _name(key: tuple[str, str, int], *, shared: bool) -> str:
    path, tap, call = key
    return f"{path}:{tap}" + (f"#{call}" if shared else "")


def select(found: Sequence[Site], pattern: str | Sequence[str]) -> list[Site]:
    """The sites that match a glob, any of several globs, or the word "slots".

    "slots" means what quantizers see: in a quantized network the inputs of its quantizers, else
    the output of every Slot, or, in a network without any, the input of every two-dimensional
    convolution.

    Raises
    ------
    UnknownNameError
        Nothing matches; close names are suggested.
    """
    if pattern == "slots":
        own = {quantizer.__name__ for quantizer in METHODS.values()}
        quantizers = [s for s in found if s.kind in own and s.key[1] == "in"]
        slots = [s for s in found if s.kind == Slot.__name__ and s.key[1] == "out"]
        convs = [s for s in found if s.kind == "Conv2d" and s.key[1] == "in"]
        chosen = quantizers or slots or convs
        if not chosen:
            raise SiteError("the network has neither Slots nor Conv2d layers", fix="pass sites=")
        return chosen
    patterns = [pattern] if isinstance(pattern, str) else list(pattern)
    for one in patterns:
        if not any(_matches(s, one) for s in found):
            raise UnknownNameError.of("site", one, [s.name for s in found])
    return [s for s in found if any(_matches(s, one) for one in patterns)]


def _matches(site: Site, pattern: str) -> bool:
    return fnmatch.fnmatchcase(site.name, pattern) or (
        "#" not in pattern and fnmatch.fnmatchcase(site.name.partition("#")[0], pattern)
    )


def needs_functions(chosen: Sequence[Site]) -> bool:
    """Whether any site is a functional operation, which costs an interception per operation."""
    return any(s.key[1] in FUNCTIONS.values() for s in chosen)


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; training flags, buffers and RNG are as before after."""
    flags = [(module, module.training) for module in net.modules()]
    devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    with torch.random.fork_rng(devices=devices), torch.inference_mode():
        net.eval()
        try:
            yield
        finally:
            for module, training in flags:
                module.training = training
