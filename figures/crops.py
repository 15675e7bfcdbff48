"""A detail of a photograph by full-precision and quantized EDSR, without and with BN.

usage: python figures/crops.py [FOLDER [SWEEP]]

One figure for PAMS and one for DDTB, from the networks that the committed sweep kept (or from
what `srviz sweep` wrote to SWEEP). The photograph is bundled, so no data set is needed; the scores
are PSNR of the whole photograph under protocol "y".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from bundled import out_folder
from numpy.typing import NDArray
from swept import provenance, swept
from torch import nn

import srviz as sv
from srviz.networks.weights import sha256
from srviz.scoring.inference import upscale
from srviz.sweep import Results

PHOTOGRAPH, BOX = "coffee", (300, 24, 64, 64)
"""The saucer's edge, where 3 bits lose most: top, left, height and width in HR pixels."""

BITS = (4, 3)


def main() -> None:
    out, results = out_folder(), swept()
    (image,) = (image for image in sv.load_images("samples") if image.name == PHOTOGRAPH)
    hr = image.hr
    assert hr is not None
    paths: list[Any] = []
    for method in ("pams", "ddtb"):
        pictures = {"HR": hr}
        pictures |= {name: restored(net, image.lr) for name, net in networks(results, method)}
        scores = {name: sv.psnr(sr, hr, scale=4, protocol="y") for name, sr in pictures.items()}
        del scores["HR"]
        figure = sv.figure_crops(
            {name: cut(pixels) for name, pixels in pictures.items()},
            scores=scores,
            overview=(hr, BOX),
            caption=f"{PHOTOGRAPH}; EDSR x4, {method.upper()}\nPSNR (Y) of the whole photograph",
        )
        about = sources(results, method)
        paths += sv.save_figure(figure, out / f"crops_{method}", provenance=about)
    print(*paths)


def networks(results: Results, method: str) -> list[tuple[str, nn.Module]]:
    """In the figure's order: above without BN, below with; fewer bits from left to right."""
    found: list[tuple[str, nn.Module]] = []
    for end, norm in (("", None), (" + BN", "batch")):
        full = sv.load_network("edsr", norm=norm, weights="bundled")
        found.append((f"full precision{end}", full))
        for bits in BITS:
            net = sv.load_quantized(results.model(f"EDSR{end}", method, bits))
            found.append((f"{bits} bits{end}", net))
        if norm is None:
            found.append(("bicubic", sv.Bicubic(4)))
    return found


def restored(net: nn.Module, lr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The network's picture of (h, w, 3): (4 h, 4 w, 3) uint8."""
    sr = upscale(net.eval(), torch.from_numpy(lr).permute(2, 0, 1)[None].float())
    return sr[0].permute(1, 2, 0).clamp(0, 255).round().numpy().astype(np.uint8)


def cut(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    top, left, height, width = BOX
    return pixels[top : top + height, left : left + width]


def sources(results: Results, method: str) -> dict[str, dict[str, Any]]:
    """The full-precision networks of EDSR, and each quantized one by its own file."""
    found = {k: v for k, v in provenance(results, method).items() if k.startswith("EDSR")}
    for network in list(found):
        for bits in BITS:
            path = results.model(network, method, bits)
            about = {"weights_sha256": sha256(path), "run": path.parent.name}
            found[f"{network}, {method.upper()} {bits} bits"] = about
    return found


if __name__ == "__main__":
    main()
