"""A network, patches and a recipe small enough to train in a test."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from srviz.data.patches import PatchPool
from srviz.networks import load_network
from srviz.training import Recipe

SIZES = {"n_blocks": 1, "n_feats": 4}


def pool(cls: type[PatchPool] = PatchPool) -> PatchPool:
    rng = np.random.default_rng(0)
    low = [rng.integers(0, 256, (20, 24, 3), dtype=np.uint8) for _ in range(2)]
    return cls(low, [im.repeat(2, 0).repeat(2, 1) for im in low], 2)


def net(norm: str | None = "batch") -> nn.Module:
    torch.manual_seed(1)
    return load_network("edsr", scale=2, norm=norm, **SIZES)


def recipe(steps: int = 6, **tables: Any) -> Recipe:
    """L1 and SKT on 4-bit PAMS; ``tables`` replace whole tables of the recipe."""
    run = {"steps": steps, "log_every": 2, "checkpoint_every": 3, **tables.pop("run", {})}
    content = {
        "network": {"name": "edsr", "scale": 2, "options": SIZES},
        "quantize": {"method": "pams", "bits": 4, "calibration": 2},
        "loss": {"skt": 1000.0},
        "data": {"folders": ["unused"], "patch": 8, "batch": 2},
        "optim": {"lr": 1e-3, "bounds_lr": 1e-2},
        "run": run,
    }
    return Recipe.model_validate({k: v for k, v in {**content, **tables}.items() if v is not None})
