"""One look for all figures: sizes of a printed column, colours that the colour-blind can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMN, PAGE = 3.5, 7.16
"""Widths of one and of two columns of an IEEE page, in inches."""

GREEN, RED, BLUE = "#009E73", "#D55E00", "#0072B2"
"""Channel range, quantization level, decision edge: the deck's colours in Okabe and Ito's hues."""

PURPLE, GREY = "#CC79A7", "#8C8C8C"
"""What is broken (NaN, Inf), and what is only context."""

_STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.0,
    "legend.frameon": False,
    "figure.dpi": 150,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
}


@contextmanager
def style() -> Iterator[None]:
    """srviz's look inside a ``with`` block; the user's settings are back after it.

    ``matplotlib.rc_context`` would also undo what Jupyter sets while the first figure is made,
    and no later figure would be shown.
    """
    before = {name: mpl.rcParams[name] for name in _STYLE}
    mpl.rcParams.update(_STYLE)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def axes_or_new(ax: Axes | None, width: float = COLUMN, height: float = 2.4) -> Axes:
    """The given Axes, or those of a new figure."""
    if ax is not None:
        return ax
    with style():
        return plt.subplots(figsize=(width, height), layout="constrained")[1]


def panels(rows: int, columns: int, *, height: float) -> tuple[Figure, list[list[Axes]]]:
    """A figure of page width (column width for a single panel); Axes row by row."""
    width = PAGE if columns > 1 else COLUMN
    with style():
        figure, axes = plt.subplots(
            rows,
            columns,
            figsize=(width, height * rows + 0.35),
            layout="constrained",
            squeeze=False,
        )
    return figure, [list(row) for row in axes]


def short(site: str) -> str:
    """A site as an axis label: outputs are the rule, so ``:out`` is left away."""
    return site.removesuffix(":out")
