"""What batch normalization gains in PSNR, against bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from srviz.errors import ArgumentError
from srviz.plots.source import check_table
from srviz.plots.style import BLUE, GREEN, PURPLE, RED, axes_or_new, panels, style

_COLOURS = (BLUE, RED, GREEN, PURPLE)
_MARKERS = ("o", "s", "^", "D")
FULL = 32


def plot_bn_gain(table: pd.DataFrame, *, published: bool = True, ax: Axes | None = None) -> Axes:
    """Draw PSNR with BN minus PSNR without, by method and network, against bits.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.scores_table`, for one data set.
    published : bool
        Also draw the published gains, dotted, where the table has them.
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: bits, in steps of equal width; y: gain in dB, above 0 where BN helps. Where a run was
        repeated, a bar is one standard deviation over the seeds (of both networks, added as
        variances) up and down.
    """
    datasets = _datasets(table)
    if len(datasets) > 1:
        raise ArgumentError(
            f"gains on {', '.join(datasets)}",
            fix="draw one: table[table['dataset'] == ...], or all: sv.figure_bn_gain",
        )
    ax = axes_or_new(ax)
    with style():
        _draw(ax, table, _widths(table), published)
        ax.legend()
    return ax


def figure_bn_gain(table: pd.DataFrame, *, published: bool = True) -> Figure:
    """The gains on every data set, one panel each, on equal axes.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.scores_table`; the panels are in the order of its data sets.
    published : bool
        As for :func:`plot_bn_gain`.
    """
    datasets, widths = _datasets(table), _widths(table)
    figure, (axes,) = panels(1, len(datasets), height=2.2)
    with style():
        for ax, name in zip(axes, datasets, strict=True):
            ax.sharex(axes[0])
            ax.sharey(axes[0])
            _draw(ax, table.loc[table["dataset"].astype(str) == name, :], widths, published)
            ax.label_outer()
        found = [ax.get_legend_handles_labels() for ax in axes]
        keys = {label: handle for pair in found for handle, label in zip(*pair, strict=True)}
        keys |= {"published": keys.pop("published")} if "published" in keys else {}
        figure.legend(keys.values(), keys.keys(), loc="outside upper center", ncols=len(keys))
    return figure


def _datasets(table: pd.DataFrame) -> list[str]:
    check_table(table, ("method", "network", "bits", "dataset", "bn_gain"), "sv.scores_table")
    return list(dict.fromkeys(table["dataset"].astype(str)))


def _widths(table: pd.DataFrame) -> list[int]:
    return sorted({int(b) for b in table["bits"]}, reverse=True)


def _draw(ax: Axes, table: pd.DataFrame, widths: Sequence[int], published: bool) -> None:
    theirs_too = published and "bn_gain_published" in table
    theirs_too = theirs_too and bool(table["bn_gain_published"].notna().any())
    for i, (key, rows) in enumerate(table.groupby(["network", "method"], sort=False)):
        x = [widths.index(int(b)) for b in rows["bits"]]
        look = {"color": _COLOURS[i % 4], "marker": _MARKERS[i % 4], "ms": 3.5}
        network, method = key if isinstance(key, tuple) else (key, "")
        ax.plot(x, rows["bn_gain"].to_numpy(float), label=f"{network}, {method}", **look)
        if theirs_too:
            theirs = rows["bn_gain_published"].to_numpy(float)
            ax.plot(x, theirs, ls=":", mfc="white", alpha=0.7, **look)
        if {"plain_std", "bn_std"} <= set(rows):
            spread = np.hypot(rows["plain_std"].to_numpy(float), rows["bn_std"].to_numpy(float))
            gain, known = rows["bn_gain"].to_numpy(float), np.isfinite(spread)
            ends = gain[known] - spread[known], gain[known] + spread[known]
            ax.vlines(np.asarray(x)[known], *ends, color=_COLOURS[i % 4], lw=2.5, alpha=0.4)
    ax.axhline(0, color="0.4", lw=0.6, zorder=0)
    ax.set_xticks(range(len(widths)), ["full" if b >= FULL else str(b) for b in widths])
    ax.set(xlabel="bits", ylabel="PSNR gained by BN (dB)", title=_datasets(table)[0])
    if theirs_too:
        ax.plot([], [], ls=":", color="0.5", label="published")
