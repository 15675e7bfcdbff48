"""The exhibits of a pair of networks, one after the other: what a study draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from srviz.grid import Grids
from srviz.plots.distributions import figure_distributions
from srviz.plots.intervals import plot_intervals
from srviz.plots.levels import figure_levels
from srviz.plots.scores import plot_psnr_bits
from srviz.plots.sensitivity import plot_sensitivity
from srviz.plots.source import ProfileLike
from srviz.plots.unfitness import figure_unfitness
from srviz.plots.waterfall import plot_waterfall

_DRAWN = ("intervals", "unfitness", "waterfall", "scores", "sensitivity", "layers")


def exhibits(
    profs: Sequence[ProfileLike], grids: Sequence[Grids], tables: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, Figure]]:
    """Draw F1 (distributions), F2 and F3 (levels), T1 (intervals) and what explains them.

    Parameters
    ----------
    profs : sequence of Profile
        The network without and with BN.
    grids : sequence of Grids
        One for each.
    tables : mapping of str to DataFrame
        ``intervals, unfitness, waterfall, scores`` and perhaps ``sensitivity, layers``; other
        tables and rows of other networks are left out.

    Yields
    ------
    (str, Figure)
        A name for the file, and the figure, which is closed when the next one is asked for.
    """
    for name, figure in _figures(profs, grids, _of(tables, [p.label for p in profs])):
        yield name, figure
        plt.close(figure)


def _figures(
    profs: Sequence[ProfileLike], grids: Sequence[Grids], tables: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, Figure]]:
    sites = profs[0].site_names
    shown = [sites[i] for i in sorted({0, len(sites) // 2, len(sites) - 1})]
    if images := range(min(2, *(len(p.image_names) for p in profs))):
        yield "F1_distributions", figure_distributions(profs, sites[-1], images)
    yield "F2_levels", figure_levels(profs, grids, shown, zoom=True, unit="interval")
    yield "F3_range", figure_levels(profs, grids, shown)
    yield "T1_intervals", _drawn(plot_intervals(tables["intervals"]))
    yield "unfitness", figure_unfitness(tables["unfitness"])
    yield "waterfall", _drawn(plot_waterfall(tables["waterfall"]))
    yield "psnr_bits", _drawn(plot_psnr_bits(_first_method(tables["scores"])))
    if "sensitivity" in tables:
        drawn = plot_sensitivity(tables["sensitivity"], tables["layers"])
        yield "sensitivity", _drawn(drawn)


def _of(tables: Mapping[str, pd.DataFrame], labels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables that are drawn, of these networks; the scores name them in ``network``."""
    drawn = [name for name in _DRAWN if name in tables]
    column = {name: "network" if name == "scores" else "label" for name in drawn}
    return {k: tables[k].loc[tables[k][column[k]].isin(list(labels)), :] for k in drawn}


def _first_method(scores: pd.DataFrame) -> pd.DataFrame:
    """Full precision, and the first quantizer that was scored."""
    methods = [m for m in dict.fromkeys(scores["method"]) if m != "none"][:1]
    return scores.loc[scores["method"].isin(["none", *methods]), :]


def _drawn(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure
