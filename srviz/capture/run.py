"""The capture: images through the network, histograms out."""

from __future__ import annotations

import hashlib
import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from srviz.capture.hooks import taps
from srviz.capture.inputs import network_inputs
from srviz.capture.kernels import Accumulator, accumulator
from srviz.capture.profile import IMAGE_M, Profile
from srviz.capture.site import (
    Site,
    channel_axis,
    needs_functions,
    select,
    sites_table,
    trace,
    untouched,
)
from srviz.capture.sparse import SparseHistogram
from srviz.histogram import Histogram
from srviz.networks.forward import forward


def capture(
    net: nn.Module,
    images: Any,
    *,
    sites: str | Sequence[str] = "slots",
    per_image: bool = False,
    label: str | None = None,
    m: int = 7,
    progress: bool = True,
) -> Profile:
    """Record exact per-channel histograms of a network's tensors on images.

    Parameters
    ----------
    net : nn.Module
        Any PyTorch network. It runs in evaluation mode; its mode, buffers, hooks and the random
        state are the same afterwards, and its output is bit-equal to an uncaptured one.
    images : ImageSet or iterable
        What :func:`srviz.load_images` gives, arrays (h, w, 3) or tensors (C, h, w) or
        (N, C, h, w), values in [0, 255]. Only one is in memory at a time.
    sites : str or sequence of str
        Globs of site names (see :func:`srviz.sites`), or "slots": what quantizers see, or would.
    per_image : bool
        Also keep statistics and (coarser, sparse) histograms of every image.
    label : str, optional
        Name of the network in tables and figures; its class by default.
    m : int
        Mantissa bits of the histograms: bins are 2^-m wide, relative to their value.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Profile
        After Ctrl-C, of the images done so far, with ``meta["complete"]`` False and a warning;
        a second Ctrl-C stops at once.

    Raises
    ------
    UnknownNameError
        No site matches a pattern.
    NetworkError
        The network failed on an image, which is named.
    SiteError
        The network is wrapped or compiled, so that hooks see nothing.
    """
    images = list(images) if isinstance(images, Iterator) else images
    found = trace(net, images)
    chosen = select(found, sites)
    depths = [found.index(s) for s in chosen]
    record = _Record(chosen, m, per_image)
    keys = {s.key[:2] for s in chosen}
    total = len(images) if hasattr(images, "__len__") else None
    with (
        untouched(net),
        _stop_after_image() as stopped,
        taps(
            net, record.seen, lambda p, t: (p, t) in keys, functions=needs_functions(chosen)
        ) as go,
        tqdm(
            total=total, desc=f"capture {label or type(net).__name__}", disable=not progress
        ) as bar,
    ):
        for name, x in network_inputs(net, images):
            go()
            forward(net, x, name)
            record.image_done(name, x)
            bar.update()
            if stopped.is_set():
                break
    complete = len(record.names) == total or not stopped.is_set()
    prof = Profile.build(
        label=label or type(net).__name__,
        sites=sites_table(chosen, depths),
        histograms=record.histograms(),
        images=record.images,
        image_names=record.names if per_image else [],
        meta=_meta(net, images, record, m, complete),
    )
    _warn(prof, complete, total)
    return prof


class _Record:
    """Accumulators of every chosen site, and what each image left."""

    def __init__(self, chosen: Sequence[Site], m: int, per_image: bool) -> None:
        self.names_of = {s.key: s.name for s in chosen}
        self.m, self.per_image = m, per_image
        self.now: dict[str, Accumulator] = {}
        self.total: dict[str, Histogram] = {}
        self.images: dict[tuple[str, int], SparseHistogram] = {}
        self.names: list[str] = []
        self.digest = hashlib.sha256()

    def seen(self, path: str, tap: str, call: int, x: Tensor) -> None:
        name = self.names_of.get((path, tap, call))
        if name is None:
            return
        axis = channel_axis(x)
        flat = x.detach().movedim(axis, 0).reshape(x.shape[axis], -1)
        if name not in self.now:
            self.now[name] = accumulator(len(flat), self.m, x.device)
        self.now[name].add(flat)

    def image_done(self, name: str, x: Tensor) -> None:
        self.digest.update(np.ascontiguousarray(x.cpu().numpy()).tobytes())
        if self.per_image:
            for site, state in self.now.items():
                one = state.histogram()
                self.images[site, len(self.names)] = SparseHistogram.of(
                    one.coarsen(min(IMAGE_M, self.m))
                )
                self.total[site] = self.total[site] + one if site in self.total else one
            self.now.clear()
        self.names.append(name)

    def histograms(self) -> dict[str, Histogram]:
        done = self.total or {site: state.histogram() for site, state in self.now.items()}
        return {name: done[name] for name in self.names_of.values() if name in done}


def _meta(net: nn.Module, images: Any, record: _Record, m: int, complete: bool) -> dict[str, Any]:
    config = getattr(net, "config", None)
    return {
        "network": type(net).__name__,
        "config": {} if config is None else {k: getattr(config, k) for k in vars(config)},
        "weights_sha256": getattr(net, "weights_sha256", None) or _weights_sha256(net),
        "images": getattr(images, "name", None),
        "images_count": len(record.names),
        "images_sha256": record.digest.hexdigest(),
        "m": m,
        "complete": complete,
        "versions": {"srviz": version("srviz"), "torch": torch.__version__},
    }


def _weights_sha256(net: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in net.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _warn(prof: Profile, complete: bool, total: int | None) -> None:
    if not complete:
        done = prof.meta["images_count"]
        of = "" if total is None else f" of {total}"
        warnings.warn(f"capture stopped after {done}{of} images", stacklevel=3)
    for site in prof.site_names:
        h = prof.histogram(site)
        nan, inf = int(h.nan.sum()), int((h.posinf + h.neginf).sum())
        if nan or inf:
            warnings.warn(f"{prof.label}, {site}: {nan} NaN and {inf} Inf", stacklevel=3)


@contextmanager
def _stop_after_image() -> Iterator[threading.Event]:
    """Turn Ctrl-C into a flag, so that every captured image is whole."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    old = signal.getsignal(signal.SIGINT)

    def stop(signum: int, frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, old)
