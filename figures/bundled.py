"""The bundled networks captured on the bundled photographs: what the figure scripts draw from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

import srviz as sv

OUT = Path(__file__).parents[1] / "build" / "figures"
"""Where the scripts write, unless a folder is given as their argument."""


def out_folder() -> Path:
    """The script's argument, or :data:`OUT`; figures are written, not shown."""
    mpl.use("agg")
    return Path(sys.argv[1]) if len(sys.argv) > 1 else OUT


def captured(name: str, sites: str = "blocks.*.slot_out:out") -> list[sv.Profile]:
    """Profiles of a bundled network without and with BN."""
    images = sv.load_images("samples")
    profiles = []
    for norm in (None, "batch"):
        net = sv.load_network(name, norm=norm, weights="bundled")
        label = name.upper() + (" + BN" if norm else "")
        profiles.append(sv.capture(net, images, sites=sites, per_image=True, label=label))
    return profiles


def levels(name: str, **options: Any) -> None:
    """Save the levels of PAMS at 4 bits over three layers of EDSR, without and with BN."""
    out, profiles = out_folder(), captured("edsr")
    grids = [sv.calibrate(p, "pams", bits=4) for p in profiles]
    sites = profiles[0].site_names
    shown = [sites[0], sites[len(sites) // 2], sites[-1]]
    figure = sv.figure_levels(profiles, grids, shown, **options)
    print(*sv.save_figure(figure, out / name, provenance={p.label: p.meta for p in profiles}))
