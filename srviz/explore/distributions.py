"""The distribution of every channel of a site as a heat map, channel by value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from srviz.explore.layer import GridSets, Layer, Profiles, pair_up
from srviz.explore.levels import lines
from srviz.explore.panels import LEVEL, SOFT, panels, span

Values = NDArray[np.float64]

N_BINS = 256
"""Bins of the value axis: finer than a screen shows, so that one can zoom in."""

DECADES = 4
"""Shares from 10^-4 to 1 are told apart by colour; smaller ones look like 10^-4."""

_COLORS = [[0.0, "#e3f3ec"], [0.35, "#8fd3b8"], [0.65, "#2a9d78"], [1.0, "#003526"]]


def distributions_figure(
    prof: Profiles, site: str, *, grids: GridSets = None, image: int | str | None = None
) -> go.Figure:
    """Draw how the values of each channel are distributed.

    Parameters
    ----------
    prof : Profile or sequence of Profile
        Several networks stand side by side on equal axes.
    site : str
        Where the tensor lives.
    grids : Grids or sequence of Grids, optional
        One per profile: their levels are drawn over the distributions.
    image : int or str, optional
        One image, by index or name, instead of all images together.

    Returns
    -------
    plotly.graph_objects.Figure
        Colour is the share of the channel's finite values in each of 256 equal bins, on a
        logarithmic scale: the few values that set a range are seen beside the many.

    Raises
    ------
    UnknownNameError, ArgumentError
        As of :func:`srviz.explore.levels_figure`.
    """
    layers = [Layer.of(p, g, site, image) for p, g in pair_up(prof, grids)]
    return draw_distributions(layers, image, "channels")


def draw_distributions(
    layers: Sequence[Layer], image: int | str | None, view: str, *, own_axes: bool = False
) -> go.Figure:
    """The figure of layers; two traces per panel, the second one empty without grids."""
    figure = panels(layers, image, view, own_axes=own_axes)
    for col, layer in enumerate(layers, 1):
        seen = span([layer] if own_axes else layers, "channels")
        levels = lines(layer, "level", LEVEL, widest=0.7)[0]
        levels.update(showlegend=False, hovertemplate=None, hoverinfo="skip")
        cuts = np.linspace(*seen, N_BINS + 1)
        figure.add_traces([_heatmap(layer, cuts), levels], rows=1, cols=col)
    axis = {"colorscale": _COLORS, "cmin": -DECADES, "cmax": 0, "colorbar": _colorbar()}
    return figure.update_layout(coloraxis=axis)


def _colorbar() -> dict[str, object]:
    """Below the panels, so that they are as wide as those of the levels."""
    ticks = np.arange(-DECADES, 1)
    name = {"text": "share of the channel's values", "side": "right"}
    return {
        "orientation": "h",
        "title": name | {"font": {"size": 12, "color": SOFT}},
        "tickvals": ticks,
        "ticktext": [f"{100 * 10.0**t:g} %" for t in ticks],
        "tickfont": {"size": 11, "color": SOFT},
        "outlinewidth": 0,
        "thickness": 9,
        **{"len": 480, "lenmode": "pixels", "xpad": 0},
        **{"x": 0, "xanchor": "left", "y": 0, "yref": "container", "yanchor": "bottom"},
    }


def shares(layer: Layer, cuts: Values) -> Values:
    """Share of each channel's finite values between neighbouring cuts, (C, K); 0 to 1."""
    shape = (layer.histogram.channels, len(cuts))
    return np.diff(layer.density.below(np.broadcast_to(cuts, shape))[0], axis=1)


def _heatmap(layer: Layer, cuts: Values) -> go.Heatmap:
    share = shares(layer, cuts).T
    # What is empty stays without colour; cumulated moments leave rounding of about 1e-15.
    # None and not NaN, for widgets send tables as JSON.
    some = share > 1e-12
    logs = np.log10(share, out=np.zeros_like(share), where=some).astype(object)
    logs[~some] = None
    half = float(cuts[1] - cuts[0]) / 2
    return go.Heatmap(
        x=np.arange(share.shape[1]),
        y=(cuts[1:] + cuts[:-1]) / 2,
        z=logs.tolist(),
        customdata=share,
        coloraxis="coloraxis",
        name="density",
        hoverongaps=False,
        hovertemplate="<b>channel %{x}</b><br>"
        f"%{{customdata:.3%}} of its values within {half:.2g} of %{{y:.4g}}<extra></extra>",
    )
