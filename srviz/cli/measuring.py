"""Verbs that measure a network: its sites, activations, grids and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from srviz.cli import shared
from srviz.cli.app import app
from srviz.cli.options import (
    Bits,
    Criterion,
    Csv,
    Images,
    Limit,
    Method,
    Mode,
    NetworkArg,
    Norm,
    Per,
    Profiles,
    Scale,
    Weights,
)


@app.command(epilog="Example:  srviz sites edsr")
def sites(network: NetworkArg, scale: Scale = 4, norm: Norm = None, csv: Csv = None) -> None:
    """List the places of a network where a tensor can be captured."""
    from srviz.capture import sites as list_sites
    from srviz.networks import load_network

    shared.show(list_sites(load_network(network, scale=scale, norm=norm)), csv)


@app.command(epilog="Example:  srviz capture edsr --images Set5 --out edsr.profile")
def capture(
    network: NetworkArg,
    out: Annotated[Path, typer.Option(help="The profile to write (a folder).")],
    images: Images = "samples",
    limit: Limit = None,
    scale: Scale = 4,
    norm: Norm = None,
    weights: Weights = "bundled",
    sites: Annotated[str, typer.Option(help="Glob of sites, or 'slots'.")] = "slots",
    per_image: Annotated[bool, typer.Option(help="Keep statistics of every image.")] = True,
    label: Annotated[str | None, typer.Option(help="Name in tables and figures.")] = None,
) -> None:
    """Record per-channel activation histograms of a network on images; Ctrl-C keeps those done."""
    from srviz.capture.store import prepare

    prepare(out)
    net, found = shared.build(network, scale, norm, weights), shared.load(images, scale, limit)
    label = label or (network.upper() + (" + BN" if norm else ""))
    prof = shared.capture(net, found, sites=sites, per_image=per_image, label=label)
    prof.save(out)
    if not prof.meta["complete"]:
        done = prof.meta["images_count"]
        raise KeyboardInterrupt(f"stopped; {out} holds the {done} of {len(found)} images done")
    print(f"{out}: {len(prof.site_names)} sites, {len(prof.channels)} channels")


@app.command(epilog="Example:  srviz intervals edsr.profile edsr_bn.profile --bits 4")
def intervals(
    profiles: Profiles,
    bits: Bits = 4,
    criteria: Annotated[str, typer.Option(help="Comma-separated criteria.")] = "max,min",
    csv: Csv = None,
) -> None:
    """Quantization interval per layer for alpha set by each criterion (T1)."""
    from srviz.capture.profile import load_profile
    from srviz.unfitness import interval_table

    loaded = [load_profile(p) for p in profiles]
    names = tuple(name.strip() for name in criteria.split(","))
    shared.show(interval_table(loaded, bits=bits, criteria=names), csv)


@app.command(epilog="Example:  srviz unfitness edsr.profile --method pams --bits 4")
def unfitness(
    profiles: Profiles,
    method: Method = "pams",
    bits: Bits = 4,
    criterion: Criterion = None,
    per: Annotated[Per, typer.Option(help="One row per layer or per channel.")] = "layer",
    csv: Csv = None,
) -> None:
    """How badly a quantizer fits each layer, from saved profiles alone."""
    import pandas as pd

    from srviz.capture.profile import load_profile
    from srviz.unfitness import calibrate
    from srviz.unfitness import unfitness as measure

    loaded = [load_profile(p) for p in profiles]
    tables = [
        measure(p, calibrate(p, method, bits=bits, criterion=criterion), per=per) for p in loaded
    ]
    shared.show(pd.concat(tables, ignore_index=True), csv)


@app.command(epilog="Example:  srviz evaluate edsr --norm batch --bits 4 --images Set5")
def evaluate(
    network: NetworkArg,
    images: Images = "samples",
    limit: Limit = None,
    scale: Scale = 4,
    norm: Norm = None,
    weights: Weights = "bundled",
    method: Method = "pams",
    bits: Annotated[int | None, typer.Option(help="Quantize first, 2 to 8.")] = None,
    criterion: Criterion = None,
    protocol: Annotated[str, typer.Option(help="y, y-edsr, y-full or rgb.")] = "y",
    mode: Annotated[Mode, typer.Option(help="The image at once, or in patches.")] = "whole",
    csv: Csv = None,
) -> None:
    """PSNR and SSIM of a network, optionally quantized on the same images."""
    from srviz.quantizers import quantize
    from srviz.scoring import evaluate as score
    from srviz.unfitness import calibrate

    net, found = shared.build(network, scale, norm, weights), shared.load(images, scale, limit)
    nets = {"FP": net}
    if bits is not None:
        prof = shared.capture(net, found)
        if not prof.meta["complete"]:
            raise KeyboardInterrupt("stopped during the capture")
        grids = calibrate(prof, method, bits=bits, criterion=criterion)
        nets[f"{method}-{bits}"] = quantize(net, method, bits=bits, grids=grids)
    table = score(nets, [found], protocol=protocol, mode=mode, progress=shared.progress())
    shared.show(table, csv)
    means = table.pivot_table(["psnr", "ssim"], index=["network", "dataset"], sort=False)
    print("\nmean over images\n" + means.to_string(float_format=lambda v: f"{v:.4f}"))
