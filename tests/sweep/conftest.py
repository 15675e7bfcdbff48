"""A plan of tiny networks with everything it needs, in one folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from srviz.networks import load_network, save_weights

RECIPE = """
[quantize]
method = "{method}"
bits = 4
calibration = 2
[data]
folders = ["train"]
patch = 8
batch = 2
[run]
steps = 3
checkpoint_every = 1
"""

PLAN = """
datasets = ["{root}/test"]
[networks.E]
name = "edsr"
scale = 2
weights = {{ none = "plain.safetensors", batch = "bn.safetensors" }}
[recipes]
pams = "pams.toml"
ddtb = "ddtb.toml"
[[matrix]]
networks = ["E"]
methods = ["pams"]
bits = [32, 4]
[[matrix]]
networks = ["E"]
norms = ["batch"]
methods = ["pams", "ddtb"]
bits = [4]
"""


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds plan.toml (2 full-precision runs, 3 quantized), recipes, weights and images."""
    root = tmp_path_factory.mktemp("sweep")
    rng = np.random.default_rng(0)
    for name in ("train", "test"):
        (root / name).mkdir()
        pixels = rng.integers(0, 256, (40, 48, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / name / "a.png")
    for norm, name in ((None, "plain"), ("batch", "bn")):
        torch.manual_seed(0)
        net = load_network("edsr", scale=2, norm=norm, n_blocks=1, n_feats=4)
        save_weights(net, root / f"{name}.safetensors")
    for method in ("pams", "ddtb"):
        (root / f"{method}.toml").write_text(RECIPE.format(method=method))
    (root / "plan.toml").write_text(PLAN.format(root=root))
    return root
