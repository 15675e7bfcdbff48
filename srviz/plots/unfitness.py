"""Unfitness as a map: layers by channels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from srviz.errors import ArgumentError
from srviz.plots.source import check_table, rows_of
from srviz.plots.style import PAGE, axes_or_new, panels, short, style

LABELS = {
    "unfit_mse": "unfitness (1 - best MSE / MSE)",
    "unfit_levels": "unfitness (1 - levels in use / levels)",
    "effective_bits": "effective bits",
    "utilisation": "share of levels in use",
    "levels_in_range": "levels in the channel's range",
    "range_intervals": "channel range / interval",
    "is_dead": "all values in one cell",
    "wasted_range": "share of the range without values",
    "sqnr_db": "SQNR (dB)",
    "alpha_log2_ratio": "log2(alpha / best alpha)",
}
"""What the colour bar says of each measure that reads better in words."""

_WHERE = ("label", "site", "channel")


def plot_unfitness(
    table: pd.DataFrame,
    metric: str = "unfit_mse",
    *,
    limits: tuple[float, float] | None = None,
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw a measure of one network as a map, layer by channel.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.unfitness` per channel: one label, method and width.
    metric : str
        A column of it.
    limits : (float, float), optional
        Ends of the colour scale; the 1st and 99th percentile by default.
    colorbar : bool
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: channel; y: layers, the first at the top. Grey: no signal, the measure is undefined.
    """
    check_table(table, (*_WHERE, metric), "sv.unfitness")
    if table.duplicated(["site", "channel"]).any():
        raise ArgumentError(
            "the table has several rows per site and channel",
            fix="keep one label, method and width, or use figure_unfitness",
        )
    sites = list(dict.fromkeys(table["site"].astype(str)))
    values = table.assign(site=table["site"].astype(str)).pivot(
        index="site", columns="channel", values=metric
    )
    values = values.loc[sites].astype(float)
    # Sites may have fewer channels than others: only what exists and is undefined is grey.
    exists = _exists(table, sites, values.shape[1])
    low, high = limits or _limits(table, metric)
    ax = axes_or_new(ax, height=0.7 + 0.13 * len(sites))
    with style():
        sns.heatmap(
            values,
            mask=~exists | values.isna().to_numpy(),
            vmin=low,
            vmax=high,
            cmap="cividis",
            cbar=colorbar,
            cbar_kws={"label": LABELS.get(metric, metric)},
            xticklabels=False,
            yticklabels=[short(s) for s in sites],
            ax=ax,
        )
        for y, x in np.argwhere(exists & values.isna().to_numpy()):
            ax.add_patch(Rectangle((x, y), 1, 1, color="0.8", lw=0))
        ax.tick_params(axis="y", labelsize=6 if len(sites) > 14 else 7, rotation=0, length=0)
        ticks = np.arange(0, values.shape[1], max(1, values.shape[1] // 8))
        ax.set_xticks(ticks + 0.5, [str(t) for t in ticks], rotation=0)
        ax.set(xlabel="channel", ylabel="", title=str(table["label"].iloc[0]))
    return ax


def _exists(table: pd.DataFrame, sites: list[str], channels: int) -> NDArray[np.bool_]:
    """Which cells of the map have a row."""
    order = {site: i for i, site in enumerate(sites)}
    out = np.zeros((len(sites), channels), bool)
    out[[order[s] for s in table["site"].astype(str)], table["channel"].to_numpy(int)] = True
    return out


def figure_unfitness(table: pd.DataFrame, metric: str = "unfit_mse") -> Figure:
    """One map per network, side by side, on one colour scale.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.unfitness` per channel, of one or several labels.
    metric : str
        A column of it.
    """
    check_table(table, (*_WHERE, metric), "sv.unfitness")
    labels = list(dict.fromkeys(table["label"].astype(str)))
    rows = max(len(set(rows_of(table, k)["site"])) for k in labels)
    limits = _limits(table, metric)
    figure, axes = panels(1, len(labels), height=min(0.5 + 0.13 * rows, PAGE))
    for ax, label in zip(axes[0], labels, strict=True):
        plot_unfitness(rows_of(table, label), metric, limits=limits, colorbar=False, ax=ax)
    with style():
        mesh = axes[0][-1].collections[0]
        figure.colorbar(mesh, ax=axes[0], label=LABELS.get(metric, metric), aspect=30)
    return figure


def _limits(table: pd.DataFrame, metric: str) -> tuple[float, float]:
    """The 1st and 99th percentile: a few odd channels must not wash out all others."""
    values = table[metric].to_numpy(float)
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, (0.01, 0.99)) if values.size else (0.0, 1.0)
    return (float(low), float(high)) if low < high else (float(low) - 0.5, float(high) + 0.5)
