"""Sensitivity: what one quantized site costs, alone and as the only one left out."""

from __future__ import annotations

import pandas as pd
from torch import nn
from tqdm.auto import tqdm

from srviz.data import ImageSet
from srviz.grid import Grids
from srviz.quantizers import quantize
from srviz.scoring.evaluate import evaluate


def sensitivity(
    net: nn.Module,
    grids: Grids,
    images: ImageSet,
    method: str,
    bits: int,
    *,
    protocol: str = "y",
    progress: bool = True,
) -> pd.DataFrame:
    """PSNR with only one site quantized, and with all but that one.

    Parameters
    ----------
    net : nn.Module
        Full-precision network.
    grids : Grids
        Calibrated grids; their sites are examined.
    images : ImageSet
        Scored; two evaluations per site.
    method, bits
        As for :func:`srviz.quantize`.

    Returns
    -------
    DataFrame
        ``site, depth, bits, psnr_only, psnr_without, psnr_fp, psnr_all``, means over the images
        in dB, and ``dataset, images``: the name of the set and how many it holds. ``depth``
        counts the sites of the grids from 0. ``psnr_fp - psnr_only`` is the cost of a site
        alone, ``psnr_without - psnr_all`` what sparing it would win back.
    """
    sites = list(grids.sites)

    def score(chosen: list[str] | None) -> float:
        q = net if chosen is None else quantize(net, method, bits, grids, sites=chosen)
        table = evaluate({"": q}, images, protocol=protocol, progress=False)
        return float(table["psnr"].to_numpy().mean())

    fp, everything = score(None), score(sites)
    rows = []
    for depth, site in enumerate(tqdm(sites, desc="sensitivity", disable=not progress)):
        others = [s for s in sites if s != site]
        without = score(others) if others else fp
        rows.append((site, depth, bits, score([site]), without, fp, everything))
    columns = ["site", "depth", "bits", "psnr_only", "psnr_without", "psnr_fp", "psnr_all"]
    return pd.DataFrame(rows, columns=columns).assign(
        site=pd.Categorical(sites, categories=sites, ordered=True),
        dataset=images.name,
        images=len(images),
    )
