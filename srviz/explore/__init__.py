"""Plotly twins of the figures, and the explorer that turns their pages in a notebook."""

from __future__ import annotations

from srviz.explore.distributions import distributions_figure
from srviz.explore.explorer import Explorer, explore
from srviz.explore.levels import levels_figure

__all__ = ["Explorer", "distributions_figure", "explore", "levels_figure"]
