"""Explorer: leaf through the sites and images of profiles in a notebook."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets
import plotly.graph_objects as go

from srviz.errors import SiteError, SrvizError
from srviz.explore.distributions import draw_distributions
from srviz.explore.layer import GridSets, Layer, Profiles, grid_name, pair_up
from srviz.explore.levels import draw_levels
from srviz.explore.panels import VIEWS
from srviz.explore.stretch import Stretch
from srviz.grid import Grids
from srviz.unfitness.source import ProfileLike

ALL_IMAGES = ("all images", "")  # a menu shows None as an empty line
NO_GRID = ("no grid", None)

Pair = tuple[ProfileLike, Grids | None]
Kind = tuple[str, int]


def explore(prof: Profiles, grids: GridSets = None) -> Explorer:
    """Show the layers of a network, or of several side by side, to leaf through.

    Parameters
    ----------
    prof : Profile or sequence of Profile
        The networks to compare; sites and images that not all of them have are left out.
    grids : Grids or sequence of Grids, optional
        One per profile. If they hold several methods or bits, these are chosen from as well.

    Returns
    -------
    Explorer
        A widget: the last line of a notebook's cell shows it.

    Raises
    ------
    ArgumentError
        There is no profile, or not one set of grids per profile.
    SiteError
        The profiles have no site in common, or a set of grids fits no site of its profile.

    Examples
    --------
    >>> explore([prof, prof_bn], [grids, grids_bn])  # doctest: +SKIP
    """
    return Explorer(pair_up(prof, grids))


class Explorer(widgets.VBox):
    """Menus over two figures: levels over channel ranges, and the channels' distributions.

    Attributes
    ----------
    site, image, kind : Dropdown
        What is shown: the value of ``site`` is its name, of ``image`` its name or "" for all
        together, of ``kind`` the (method, bits) of the grids or None for none.
    view : ToggleButtons
        "most", "channels" or "quantizer", see :func:`srviz.explore.panels.span`.
    own_axes : Checkbox
        Whether each network has a value axis of its own.
    levels, distributions : plotly FigureWidget
    message : HTML
        Why the choice cannot be drawn; empty if it can.
    """

    def __init__(self, pairs: list[Pair]) -> None:
        self._pairs = pairs
        self.site = _menu("Layer", [(name, name) for name in _sites(pairs)], "26em")
        self.image = _menu("Image", _images(pairs), "15em")
        self.kind = _menu("Grid", _kinds(pairs), "13em")
        names = [(name, view) for view, name in VIEWS.items()]
        self.view = widgets.ToggleButtons(options=names, value="channels")
        self.view.style.button_width = "auto"
        self.own_axes = widgets.Checkbox(description="own axes", indent=False)
        self.own_axes.layout.width = "auto"
        self.message = widgets.HTML()
        controls = [self.site, self.image, self.kind, self.view, self.own_axes]
        shown = controls if len(pairs) > 1 else controls[:-1]
        top, below = self._figures()
        self.levels, self.distributions = _shown(top), _shown(below)
        for control in controls:
            control.observe(self._redraw, names="value")
        flow = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 14px")
        bar = widgets.Box(shown, layout=flow)
        super().__init__([bar, self.message, self.levels, self.distributions, Stretch()])

    def _figures(self) -> tuple[go.Figure, go.Figure]:
        site, image, view = str(self.site.value), self.image.value or None, str(self.view.value)
        own = bool(self.own_axes.value)
        layers = [
            Layer.of(p, _of_kind(g, site, self.kind.value), site, image) for p, g in self._pairs
        ]
        levels = draw_levels(layers, image, view, own_axes=own)
        below = draw_distributions(layers, image, view, own_axes=own)
        levels.update_layout(margin_t=84, height=450)
        return levels, below.update_layout(title=None, margin_t=46, height=360)

    def _redraw(self, _: Any) -> None:
        """Draw what is chosen now; an error is shown, for a callback has nobody to tell it to."""
        self.message.value = ""
        try:
            figures = self._figures()
        except SrvizError as error:
            self.message.value = f"<b>{escape(str(error))}</b>"
            return
        for widget, figure in zip((self.levels, self.distributions), figures, strict=True):
            _replace(widget, figure)


def _shown(figure: go.Figure) -> go.FigureWidget:
    widget: Any = go.FigureWidget(figure)
    widget._config = widget._config | {"responsive": True, "displaylogo": False}
    return widget


def _replace(widget: Any, figure: Any) -> None:
    """Make a shown figure equal to another one with the same kinds of traces."""
    with widget.batch_update():
        for old, new in zip(widget.data, figure.data, strict=True):
            old.update(new.to_plotly_json(), overwrite=True)
        widget.layout.update(figure.layout.to_plotly_json(), overwrite=True)


def _menu(name: str, options: list[tuple[str, Any]], width: str) -> widgets.Dropdown:
    layout = widgets.Layout(width=width, display="none" if len(options) < 2 else None)
    style = {"description_width": "auto"}
    return widgets.Dropdown(
        description=name, options=options, value=options[0][1], layout=layout, style=style
    )


def _sites(pairs: list[Pair]) -> list[str]:
    """The sites of all networks, in execution order."""
    first = pairs[0][0]
    common = [s for s in first.site_names if all(s in p.site_names for p, _ in pairs)]
    if not common:
        raise SiteError(
            f"{' and '.join(p.label for p, _ in pairs)} have no site in common",
            fix="capture both at their slots, sites='*.slot_*'",
        )
    for prof, grids in pairs:
        if grids is not None and not any(grid_name(grids, s) for s in prof.site_names):
            raise SiteError(
                f"the grids fit no site of {prof.label}",
                allowed=", ".join(list(prof.site_names)[:6]),
                fix="calibrate on this profile, or capture the sites the grids name",
            )
    return common


def _images(pairs: list[Pair]) -> list[tuple[str, str]]:
    """All images together, and each that all profiles have; only these if grids are per image."""
    names = [n for n in pairs[0][0].image_names if all(n in p.image_names for p, _ in pairs)]
    single = [(name, name) for name in dict.fromkeys(names)]
    dynamic = any(row.image is not None for _, grids in pairs for row in grids or [])
    return single if dynamic and single else [ALL_IMAGES, *single]


def _kinds(pairs: list[Pair]) -> list[tuple[str, Kind | None]]:
    """The methods and bits that any of the grids have."""
    kinds = dict.fromkeys((row.method, row.bits) for _, grids in pairs for row in grids or [])
    return [(f"{method}, {bits} bits", (method, bits)) for method, bits in kinds] or [NO_GRID]


def _of_kind(grids: Grids | None, site: str, kind: Kind | None) -> Grids | None:
    """The grids of a method and width; None if they lack the site."""
    if grids is None:
        return None
    found = grids.filter(lambda row: (row.method, row.bits) == kind)
    return found if grid_name(found, site) else None
