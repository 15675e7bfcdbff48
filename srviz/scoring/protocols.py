"""Protocols: what exactly a PSNR was computed on; a score without one means nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviz.errors import UnknownNameError

Planes = NDArray[np.float64]


def studio_luma(rgb: Planes) -> Planes:
    """BT.601 luma in studio range 16..235, as MATLAB's rgb2ycbcr: (H, W, 3) -> (H, W, 1)."""
    return 16 + rgb @ np.array([[65.481], [128.553], [24.966]]) / 255


def edsr_luma(rgb: Planes) -> Planes:
    """EDSR-PyTorch's coefficients, 65.738, 129.057 and 25.064 over 256, without the offset."""
    return rgb @ np.array([[65.738], [129.057], [25.064]]) / 256


def full_luma(rgb: Planes) -> Planes:
    """BT.601 luma in full range 0..255 (JPEG's Y)."""
    return rgb @ np.array([[0.299], [0.587], [0.114]])


def same(rgb: Planes) -> Planes:
    """All three colour planes."""
    return rgb


@dataclass(frozen=True)
class Protocol:
    """A named way to compare: SR is clamped to [0, 255] and rounded, the border cut, and
    ``planes`` maps (H, W, 3) in 0..255 to the planes that are compared."""

    name: str
    planes: Callable[[Planes], Planes]
    about: str


PROTOCOLS = {
    p.name: p
    for p in (
        Protocol("y", studio_luma, "Y, BT.601 studio range (MATLAB)"),
        Protocol("y-edsr", edsr_luma, "Y with EDSR-PyTorch's coefficients on the difference"),
        Protocol("y-full", full_luma, "Y, BT.601 full range"),
        Protocol("rgb", same, "RGB, mean over the three planes"),
    )
}


def protocol(name: str) -> Protocol:
    """Look a protocol up.

    Raises
    ------
    UnknownNameError
        No such protocol; the known ones are named.
    """
    if name not in PROTOCOLS:
        raise UnknownNameError.of("protocol", name, PROTOCOLS)
    return PROTOCOLS[name]
