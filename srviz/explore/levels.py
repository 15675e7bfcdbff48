"""Levels and decision edges over the ranges of the channels: the plotly twin of F2 and F3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from srviz.explore.layer import GridSets, Layer, Profiles, pair_up
from srviz.explore.panels import (
    EDGE,
    INK,
    INNER,
    LEVEL,
    LINE,
    MANY_LEVELS,
    RANGE,
    SOFT,
    VIEWS,
    panels,
    span,
    strokes,
)

Indices = NDArray[np.int64]

_QUANTILES = (0.001, 0.01, 0.5, 0.99, 0.999)
_NOTHING_SAID = "<extra></extra>"


def levels_figure(
    prof: Profiles, grids: GridSets, site: str, *, image: int | str | None = None
) -> go.Figure:
    """Draw the range of each channel with the levels and edges of its grid.

    Parameters
    ----------
    prof : Profile or sequence of Profile
        Several networks stand side by side on equal axes.
    grids : Grids or sequence of Grids
        One per profile; None draws the ranges alone.
    site : str
        Where the tensor lives, such as ``blocks.0.slot_mid:out``.
    image : int or str, optional
        One image, by index or name, instead of all images together.

    Returns
    -------
    plotly.graph_objects.Figure
        Green bars from min to max, darker from the 1 % to the 99 % quantile; red levels, blue
        dotted edges; the numbers of a channel or a level where the pointer is. Buttons choose
        between most channels, all channels (F2) and the whole quantizer (F3).

    Raises
    ------
    UnknownNameError
        No such site or image in a profile, or no grids for the site.
    ArgumentError
        As many grids as profiles are needed; grids of several methods or bits, of other
        channels or images.

    Examples
    --------
    >>> figure = levels_figure(prof, grids, "blocks.0.slot_mid:out")  # doctest: +SKIP
    >>> figure.write_html("levels.html")  # doctest: +SKIP
    """
    layers = [Layer.of(p, g, site, image) for p, g in pair_up(prof, grids)]
    return draw_levels(layers, image, "channels").update_layout(updatemenus=[_buttons(layers)])


def draw_levels(
    layers: Sequence[Layer], image: int | str | None, view: str, *, own_axes: bool = False
) -> go.Figure:
    """The figure without buttons, of layers; five traces per panel, empty ones included."""
    figure = panels(layers, image, view, own_axes=own_axes)
    columns = [[*_ranges(x), _edges(x), _levels(x), _broken(x)] for x in layers]
    # One entry in the legend for each kind of trace that draws anything, switching all panels.
    for alike in zip(*columns, strict=True):
        used = any(np.size(trace["x"]) for trace in alike)
        for trace in alike:
            trace.update(showlegend=used and trace is alike[0], legendgroup=trace["name"])
    for col, traces in enumerate(columns, 1):
        figure.add_traces(traces, rows=1, cols=col)
    return figure


def _ranges(layer: Layer) -> list[go.Bar]:
    inner = layer.histogram.quantile([0.01, 0.99])
    texts = _channel_texts(layer)
    return [
        _bar(layer.low, layer.high, texts, name="min to max", color=RANGE),
        _bar(inner[:, 0], inner[:, 1], texts, name="1 % to 99 %", color=INNER),
    ]


def _bar(low: Any, high: Any, texts: list[str], *, name: str, color: str) -> go.Bar:
    return go.Bar(
        x=np.arange(len(low)),
        # None and not NaN: widgets send this list as JSON.
        base=[value if np.isfinite(value) else None for value in low.tolist()],
        y=high - low,
        width=0.8,
        name=name,
        # The outline keeps a channel of a single value visible.
        marker={"color": color, "line": {"color": color, "width": 1}},
        text=texts,
        textposition="none",
        hovertemplate="%{text}" + _NOTHING_SAID,
    )


def _edges(layer: Layer) -> go.Scatter:
    return lines(layer, "decision edge", EDGE, widest=1.0)[0].update(line_dash="dot")


def _levels(layer: Layer) -> go.Scatter:
    """The quantization levels; pointed at, each tells what share of the values it holds."""
    trace, which = lines(layer, "level", LEVEL, widest=1.4)
    sizes = [len(grid.levels) for grid in layer.grids]
    if not sizes or max(sizes) > MANY_LEVELS:
        return trace
    numbers = [np.arange(1, size + 1) for size in sizes]
    counts = [np.full(size, size) for size in sizes]
    facts = np.stack([np.concatenate(x) for x in (numbers, counts, layer.shares)], axis=1)
    return trace.update(
        customdata=facts[which],
        hovertemplate="level %{customdata[0]} of %{customdata[1]}: <b>%{y:.4g}</b><br>"
        "holds %{customdata[2]:.2%} of the values" + _NOTHING_SAID,
    )


def lines(layer: Layer, name: str, color: str, widest: float) -> tuple[Any, Indices]:
    """The levels of a layer ("level") or its edges, and the index of each point's mark.

    Where there are many the lines are thinner, or 255 levels would hide the channels.
    """
    marks = [grid.levels if name == "level" else grid.edges for grid in layer.grids]
    x, y, which = strokes(layer, marks)
    width = widest * min(1, max(0.3, 20 / max([1, *map(len, marks)])))
    said = f"{name} <b>%{{y:.4g}}</b>{_NOTHING_SAID}"
    line = {"color": color, "width": width}
    return go.Scatter(x=x, y=y, mode="lines", name=name, line=line, hovertemplate=said), which


def _broken(layer: Layer) -> go.Scatter:
    """A cross at the top of each channel that has NaN or Inf; at 0 if it has nothing else."""
    bad = np.flatnonzero(layer.broken)
    texts = _channel_texts(layer)
    return go.Scatter(
        x=bad,
        y=np.nan_to_num(layer.high)[bad],
        mode="markers",
        name="NaN or Inf",
        marker={"symbol": "x", "size": 9, "color": INK, "line": {"color": "white", "width": 1}},
        text=[texts[c] for c in bad],
        hovertemplate="%{text}" + _NOTHING_SAID,
    )


def _channel_texts(layer: Layer) -> list[str]:
    """What is known of each channel, as it is shown where the pointer is."""
    h = layer.histogram
    columns = [layer.low, layer.high, h.mean, h.std, *h.quantile(_QUANTILES).T]
    numbers = np.stack(columns, axis=1).tolist()
    return ["<br>".join(_channel_lines(layer, c, row)) for c, row in enumerate(numbers)]


def _channel_lines(layer: Layer, c: int, numbers: list[float]) -> list[str]:
    lines = [f"<b>channel {c}</b>"]
    if layer.is_finite[c]:
        low, high, mean, std, *q = numbers
        lines += [
            f"min {low:.4g}, max {high:.4g}",
            f"mean {mean:.4g}, std {std:.4g}",
            f"median {q[2]:.4g}",
            f"1 % to 99 %: {q[1]:.4g} to {q[3]:.4g}",
            f"0.1 % to 99.9 %: {q[0]:.4g} to {q[4]:.4g}",
        ]
        lines += _grid_lines(layer, c) if layer.grids else []
    for name in ("nan", "posinf", "neginf"):
        count = int(getattr(layer.histogram, name)[c])
        kind = {"nan": "NaN", "posinf": "+Inf", "neginf": "-Inf"}[name]
        lines += [f"<b>{kind} × {count:,}</b>"] if count else []
    return lines


def _grid_lines(layer: Layer, c: int) -> list[str]:
    use, grid = layer.occupancy, layer.grids[c if len(layer.grids) > 1 else 0]
    bits = "dead: all values in one cell" if use.is_dead[c] else f"{use.effective_bits[c]:.2f}"
    sqnr = float(layer.distortion.sqnr_db[c])
    intervals = f"range: {use.range_intervals[c]:.2f} intervals of {grid.interval:.4g}"
    return [
        f"levels in range: <b>{use.levels_in_range[c]}</b> of {len(grid.levels)}",
        *([intervals] if len(grid.levels) > 1 else []),
        f"effective bits: {bits}",
        f"clipped: {100 * use.clipped_low[c]:.2f} % below, {100 * use.clipped_high[c]:.2f} % above",
        *([f"SQNR {sqnr:.1f} dB"] if np.isfinite(sqnr) else []),
    ]


def _buttons(layers: Sequence[Layer]) -> dict[str, object]:
    """One button per view; the panels share their value axis, so moving one moves all."""
    return {
        "type": "buttons",
        "direction": "right",
        "active": list(VIEWS).index("channels"),
        "buttons": [
            {"label": name, "method": "relayout", "args": [{"yaxis.range": list(span(layers, v))}]}
            for v, name in VIEWS.items()
        ],
        **{"x": 1, "xanchor": "right", "y": 1.16, "yanchor": "bottom"},
        **{"bgcolor": "white", "bordercolor": LINE, "font": {"size": 12, "color": SOFT}},
        "pad": {"t": 0, "r": 0},
        "showactive": True,
    }
