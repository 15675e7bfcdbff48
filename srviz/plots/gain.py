"""What batch normalization gains in PSNR, against bits."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from srviz.errors import ArgumentError
from srviz.plots.source import check_table
from srviz.plots.style import BLUE, GREEN, PURPLE, RED, axes_or_new, style

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
        x: bits, in steps of equal width; y: gain in dB, above 0 where BN helps.
    """
    check_table(table, ("method", "network", "bits", "dataset", "bn_gain"), "sv.scores_table")
    datasets = list(dict.fromkeys(table["dataset"].astype(str)))
    if len(datasets) > 1:
        raise ArgumentError(
            f"gains on {', '.join(datasets)}", fix="draw one: table[table['dataset'] == ...]"
        )
    widths = sorted({int(b) for b in table["bits"]}, reverse=True)
    ax = axes_or_new(ax)
    with style():
        for i, (key, rows) in enumerate(table.groupby(["network", "method"], sort=False)):
            x = [widths.index(int(b)) for b in rows["bits"]]
            look = {"color": _COLOURS[i % 4], "marker": _MARKERS[i % 4], "ms": 3.5}
            network, method = key if isinstance(key, tuple) else (key, "")
            ax.plot(x, rows["bn_gain"].to_numpy(float), label=f"{network}, {method}", **look)
            if published and "bn_gain_published" in rows:
                theirs = rows["bn_gain_published"].to_numpy(float)
                ax.plot(x, theirs, ls=":", mfc="white", alpha=0.7, **look)
        ax.axhline(0, color="0.4", lw=0.6, zorder=0)
        ax.set_xticks(range(len(widths)), ["full" if b >= FULL else str(b) for b in widths])
        ax.set(xlabel="bits", ylabel="PSNR gained by BN (dB)", title=datasets[0])
        if published and "bn_gain_published" in table:
            ax.plot([], [], ls=":", color="0.5", label="published")
        ax.legend()
    return ax
