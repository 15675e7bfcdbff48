"""T1 drawn: the quantization interval of each layer, for alpha from Max and from Min."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from srviz.plots.source import check_table, rows_of
from srviz.plots.style import BLUE, GREEN, GREY, RED, axes_or_new, short, style

_COLOURS = (BLUE, RED, GREEN, "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = ("o", "D", "s", "^", "v", "P")


def plot_intervals(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw a dumbbell per layer and network, from one criterion's interval to the other's.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.interval_table`, with one bit width.
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: interval in the units of the activations; y: layers, the first at the top. Colour is
        the network, the marker is the criterion; an interval of 0 (``min`` after a ReLU) is left
        out.
    """
    check_table(table, ("label", "site", "criterion", "interval"), "sv.interval_table")
    sites = list(dict.fromkeys(table["site"].astype(str)))
    labels = list(dict.fromkeys(table["label"].astype(str)))
    criteria = list(dict.fromkeys(table["criterion"].astype(str)))
    ax = axes_or_new(ax, height=0.9 + 0.17 * len(sites))
    with style():
        for i, label in enumerate(labels):
            colour = _COLOURS[i % len(_COLOURS)]
            _dumbbells(ax, rows_of(table, label), sites, criteria, colour)
            ax.plot([], [], color=colour, lw=2, label=label)
        for marker, criterion in zip(_MARKERS, criteria, strict=False):
            ax.plot(
                [], [], marker, color=GREY, ms=4, mfc=_fill(marker), label=f"α from {criterion}"
            )
        bits = "/".join(str(b) for b in dict.fromkeys(table["bits"])) if "bits" in table else "?"
        ax.set(xlabel=f"quantization interval at {bits} bits")
        ax.set_yticks(range(len(sites)), [short(s) for s in sites])
        ax.set(ylim=(len(sites) - 0.4, -0.6), xlim=(0, None))
        ax.grid(axis="x", lw=0.3, color="0.85")
        ax.set_axisbelow(True)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return ax


def _dumbbells(
    ax: Axes, rows: pd.DataFrame, sites: list[str], criteria: list[str], colour: str
) -> None:
    for y, site in enumerate(sites):
        here = rows.loc[rows["site"].astype(str) == site, :]
        found = dict(zip(here["criterion"], here["interval"], strict=True))
        values = [float(found.get(c, np.nan)) for c in criteria]
        known = [v for v in values if v > 0]
        if known:
            ax.plot([min(known), max(known)], [y, y], color=colour, lw=1.6, alpha=0.6)
        for marker, value in zip(_MARKERS, values, strict=False):
            if value > 0:
                ax.plot(value, y, marker, color=colour, ms=4, mfc=_fill(marker, colour))


def _fill(marker: str, colour: str = GREY) -> str:
    """The first criterion is filled, the others are open: they differ in grey, too."""
    return colour if marker == _MARKERS[0] else "white"
