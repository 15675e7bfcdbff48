"""Which unfit layers really cost PSNR: what a site costs against how unfit it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from srviz.plots.source import check_table
from srviz.plots.style import BLUE, GREEN, PURPLE, RED, axes_or_new, short, style
from srviz.plots.unfitness import LABELS

_COLOURS = (BLUE, RED, GREEN, PURPLE)
_MARKERS = ("o", "s", "^", "D")


def plot_sensitivity(
    table: pd.DataFrame,
    layers: pd.DataFrame,
    metric: str = "sqnr_db",
    *,
    named: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw each site's cost in PSNR, quantized alone, against its unfitness.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.sensitivity`; a column ``label`` tells several networks apart.
    layers : DataFrame
        Of :func:`srviz.unfitness` with ``per="layer"``, for the same networks and sites.
    metric : str
        A column of ``layers``.
    named : int
        How many of the costliest sites are named.
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: ``metric``; y: PSNR at full precision minus PSNR with only that site quantized, dB.
    """
    check_table(table, ("site", "psnr_fp", "psnr_only"), "sv.sensitivity")
    check_table(layers, ("label", "site", metric), "sv.unfitness(per='layer')")
    joined = _joined(table, layers, metric)
    ax = axes_or_new(ax, height=2.6)
    with style():
        for i, (label, rows) in enumerate(joined.groupby("label", sort=False)):
            marker, colour = _MARKERS[i % 4], _COLOURS[i % 4]
            ax.plot(
                rows[metric], rows["cost"], marker, color=colour, ms=3.5, alpha=0.8, label=label
            )
        ax.axhline(0, color="0.7", lw=0.5, zorder=0)
        ax.margins(x=0.25)
        _name(ax, joined.nlargest(named, "cost"), metric)
        ax.set(xlabel=f"{LABELS.get(metric, metric)} of the layer")
        ax.set(ylabel="PSNR lost by this site alone (dB)")
        ax.legend()
    return ax


def _name(ax: Axes, rows: pd.DataFrame, metric: str) -> None:
    """Write the sites beside their points, from the top down, no text over another."""
    low, high = ax.get_ylim()
    y = high
    for row in rows.sort_values("cost", ascending=False).to_dict("records"):
        y = min(float(row["cost"]), y - 0.05 * (high - low))
        place = {"xytext": (float(row[metric]), y), "textcoords": "data", "va": "center"}
        ax.annotate("  " + short(row["site"]), (row[metric], row["cost"]), fontsize=6, **place)


def _joined(table: pd.DataFrame, layers: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One row per network and site: cost in dB, and the measure."""
    keys = ["label", "site"] if "label" in table else ["site"]
    left = table.assign(site=table["site"].astype(str), cost=table["psnr_fp"] - table["psnr_only"])
    right = layers[["label", "site", metric]].assign(site=layers["site"].astype(str))
    joined = left[[*keys, "cost"]].merge(right, on=keys)
    check_table(joined, [metric], "sv.sensitivity and sv.unfitness of the same sites")
    return joined.loc[np.isfinite(joined["cost"]), :]
