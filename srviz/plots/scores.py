"""PSNR against bits: what quantization costs, without and with batch normalization."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from srviz.errors import ArgumentError
from srviz.plots.source import check_table
from srviz.plots.style import BLUE, GREEN, PURPLE, RED, axes_or_new, style

_COLOURS = (BLUE, RED, GREEN, PURPLE)
_MARKERS = ("o", "s", "^", "D")
_CONDITION = ("dataset", "scale", "protocol", "mode")
FULL = 32
WITH_BN = " + BN"


def plot_psnr_bits(scores: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the mean PSNR of each network against its bits, full precision on the left.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`srviz.evaluate`, on one data set under one protocol. A network whose name ends
        in " + BN" is drawn solid, in the colour of its partner without, which is dashed.
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: bits, in steps of equal width; y: PSNR in dB, mean over the images.

    Raises
    ------
    ArgumentError
        The rows are of several data sets or protocols, whose PSNR may not be compared, or of
        several methods.
    """
    check_table(scores, ("network", "method", "bits", "psnr", *_CONDITION), "sv.evaluate")
    conditions = scores[list(_CONDITION)].drop_duplicates()
    if len(conditions) > 1:
        raise ArgumentError(
            "scores of several data sets or protocols",
            fix="draw one at a time: scores[scores['dataset'] == ...]",
        )
    methods = [m for m in dict.fromkeys(scores["method"]) if m != "none"]
    if len(methods) > 1:
        raise ArgumentError(
            f"scores of several methods: {', '.join(methods)}",
            fix=f"draw one: scores[scores['method'].isin(['none', {methods[0]!r}])]",
        )
    dataset, scale, protocol, mode = conditions.iloc[0]
    widths = sorted({int(b) for b in scores["bits"]}, reverse=True)
    bases = list(dict.fromkeys(str(n).removesuffix(WITH_BN) for n in scores["network"]))
    ax = axes_or_new(ax)
    with style():
        for network in dict.fromkeys(scores["network"].astype(str)):
            line = _means(scores.loc[scores["network"] == network, :])
            i = bases.index(network.removesuffix(WITH_BN))
            ax.plot(
                [widths.index(b) for b in line],
                list(line.values()),
                marker=_MARKERS[i % len(_MARKERS)],
                ms=3.5,
                color=_COLOURS[i % len(_COLOURS)],
                ls="-" if network.endswith(WITH_BN) else "--",
                mfc=None if network.endswith(WITH_BN) else "white",
                label=network,
            )
        ax.set_xticks(range(len(widths)), ["full" if b >= FULL else str(b) for b in widths])
        images = scores["image"].nunique() if "image" in scores else "?"
        ax.set(
            xlabel=f"bits of the activations{f', {methods[0]}' if methods else ''}",
            ylabel=f"PSNR (dB), protocol {protocol}",
        )
        ax.set_title(f"{dataset} ×{scale}, {images} images, {mode}")
        ax.grid(axis="y", lw=0.3, color="0.85")
        ax.legend()
    return ax


def _means(rows: pd.DataFrame) -> dict[int, float]:
    """Mean PSNR by bits, the widest first."""
    found = {int(str(b)): float(np.mean(g["psnr"])) for b, g in rows.groupby("bits")}
    return dict(sorted(found.items(), reverse=True))
