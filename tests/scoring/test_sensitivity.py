"""Sensitivity against the definition: quantize some sites, evaluate, take the mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from srviz.capture import capture
from srviz.data import Image, ImageSet
from srviz.grid import Grids
from srviz.networks import load_network
from srviz.quantizers import quantize
from srviz.scoring import evaluate, sensitivity
from srviz.tables import validate
from srviz.unfitness import calibrate, unfitness

SITES = [f"blocks.0.slot_{s}:out" for s in ("in", "mid", "out")]


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(0)
    return load_network("edsr", scale=2, n_blocks=1, n_feats=4).eval()


@pytest.fixture(scope="module")
def images() -> ImageSet:
    rng = np.random.default_rng(0)
    highs = [rng.integers(0, 256, (40, 36, 3), dtype=np.uint8) for _ in range(2)]
    images = (Image(name=f"im{i}", scale=2, high=h) for i, h in enumerate(highs))
    return ImageSet("noise", 2, tuple(images))


@pytest.fixture(scope="module")
def grids(net: nn.Module, images: ImageSet) -> Grids:
    return calibrate(capture(net, images, progress=False), "pams", bits=2)


def test_only_and_without_are_what_quantize_and_evaluate_give(
    net: nn.Module, images: ImageSet, grids: Grids
) -> None:
    table = validate(sensitivity(net, grids, images, "pams", 2, progress=False), "sensitivity")
    assert table["site"].tolist() == grids.sites == SITES

    def score(sites: list[str]) -> float:
        q = quantize(net, "pams", 2, grids, sites=sites) if sites else net
        return float(evaluate({"": q}, images, progress=False)["psnr"].mean())

    assert table["psnr_fp"].unique() == pytest.approx([score([])])
    assert table["psnr_all"].unique() == pytest.approx([score(SITES)])
    for row in table.itertuples():
        assert row.psnr_only == pytest.approx(score([str(row.site)]))
        assert row.psnr_without == pytest.approx(score([s for s in SITES if s != row.site]))


def test_a_single_site_spared_is_full_precision(
    net: nn.Module, images: ImageSet, grids: Grids
) -> None:
    one = grids.filter(lambda row: row.site == SITES[1])
    (row,) = sensitivity(net, one, images, "pams", 2, progress=False).itertuples()
    assert row.psnr_only == row.psnr_all != row.psnr_fp
    assert row.psnr_without == row.psnr_fp


def test_it_joins_the_unfitness_rows_by_site(
    net: nn.Module, images: ImageSet, grids: Grids
) -> None:
    layers = unfitness(capture(net, images, progress=False), grids, per="layer")
    table = sensitivity(net, grids, images, "pams", 2, progress=False)
    joined = layers.merge(table.drop(columns="depth"), on=["site", "bits"])
    assert joined["site"].tolist() == SITES
    assert joined[["unfit_mse", "psnr_only"]].notna().all(axis=None)
