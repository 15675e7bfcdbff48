"""PSNR and SSIM by a named protocol."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import correlate1d

from srviz.errors import ArgumentError, NonFiniteError
from srviz.scoring.protocols import Planes
from srviz.scoring.protocols import protocol as find_protocol


def psnr(sr: ArrayLike, hr: ArrayLike, *, scale: int, protocol: str = "y") -> float:
    """Peak signal-to-noise ratio in dB.

    Parameters
    ----------
    sr, hr : array, shape (H, W, 3) or (H, W)
        In [0, 255]; clamped and rounded to whole grey levels first. A two-dimensional image is
        compared as it is.
    scale : int
        Border in pixels that is cut on every side.
    protocol : {"y", "y-edsr", "y-full", "rgb"}
        See :data:`srviz.scoring.protocols.PROTOCOLS`.

    Returns
    -------
    float
        ``10 log10(255^2 / mse)``; inf for identical images.
    """
    a, b = _planes(sr, hr, scale, protocol)
    mse = float(np.mean((a - b) ** 2))
    return float("inf") if mse == 0 else 10 * np.log10(255**2 / mse)


def ssim(sr: ArrayLike, hr: ArrayLike, *, scale: int, protocol: str = "y") -> float:
    """Structural similarity (Wang et al., TIP 2004) as in the authors' MATLAB code.

    11 x 11 Gaussian window of sigma 1.5, K = (0.01, 0.03), L = 255, only windows that lie inside
    the image; the mean over planes. Parameters as for :func:`psnr`.
    """
    a, b = _planes(sr, hr, scale, protocol)
    if min(a.shape[:2]) < 11:
        raise ArgumentError(
            f"image of {a.shape[1]} x {a.shape[0]} pixels inside the border",
            allowed="at least 11 x 11 for SSIM",
        )
    return float(np.mean([_ssim_plane(a[..., i], b[..., i]) for i in range(a.shape[2])]))


def _planes(sr: ArrayLike, hr: ArrayLike, scale: int, name: str) -> tuple[Planes, Planes]:
    images = []
    for image in (sr, hr):
        x = np.asarray(image, np.float64)
        if not np.isfinite(x).all():
            raise NonFiniteError("an image to be scored has NaN or Inf")
        images.append(np.clip(np.round(x), 0, 255))
    a, b = images
    if a.shape != b.shape or a.ndim not in (2, 3):
        raise ArgumentError(
            f"SR of shape {a.shape} and HR of shape {b.shape}",
            allowed="two images of equal shape (H, W, 3) or (H, W)",
            fix="check the scale",
        )
    if min(a.shape[:2]) <= 2 * scale:
        raise ArgumentError(f"image of shape {a.shape}", allowed=f"more than {2 * scale} pixels")
    inside = slice(scale, -scale or None)
    planes = find_protocol(name).planes if a.ndim == 3 else lambda x: x[..., None]
    return planes(a[inside, inside]), planes(b[inside, inside])


def _ssim_plane(a: Planes, b: Planes) -> float:
    x = np.arange(-5, 6)
    window = np.exp(-(x**2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(image: Planes) -> Planes:
        rows = correlate1d(image, window, axis=0)[5:-5]
        return correlate1d(rows, window, axis=1)[:, 5:-5]

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mu_a, mu_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mu_a**2, blur(b * b) - mu_b**2
    cov = blur(a * b) - mu_a * mu_b
    top = (2 * mu_a * mu_b + c1) * (2 * cov + c2)
    return float(np.mean(top / ((mu_a**2 + mu_b**2 + c1) * (var_a + var_b + c2))))
