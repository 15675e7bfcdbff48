"""A quantized training step (student alone) against the full-precision one, interleaved.

EDSR 16 x 64 at x4, batch 4, LR patch 48, 4 bits for activations and weights: forward pass, L1,
backward pass and Adam. Once with memory as the C library handles it, once with memory kept.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import torch
from torch import nn

from benchmarks.interleaved import interleaved
from srviz.networks import load_network
from srviz.quantizers import apply_gates, calibrate_on, clamp_bounds, quantize, select_gates
from srviz.training.heap import keep_heap

BATCH, PATCH, BITS, ROUNDS = 4, 48, 4, 9


def run() -> list[dict[str, object]]:
    """Median of the ratios of neighbouring steps: the machine's drift cancels."""
    torch.manual_seed(0)
    lr = torch.rand(BATCH, 3, PATCH, PATCH) * 255
    hr = torch.rand(BATCH, 3, 4 * PATCH, 4 * PATCH) * 255
    net = load_network("edsr", n_blocks=16, n_feats=64)
    jobs = {"full precision": _step(net, lr, hr)}
    for name in ("pams", "ddtb", "ddtb with gates"):
        student = quantize(net, name.split()[0], BITS, weights=True)
        calibrate_on(student, [lr])
        if "gates" in name:
            select_gates(student, [lr, lr / 2], 0.3)
            apply_gates(student)
        jobs[name] = _step(student, lr, hr)
    rows = _rows(interleaved(jobs, ROUNDS), "")
    return rows + _rows(interleaved(jobs, ROUNDS), ", heap kept") if keep_heap() else rows


def _step(net: nn.Module, lr: torch.Tensor, hr: torch.Tensor) -> Callable[[], None]:
    net.train()
    optim = torch.optim.Adam(net.parameters(), lr=1e-4)
    quantized = hasattr(net, "placement")

    def job() -> None:
        optim.zero_grad(set_to_none=True)
        (net(lr) - hr).abs().mean().backward()
        optim.step()
        if quantized:
            clamp_bounds(net)

    return job


def _rows(times: dict[str, list[float]], note: str) -> list[dict[str, object]]:
    base = times["full precision"]
    rows: list[dict[str, object]] = [
        {
            "figure": f"training step, full precision{note}",
            "value": round(statistics.median(base), 3),
            "unit": "s",
            "target": "",
        }
    ]
    for name in list(times)[1:]:
        ratio = statistics.median(t / b for t, b in zip(times[name], base, strict=True))
        figure = f"training step, {name} {BITS} bits{note}"
        rows.append({"figure": figure, "value": round(ratio, 3), "unit": "x", "target": "<= 1.35"})
    return rows
