"""F1: the distribution of every channel on two images, in red and blue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from srviz.errors import ArgumentError
from srviz.histogram import Histogram
from srviz.plots.source import ProfileLike, check_site, listed
from srviz.plots.style import BLUE, RED, axes_or_new, panels, short, style
from srviz.unfitness.density import Density

N_RIDGES = 16
"""Channels drawn when none are named: more do not fit into a column."""

_CELLS = 200
_TAIL = 0.005
_COLOURS = (RED, BLUE)


def plot_distributions(
    prof: ProfileLike,
    site: str,
    images: Sequence[int | str] = (0, 1),
    *,
    channels: Sequence[int] | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw one ridge per channel for each of two images (the first red, the second blue).

    Parameters
    ----------
    prof : Profile
        Captured with ``per_image=True``.
    site : str
        One of ``prof.site_names``.
    images : sequence of one or two int or str
        Positions in, or names of, ``prof.image_names``.
    channels : sequence of int, optional
        Channels to draw; evenly spaced ones by default, so that no eye has chosen them.
    legend : bool
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: activation in its own units, from the lowest 0.5 % to the highest 99.5 % quantile of
        what is drawn; y: channels, the first at the top. The ridges of a channel are scaled to
        its higher peak.

    Raises
    ------
    UnknownNameError, ArgumentError
        The profile lacks the site or image, or has no statistics per image.

    Notes
    -----
    Exact zeros are a point mass (half of the values after a ReLU) that no density can show; they
    are left out. The curves are kernel density estimates (Gaussian, Scott's bandwidth). After
    Hong et al., WACV 2022, arXiv 2012.11230, figure 1.
    """
    check_site(prof, site)
    if not 1 <= len(images) <= len(_COLOURS):
        raise ArgumentError(f"{len(images)} images", allowed="one or two")
    hists = [replace(h, zeros=h.zeros * 0) for h in (prof.histogram(site, i) for i in images)]
    picked = _picked(channels, hists[0].channels)
    hists = [h.select(picked) for h in hists]
    cuts = np.linspace(*_span(hists), _CELLS + 1)
    ridges = [_ridges(h, cuts) for h in hists]
    ax = axes_or_new(ax, height=3.2)
    with style():
        _draw(ax, cuts, ridges, picked)
        ax.set(xlabel="activation", ylabel="channel", title=f"{prof.label}, {short(site)}")
        if legend:
            names = [i if isinstance(i, str) else prof.image_names[i] for i in images]
            ax.legend(handles=_keys(names), loc="upper center", ncols=2)
    return ax


def figure_distributions(
    profs: ProfileLike | Sequence[ProfileLike],
    site: str | Sequence[str],
    images: Sequence[int | str] = (0, 1),
) -> Figure:
    """F1 for several networks side by side, each on an axis of its own.

    Parameters
    ----------
    profs : Profile or sequence of Profile
    site : str or sequence of str
        One site for all networks, or one for each.
    images : sequence of one or two int or str
        As for :func:`plot_distributions`.
    """
    profiles = listed(profs)
    sites = [site] * len(profiles) if isinstance(site, str) else list(site)
    if len(sites) != len(profiles):
        raise ArgumentError(
            f"{len(sites)} sites for {len(profiles)} networks", allowed="one site, or one for each"
        )
    figure, rows = panels(1, len(profiles), height=3.0)
    for letter, ax, prof, name in zip("abcdefgh", rows[0], profiles, sites, strict=False):
        with style():
            plot_distributions(prof, name, images, ax=ax)
            ax.set_title(f"({letter}) {ax.get_title()}")
    return figure


def _picked(channels: Sequence[int] | None, count: int) -> NDArray[np.int64]:
    if channels is None:
        return np.unique(np.linspace(0, count - 1, min(count, N_RIDGES)).round().astype(np.int64))
    picked = np.asarray(channels, np.int64)
    if picked.size == 0 or picked.min() < 0 or picked.max() >= count:
        raise ArgumentError(f"channels {list(channels)}", allowed=f"some of 0 to {count - 1}")
    return picked


def _span(hists: Sequence[Histogram]) -> tuple[float, float]:
    """What holds 99.6 % of the values of every channel in every image."""
    ends = np.concatenate([h.quantile([_TAIL, 1 - _TAIL]) for h in hists])
    ends = ends[np.isfinite(ends).all(1)]
    low, high = (float(ends.min()), float(ends.max())) if ends.size else (-1.0, 1.0)
    return (low, high) if low < high else (low - 1.0, high + 1.0)


def _ridges(hist: Histogram, cuts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each channel's values per cell, smoothed, (C, cells)."""
    share = np.diff(Density.of(hist).below(np.tile(cuts, (hist.channels, 1)))[0], axis=1)
    spread, count = np.nan_to_num(hist.std), np.maximum(hist.finite, 1)
    bandwidth = spread * count**-0.2 / (cuts[1] - cuts[0])
    rows = zip(share, bandwidth, strict=True)
    return np.stack([gaussian_filter1d(s, b, mode="constant") if b > 0 else s for s, b in rows])


def _draw(
    ax: Axes,
    cuts: NDArray[np.float64],
    ridges: Sequence[NDArray[np.float64]],
    picked: NDArray[np.int64],
) -> None:
    centres = (cuts[1:] + cuts[:-1]) / 2
    peak = np.maximum(np.max(ridges, axis=(0, 2)), 1e-30)
    for row in range(len(picked)):
        base = len(picked) - 1 - row
        ax.axhline(base, color="0.85", lw=0.4, zorder=1)
        for colour, share in zip(_COLOURS, ridges, strict=False):
            height = base + 1.5 * share[row] / peak[row]
            # Channels further down overlap those above them, as in a mountain range.
            ax.fill_between(centres, base, height, color=colour, alpha=0.35, lw=0, zorder=2 + row)
            ax.plot(centres, height, color=colour, lw=0.6, zorder=2 + row)
    ax.axvline(0, color="0.4", lw=0.5, ls="--", zorder=1)
    ax.set_yticks(range(len(picked) - 1, -1, -1), [str(c) for c in picked])
    ax.set(xlim=(cuts[0], cuts[-1]), ylim=(-0.3, len(picked) + 1.9))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _keys(names: Sequence[str]) -> list[Line2D]:
    pairs = zip(_COLOURS, names, strict=False)
    return [Line2D([], [], color=colour, lw=1.5, label=name) for colour, name in pairs]
