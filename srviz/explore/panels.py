"""Panels: networks side by side on equal axes, and what both figures have in common."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from srviz.errors import UnknownNameError
from srviz.explore.layer import Layer

Values = NDArray[np.float64]

RANGE, INNER, LEVEL, EDGE = "#009e73", "#00694c", "#d55e00", "#0072b2"
"""Okabe and Ito's colours, told apart with any colour vision; the same as on the report page."""

INK, SOFT, LINE = "#1b1f24", "#59636e", "#d8dee4"

VIEWS = {"most": "most channels", "channels": "all channels", "quantizer": "whole quantizer"}
"""What the value axis spans: F2 close up, F2, and F3."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
MANY_LEVELS = 32
"""Of more levels than this nothing is told one by one: they are a texture."""

_NAMED = 6  # channels with NaN or Inf that a heading names one by one


def span(layers: Sequence[Layer], view: str) -> tuple[float, float]:
    """The part of the value axis that a view shows, the same for all panels.

    ``most`` leaves the quarter of the channels that reach lowest and the quarter that reach
    highest to run out of the picture; ``channels`` shows all of them; ``quantizer`` adds the
    clipping bounds and the outermost levels.

    Raises
    ------
    UnknownNameError
        No such view.
    """
    if view not in VIEWS:
        raise UnknownNameError.of("view", view, VIEWS)
    ends: list[float] = []
    for layer in layers:
        low, high = layer.low[layer.is_finite], layer.high[layer.is_finite]
        if len(low):
            share = 0.25 if view == "most" else 0.0
            ends += [float(np.quantile(low, share)), float(np.quantile(high, 1 - share))]
        if view == "quantizer":
            ends += [float(end) for g in layer.grids for end in (g.lo, g.hi, *g.levels[[0, -1]])]
    lo, hi = (min(ends), max(ends)) if ends else (0.0, 0.0)
    room = 0.04 * (hi - lo) or 0.1 * abs(hi) or 1.0
    return lo - room, hi + room


def panels(
    layers: Sequence[Layer], image: int | str | None, view: str, *, own_axes: bool = False
) -> go.Figure:
    """Empty panels, one per layer, with their axes and headings."""
    gap = (0.12 if own_axes else 0.06) / len(layers)
    figure = make_subplots(cols=len(layers), shared_yaxes=not own_axes, horizontal_spacing=gap)
    axis = {"gridcolor": LINE, "linecolor": LINE, "tickcolor": LINE, "zeroline": False}
    axis |= {"title_font": {"size": 12, "color": SOFT}, "tickfont": {"size": 11, "color": SOFT}}
    figure.update_xaxes(**axis, title_text="channel", showgrid=False)
    figure.update_yaxes(**axis, showgrid=False)
    figure.update_yaxes(title_text="activation", col=1)
    for col, layer in enumerate(layers, 1):
        figure.update_yaxes(range=span([layer] if own_axes else layers, view), col=col)
        channels = layer.histogram.channels
        dtick = 1 if channels <= 12 else None  # no half channels
        figure.update_xaxes(range=[-0.7, channels - 0.3], col=col, dtick=dtick)
    figure.update_layout(
        title=title(layers[0].site, image),
        annotations=headings(layers),
        template="none",
        font={"family": _FONT, "size": 12, "color": INK},
        plot_bgcolor="white",
        hovermode="closest",
        hoverdistance=6,
        hoverlabel={"bgcolor": "white", "bordercolor": LINE, "font_color": INK, "align": "left"},
        margin={"l": 56, "r": 16, "t": 112, "b": 76},
        modebar={"remove": ["select", "lasso", "zoomin", "zoomout", "autoscale"]},
        autosize=True,
        height=476,
        barmode="overlay",
        legend={"orientation": "h", "x": 0, "y": -0.17, "yanchor": "top", "itemwidth": 30},
    )
    return figure


def title(site: str, image: int | str | None) -> dict[str, object]:
    """The site, and of which images."""
    which = "all images" if image is None else f"image {image}"
    text = f"<b>{escape(site)}</b>  <span style='color:{SOFT}'>{escape(which)}</span>"
    anchors = {"xanchor": "left", "yanchor": "top", "xref": "paper", "yref": "container"}
    return {"text": text, "x": 0, "y": 1, "pad": {"t": 14}, "font": {"size": 15}, **anchors}


def headings(layers: Sequence[Layer]) -> list[dict[str, object]]:
    """The label of each network, over its panel, and what is to be seen there in a line."""
    return [
        {
            "text": f"<b>{escape(layer.label)}</b>{warning(layer)}<br>{findings(layer)}",
            "font": {"size": 12, "color": SOFT},
            "align": "left",
            "showarrow": False,
            **{"x": 0, "xref": f"x{axis} domain", "xanchor": "left"},
            **{"y": 1, "yref": f"y{axis} domain", "yanchor": "bottom"},
        }
        for axis, layer in zip(["", *range(2, len(layers) + 1)], layers, strict=True)
    ]


def findings(layer: Layer) -> str:
    """Interval, number of dead channels (all values in one cell) and SQNR of a layer."""
    if not layer.grids:
        return f"{layer.histogram.channels} channels"
    said: list[str] = []
    interval = float(np.median([grid.interval for grid in layer.grids]))
    if np.isfinite(interval):
        said.append(f"{'median ' if len(layer.grids) > 1 else ''}interval {interval:.3g}")
    dead = int((layer.occupancy.is_dead & layer.is_finite).sum())
    said.append(f"{dead} of {layer.histogram.channels} dead")
    if np.isfinite(layer.sqnr_db):
        said.append(f"SQNR {layer.sqnr_db:.1f} dB")
    return " · ".join(said)


def warning(layer: Layer) -> str:
    """The channels with NaN or Inf by number; empty if there are none."""
    bad = np.flatnonzero(layer.broken)
    names = ", ".join(map(str, bad[:_NAMED])) + (f" … ({bad.size})" if bad.size > _NAMED else "")
    said = f"NaN or Inf in channel{'s' if bad.size > 1 else ''} {names}"
    return f"  <span style='color:{LEVEL}'>{said}</span>" if bad.size else ""


def strokes(layer: Layer, marks: Sequence[Values]) -> tuple[Values, Values, NDArray[np.int64]]:
    """Horizontal strokes at values, as one broken line.

    Parameters
    ----------
    layer : Layer
    marks : sequence of float64 (L,)
        One array for all channels, drawn across the panel, or one per channel.

    Returns
    -------
    x, y : float64 (P,)
        NaN between two strokes.
    which : int64 (P,)
        The mark a point belongs to: its index into all arrays, one after the other.
    """
    x, y = [np.empty(0)], [np.empty(0)]
    for k, values in enumerate(marks):
        stops = np.array([k - 0.45, k + 0.45])
        if len(marks) == 1:
            stops = np.arange(layer.histogram.channels + 1) - 0.5
            # Between the ends, points at which the pointer finds the line.
            stops = stops if len(values) <= MANY_LEVELS else stops[[0, -1]]
        x.append(np.tile(np.append(stops, np.nan), len(values)))
        y.append(np.repeat(values, len(stops) + 1))
        y[-1][len(stops) :: len(stops) + 1] = np.nan
    across = np.concatenate(x)
    gaps = np.isnan(across)
    return across, np.concatenate(y), np.cumsum(gaps) - gaps
