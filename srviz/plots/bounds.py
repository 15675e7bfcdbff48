"""The bounds of a quantizer over training, against the activations they clip."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from srviz.errors import UnknownNameError
from srviz.plots.source import ProfileLike, check_site, check_table
from srviz.plots.style import BLUE, GREEN, RED, axes_or_new, short, style
from srviz.unfitness import quantile_fan

_COLOURS = {"alpha": RED, "upper": RED, "lower": BLUE}


def plot_bounds(
    bounds: pd.DataFrame,
    site: str,
    *,
    prof: ProfileLike | None = None,
    best: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the trajectory of one site's bounds.

    Parameters
    ----------
    bounds : DataFrame
        ``step, site, bound, value``: what :func:`srviz.train` keeps of a quantized network.
        Of a symmetric quantizer, -alpha is drawn as well.
    site : str
    prof : Profile, optional
        Its activations at the site, all channels together, are drawn as a fan of quantiles:
        min..max, 0.1..99.9 %, 1..99 %, 10..90 %, 25..75 %.
    best : (float, float), optional
        MSE-optimal bounds (lower, upper), dashed: ``grid.lo, grid.hi`` of
        ``calibrate(..., criterion="mse")``.
    ax : Axes, optional
        Where to draw; a new figure of column width by default.

    Returns
    -------
    Axes
        x: training step; y: activation in its own units.
    """
    check_table(bounds, ("step", "site", "bound", "value"), "sv.train (bounds.parquet)")
    rows = bounds.loc[bounds["site"].astype(str) == site, :]
    if rows.empty:
        raise UnknownNameError.of("site of the bounds", site, dict.fromkeys(bounds["site"]))
    ax = axes_or_new(ax)
    with style():
        if prof is not None:
            _fan(ax, prof, site)
        for name, path in rows.groupby("bound", sort=False):
            path = path.sort_values("step")
            step, value = path["step"].to_numpy(float), path["value"].to_numpy(float)
            colour = _COLOURS.get(str(name), GREEN)
            ax.plot(step, value, color=colour, label=str(name))
            if name == "alpha":
                ax.plot(step, -value, color=colour)
        for bound in best or ():
            ax.axhline(bound, color="0.2", lw=0.8, ls="--")
        if best is not None:
            ax.plot([], [], color="0.2", lw=0.8, ls="--", label="MSE-optimal")
        ax.set(xlabel="training step", ylabel="activation", title=short(site))
        ax.legend()
    return ax


def _fan(ax: Axes, prof: ProfileLike, site: str) -> None:
    check_site(prof, site)
    for low, high in quantile_fan(prof.histogram(site)):
        ax.axhspan(float(low), float(high), color=GREEN, alpha=0.12, lw=0)
