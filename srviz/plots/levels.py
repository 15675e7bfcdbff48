"""F2 and F3: the levels and edges of a quantizer over the range of every channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from srviz.errors import ArgumentError
from srviz.grid import Grid, Grids
from srviz.histogram import Histogram
from srviz.plots.source import ProfileLike, check_site, listed
from srviz.plots.style import BLUE, GREEN, PURPLE, RED, axes_or_new, panels, short, style
from srviz.unfitness.density import Density

Unit = Literal["activation", "interval"]

MOST_EDGES = 64
"""A grid with more edges is drawn without them: they would only fill the space between levels."""

_STRIP = 240
"""Cells over the height of the drawing when densities are shown."""


def plot_levels(
    prof: ProfileLike,
    grids: Grids,
    site: str,
    *,
    image: int | None = None,
    zoom: bool = False,
    density: bool = False,
    unit: Unit = "activation",
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the quantization levels and edges of one site over its channels' ranges.

    Parameters
    ----------
    prof : Profile
    grids : Grids
        With one grid for the site, or one for each channel.
    site : str
        One of ``prof.site_names``.
    image : int, optional
        Draw the ranges of this image alone (and its grids, where they vary by image).
    zoom : bool
        True ends the axis at the channels' ranges (the study's "quantization unfitness");
        False shows the whole range of the quantizer as well ("quantization range").
    density : bool
        Draw each channel's density instead of a plain bar from min to max.
    unit : {"activation", "interval"}
        What the y axis counts. In intervals the levels of every per-tensor grid lie at the same
        heights, so a bar says how many of them its channel can use.
    legend : bool
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: channel; y: activation in its own units, or in intervals. Channels with NaN or Inf are
        marked.

    Raises
    ------
    UnknownNameError
        The profile or the grids lack the site.
    ArgumentError
        ``unit="interval"`` with a grid for each channel: their intervals differ.
    """
    check_site(prof, site)
    hist = prof.histogram(site, image)
    chosen = _grids(grids, site, hist.channels, image)
    ax = axes_or_new(ax)
    with style():
        limits = _limits(hist, chosen, zoom)
        _ranges(ax, hist, density, limits)
        drawn = _lines(ax, chosen, hist.channels)
        broken = _mark_broken(ax, hist)
        ax.set(xlabel="channel", xlim=(-0.7, hist.channels - 0.3))
        ax.set(ylim=limits, title=f"{prof.label}, {short(site)}")
        _scale(ax, _step(chosen, unit), unit)
        if legend:
            _legend(ax, chosen, drawn, broken, density)
    return ax


def figure_levels(
    profs: ProfileLike | Sequence[ProfileLike],
    grids: Grids | Sequence[Grids],
    site: str | Sequence[str],
    *,
    zoom: bool = False,
    density: bool = False,
    unit: Unit = "activation",
) -> Figure:
    """Networks side by side, one row per site; the panels of a row have equal axes.

    Parameters
    ----------
    profs, grids : Profile and Grids, or sequences of them
        One grids per profile.
    site : str or sequence of str
    zoom, density, unit
        As for :func:`plot_levels`. With ``zoom`` a row ends at the widest channel range in it.
    """
    profiles, tables, sites = listed(profs), listed(grids, Grids), listed(site)
    if len(profiles) != len(tables):
        raise ArgumentError(
            f"{len(profiles)} profiles and {len(tables)} grids", allowed="one grids per profile"
        )
    figure, rows = panels(len(sites), len(profiles), height=2.0)
    for axes, name in zip(rows, sites, strict=True):
        steps = []
        for ax, prof, table in zip(axes, profiles, tables, strict=True):
            options = {"zoom": zoom, "density": density, "unit": unit, "legend": False}
            plot_levels(prof, table, name, ax=ax, **options)
            steps.append(_step(_grids(table, name, 1, None), unit))
        _equal(axes, steps)
    with style():
        figure.legend(handles=_keys(density), loc="outside upper center", ncols=3)
    return figure


def _equal(axes: Sequence[Axes], steps: Sequence[float]) -> None:
    """Give the panels of a row the same y axis, in the unit that each step is one of."""
    limits = [np.divide(ax.get_ylim(), step) for ax, step in zip(axes, steps, strict=True)]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    for ax, step in zip(axes, steps, strict=True):
        ax.set_ylim(low * step, high * step)
        ax.label_outer()


def _step(grids: list[Grid], unit: Unit) -> float:
    """How much activation one unit of the y axis is."""
    if unit == "activation":
        return 1.0
    if unit != "interval":
        raise ArgumentError(f"unit {unit!r}", allowed="'activation' or 'interval'")
    if len(grids) > 1:
        raise ArgumentError("unit 'interval' with a grid per channel", fix="unit='activation'")
    return grids[0].interval


def _scale(ax: Axes, step: float, unit: Unit) -> None:
    ax.set_ylabel("activation" if unit == "activation" else "activation / interval")
    if unit == "interval":
        ax.yaxis.set_major_locator(MultipleLocator(step * 2 ** max(0, _octaves(ax, step))))
        ax.yaxis.set_major_formatter(lambda y, _: f"{y / step:.0f}")


def _octaves(ax: Axes, step: float) -> int:
    """The power of two of intervals between ticks that leaves about eight of them."""
    low, high = ax.get_ylim()
    return int(np.ceil(np.log2((high - low) / step / 8)))


def _grids(grids: Grids, site: str, channels: int, image: int | None) -> list[Grid]:
    """One grid, or one per channel."""
    own = any(row.channel is not None for row in grids.at(site))
    wanted = range(channels) if own else [None]
    return [grids.get(site, channel, image) for channel in wanted]


def _limits(hist: Histogram, grids: list[Grid], zoom: bool) -> tuple[float, float]:
    """The y axis: all channels and, unless zoomed, all levels; with a margin of 4 %."""
    finite = hist.finite > 0
    ends = [hist.min[finite], hist.max[finite]]
    if not zoom or not finite.any():
        ends += [np.concatenate([g.levels[[0, -1]], [g.lo, g.hi]]) for g in grids]
    low, high = float(np.concatenate(ends).min()), float(np.concatenate(ends).max())
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin


def _ranges(ax: Axes, hist: Histogram, density: bool, limits: tuple[float, float]) -> None:
    finite = np.flatnonzero(hist.finite > 0)
    if density:
        _densities(ax, hist, limits)
        return
    low, high = hist.min[finite], hist.max[finite]
    # A channel of one value would be a bar without height: it is drawn as a thin line.
    least = 0.003 * (limits[1] - limits[0])
    ax.bar(finite, np.maximum(high - low, least), 0.8, low, color=GREEN, alpha=0.75, zorder=2)


def _densities(ax: Axes, hist: Histogram, limits: tuple[float, float]) -> None:
    """Each channel as a strip, the darker the more values; scaled to the channel's own peak."""
    cuts = np.linspace(*limits, _STRIP + 1)
    mass = np.diff(Density.of(hist).below(np.tile(cuts, (hist.channels, 1)))[0], axis=1)
    # The root keeps the tails in sight.
    shade = (mass / np.maximum(mass.max(1, keepdims=True), 1e-30)) ** 0.3
    colour = np.array([int(GREEN[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    picture = np.empty((_STRIP, hist.channels, 4))
    picture[..., :3] = colour * 0.8
    picture[..., 3] = shade.T
    extent = (-0.5, hist.channels - 0.5, *limits)
    ax.imshow(picture, origin="lower", aspect="auto", extent=extent, zorder=2)


def _lines(ax: Axes, grids: list[Grid], channels: int) -> bool:
    """Levels and edges; whether the edges were drawn."""
    spans = (
        [(-0.7, channels - 0.3)]
        if len(grids) == 1
        else [(c - 0.5, c + 0.5) for c in range(channels)]
    )
    with_edges = max(len(g.edges) for g in grids) <= MOST_EDGES
    width = 0.9 if len(grids[0].levels) <= 32 else 0.3
    _segments(ax, [g.levels for g in grids], spans, colors=RED, linewidths=width, zorder=3)
    if with_edges:
        edges = [g.edges for g in grids]
        _segments(ax, edges, spans, colors=BLUE, linewidths=0.6, linestyles=":", zorder=3)
    return with_edges


def _segments(
    ax: Axes,
    heights: list[NDArray[np.float64]],
    spans: list[tuple[float, float]],
    **look: object,
) -> None:
    lines = [
        [(left, y), (right, y)]
        for values, (left, right) in zip(heights, spans, strict=True)
        for y in values
    ]
    ax.add_collection(LineCollection(lines, **look), autolim=False)  # pyright: ignore[reportArgumentType]


def _mark_broken(ax: Axes, hist: Histogram) -> int:
    """A cross under each channel with NaN or Inf; how many there are."""
    broken = np.flatnonzero(hist.nan + hist.posinf + hist.neginf)
    if broken.size:
        across = ax.get_xaxis_transform()
        ax.plot(broken, np.full(broken.size, 0.02), "x", color=PURPLE, ms=4, transform=across)
    return int(broken.size)


def _keys(density: bool) -> list[Patch | Line2D]:
    return [
        Patch(color=GREEN, alpha=0.75, label="channel density" if density else "channel min..max"),
        Line2D([], [], color=RED, lw=0.9, label="level"),
        Line2D([], [], color=BLUE, lw=0.8, ls=":", label="edge"),
    ]


def _legend(ax: Axes, grids: list[Grid], edges: bool, broken: int, density: bool) -> None:
    keys = _keys(density)
    keys[1].set_label(f"{len(grids[0].levels)} levels")
    keys[2].set_label("edges" if edges else "edges: too many to draw")
    if broken:
        label = f"NaN or Inf ({broken} channels)"
        keys.append(Line2D([], [], color=PURPLE, marker="x", ls="", ms=4, label=label))
    ax.legend(handles=keys, loc="lower center", bbox_to_anchor=(0.5, 1.1), ncols=2 + (broken == 0))
