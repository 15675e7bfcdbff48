"""Capture of all convolution outputs of EDSR 16 x 64 against the plain forward, interleaved.

Also torch's own per-tensor HistogramObserver on the same hooks, and the memory of the counts.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import torch
from torch import nn
from torch.ao.quantization.observer import HistogramObserver

from benchmarks.interleaved import interleaved
from srviz.capture.hooks import taps
from srviz.capture.run import _Record
from srviz.capture.site import select, trace
from srviz.networks import load_network

SIDE, ROUNDS = 128, 9


def run() -> list[dict[str, object]]:
    """Median of the ratios of neighbouring runs: the machine's drift cancels."""
    torch.manual_seed(0)
    net = load_network("edsr", n_blocks=16, n_feats=64).eval()
    x = torch.rand(1, 3, SIDE, SIDE) * 255
    chosen = [s for s in select(trace(net, [x]), "*:out") if s.kind == "Conv2d"]
    record = _Record(chosen, m=7, per_image=False)
    keys = {s.key[:2] for s in chosen}

    def captured() -> None:
        with taps(net, record.seen, lambda p, t: (p, t) in keys, functions=False) as go:
            go()
            net(x)

    jobs: dict[str, Callable[[], object]] = {
        "plain forward": lambda: net(x),
        "capture": captured,
        "torch HistogramObserver (per tensor)": _observed(net, x),
    }
    with torch.inference_mode():
        times = interleaved(jobs, ROUNDS)
    base = times["plain forward"]
    rows: list[dict[str, object]] = [
        {
            "figure": "plain forward, EDSR 16x64",
            "value": round(statistics.median(base), 3),
            "unit": "s",
            "target": "",
        }
    ]
    for name in list(jobs)[1:]:
        ratio = statistics.median(t / b for t, b in zip(times[name], base, strict=True))
        target = "<= 1.15" if name == "capture" else ""
        rows.append({"figure": name, "value": round(ratio, 3), "unit": "x", "target": target})
    size = sum(state.raw.nbytes for state in record.now.values()) / 2**20
    rows.append(
        {"figure": "capture, histograms", "value": round(size, 1), "unit": "MiB", "target": "< 160"}
    )
    return rows


def _observed(net: nn.Module, x: torch.Tensor) -> Callable[[], object]:
    convs = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    observers = [HistogramObserver() for _ in convs]

    def job() -> None:
        handles = [
            conv.register_forward_hook(lambda m, i, y, o=o: (o(y), None)[1])
            for conv, o in zip(convs, observers, strict=True)
        ]
        net(x)
        for handle in handles:
            handle.remove()

    return job
