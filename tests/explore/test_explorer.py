"""The explorer: its menus change its figures, in this process and in a notebook's kernel."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import srviz as sv
from srviz.errors import ArgumentError, SiteError
from srviz.grid import Grid, Grids
from srviz.unfitness import calibrate


def levels_drawn(view: Any, panel: int = 0) -> np.ndarray:
    """The quantization levels that the explorer shows in a panel."""
    y = [t for t in view.levels.data if t.name == "level"][panel].y
    return np.unique(y[~np.isnan(y)])


def bottoms(view: Any, panel: int = 0) -> np.ndarray:
    """Where the bars of a panel begin."""
    return np.array([t for t in view.levels.data if t.name == "min to max"][panel].base, float)


def values_of(menu: Any) -> list[Any]:
    return [value for _, value in menu.options]


@pytest.fixture(scope="module")
def grids(prof: Any) -> Grids:
    return calibrate(prof, "pams", 4)


@pytest.fixture
def view(prof: Any, grids: Grids) -> Any:
    return sv.explore(prof, grids)


def test_it_is_a_widget_with_menus_and_two_figures(view: Any, prof: Any) -> None:
    assert isinstance(view, widgets.Widget)
    assert values_of(view.site) == prof.site_names
    assert [name for name, _ in view.image.options] == ["all images", "baby", "bird"]
    assert view.levels in view.children
    assert view.distributions in view.children


@pytest.mark.parametrize("site", ["blocks.2.slot_out:out", "blocks.1.slot_out:out"])
def test_the_menu_of_layers_changes_the_figures(
    view: Any, prof: Any, grids: Grids, site: str
) -> None:
    view.site.value = site
    np.testing.assert_array_equal(levels_drawn(view), grids[site].levels)
    np.testing.assert_array_equal(bottoms(view), prof.histogram(site).min)
    assert site in view.levels.layout.title.text
    heat, overlaid = view.distributions.data
    assert len(heat.x) == prof.histogram(site).channels
    assert np.nanmax(overlaid.y) == grids[site].hi


def test_the_menu_of_images_changes_the_bars(view: Any, values: Any) -> None:
    view.image.value = "bird"
    np.testing.assert_array_equal(bottoms(view), values[view.site.value][:, 1].min(1))
    assert "image bird" in view.levels.layout.title.text
    view.image.value = ""
    np.testing.assert_array_equal(bottoms(view), values[view.site.value].min((1, 2)))


def test_the_views_change_the_value_axes(view: Any, values: Any) -> None:
    before = view.levels.layout.yaxis.range
    view.view.value = "most"
    assert before[0] < view.levels.layout.yaxis.range[0]
    assert view.levels.layout.yaxis.range == view.distributions.layout.yaxis.range
    view.view.value = "quantizer"
    reach = float(np.abs(values[view.site.value]).max())
    assert view.levels.layout.yaxis.range[0] < -reach
    assert view.levels.layout.yaxis.range[1] > reach


def test_grids_of_several_methods_and_bits_are_chosen_from(prof: Any, grids: Grids) -> None:
    eight = calibrate(prof, "minmax", 8)
    view: Any = sv.explore(prof, grids + eight)
    assert values_of(view.kind) == [("pams", 4), ("minmax", 8)]
    np.testing.assert_array_equal(levels_drawn(view), grids[view.site.value].levels)
    view.kind.value = ("minmax", 8)
    np.testing.assert_array_equal(levels_drawn(view), eight[view.site.value].levels)


def test_networks_side_by_side_on_equal_axes_or_their_own(prof: Any, make_profile: Any) -> None:
    rng = np.random.default_rng(3)
    names = [*reversed(prof.site_names), "other:out"]
    normed = make_profile(
        {s: rng.normal(0, 9, (4, 2, 500)).astype("f") for s in names}, label="EDSR + BN"
    )
    sets = [calibrate(p, "pams", 4) for p in (prof, normed)]
    view: Any = sv.explore([prof, normed], sets)
    assert values_of(view.site) == prof.site_names
    for panel, own in enumerate(sets):
        np.testing.assert_array_equal(levels_drawn(view, panel), own[view.site.value].levels)
    layout = view.levels.layout
    assert layout.yaxis.range == layout.yaxis2.range
    view.own_axes.value = True
    assert layout.yaxis.range[1] < 0.5 * layout.yaxis2.range[1]
    assert layout.yaxis.matches is None
    assert layout.yaxis2.matches is None
    view.own_axes.value = False
    assert layout.yaxis.range == layout.yaxis2.range
    assert {layout.yaxis.matches, layout.yaxis2.matches} & {"y", "y2"}


def test_images_that_only_some_profiles_have_are_left_out(prof: Any, make_profile: Any) -> None:
    pooled = make_profile(
        {s: np.ones((2, 2, 9), np.float32) for s in prof.site_names}, per_image=False
    )
    view: Any = sv.explore([prof, pooled])
    assert values_of(view.image) == [""]


def test_sites_without_grid_show_their_ranges(prof: Any, grids: Grids) -> None:
    first, *_, last = prof.site_names
    view: Any = sv.explore(prof, grids.filter(lambda row: row.site == first))
    assert len(levels_drawn(view)) == 15
    view.site.value = last
    assert len(levels_drawn(view)) == 0
    np.testing.assert_array_equal(bottoms(view), prof.histogram(last).min)


def test_grids_per_image_start_with_an_image(prof: Any) -> None:
    site = prof.site_names[0]
    rows = [(site, None, i, "daq", 2, Grid.midrise(1.0 + i, 2)) for i in range(2)]
    view: Any = sv.explore(prof, Grids.build(rows))
    assert values_of(view.image) == ["baby", "bird"]
    view.image.value = "bird"
    np.testing.assert_array_equal(levels_drawn(view), [-3, -1, 1, 3])


def test_what_cannot_be_drawn_is_said_and_forgotten(prof: Any) -> None:
    first, second, _ = prof.site_names
    grid = Grid.symmetric(1.0, 2)
    rows = [(first, None, None, "pams", 2, grid), (second, 0, None, "pams", 2, grid)]
    view: Any = sv.explore(prof, Grids.build(rows))
    view.site.value = second
    assert "no grid at blocks.1.slot_out:out for channel 1" in view.message.value
    view.site.value = first
    assert view.message.value == ""


def test_wrong_calls_are_refused(prof: Any, grids: Grids, make_profile: Any) -> None:
    other = make_profile({"tail:out": np.ones((2, 2, 9), np.float32)}, label="IDN")
    with pytest.raises(SiteError, match="EDSR and IDN have no site in common"):
        sv.explore([prof, other])
    with pytest.raises(SiteError, match=r"the grids fit no site of EDSR; allowed: blocks.0"):
        sv.explore(prof, calibrate(other, "pams", 4))
    with pytest.raises(ArgumentError, match="differ in number: 1 and 2"):
        sv.explore(prof, [grids, grids])


NOTEBOOK = (
    """
import numpy as np
import srviz as sv

prof, grids = sv.load_profile({path!r}), None
grids = sv.calibrate(prof, "pams", bits=4)
view = sv.explore([prof, prof], [grids, grids])
view
""",
    """
view.site.value = prof.site_names[-1]
y = view.levels.data[3].y
assert np.array_equal(np.unique(y[~np.isnan(y)]), grids[view.site.value].levels)
""",
)


def test_it_displays_in_a_real_kernel(make_profile: Any, broken: Any, tmp_path: Any) -> None:
    prof = make_profile(broken)
    path = str(prof.save(tmp_path / "edsr.profile"))
    cells = [nbformat.v4.new_code_cell(code.format(path=path)) for code in NOTEBOOK]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    # Nothing is printed: values that JSON cannot hold would be complained of on stderr.
    (output,) = notebook.cells[0].outputs
    assert not notebook.cells[1].outputs
    widget = output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    models = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert models[widget]["model_name"] == "VBoxModel"
    figures = [m["state"] for m in models.values() if "_widget_layout" in m["state"]]
    assert [len(f["_widget_data"]) for f in figures] == [10, 4]
    assert prof.site_names[0] in figures[0]["_widget_layout"]["title"]["text"]
