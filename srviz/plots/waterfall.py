"""The waterfall: where the decibels between a quantizer and the best possible one go."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from srviz.plots.source import check_table
from srviz.plots.style import axes_or_new, short, style

GAPS = {
    "gap_bounds_db": ("bounds set badly", "#D55E00"),
    "gap_symmetry_db": ("symmetric grid", "#E69F00"),
    "gap_channel_db": ("one grid for all channels", "#0072B2"),
    "gap_input_db": ("one grid for all images", "#56B4E9"),
    "gap_grid_db": ("even levels", "#CC79A7"),
}
"""Columns of the waterfall in order: what each says, and its colour."""


def plot_waterfall(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw one bar per row: the SQNR in use, then what each better grid would add.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.waterfall`; several networks may be stacked in it.
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: SQNR in dB; the grey bar ends at the grid in use, the coloured ones at the best
        bounds, affine grid, grid per channel, per image, and Lloyd-Max levels. A gap that is
        unknown (no statistics per image) has no bar, and layers without signal have none at all.
    """
    check_table(table, ("label", "site", "sqnr_db", *GAPS), "sv.waterfall")
    names = _names(table)
    ax = axes_or_new(ax, height=1.0 + 0.16 * len(table))
    y = np.arange(len(table))
    with style():
        used = np.nan_to_num(table["sqnr_db"].to_numpy(float))
        ax.barh(y, used, 0.75, color="0.82", label="SQNR in use")
        end = used
        for column, (label, colour) in GAPS.items():
            gap = np.nan_to_num(table[column].to_numpy(float))
            ax.barh(y, gap, 0.75, end, color=colour, label=label)
            end = end + gap
        ax.axvline(0, color="0.3", lw=0.6)
        ax.set_yticks(y, names)
        ax.tick_params(axis="y", labelsize=6 if len(table) > 20 else 7)
        ax.set(ylim=(len(table) - 0.5, -0.5), xlabel=f"SQNR{_width(table)} (dB)")
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return ax


def _names(table: pd.DataFrame) -> list[str]:
    """What tells the rows apart: sites, labels, or both."""
    sites = [short(s) for s in table["site"].astype(str)]
    labels = list(table["label"].astype(str))
    if len(set(labels)) == 1:
        return sites
    if len(set(sites)) == 1:
        return labels
    return [f"{label}, {site}" for label, site in zip(labels, sites, strict=True)]


def _width(table: pd.DataFrame) -> str:
    widths = list(dict.fromkeys(table["bits"])) if "bits" in table else []
    return f" at {widths[0]} bits" if len(widths) == 1 else ""
