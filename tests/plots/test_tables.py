"""Figures of tables: every number drawn is a number of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from array_profile import ArrayProfile
from matplotlib.container import BarContainer

import srviz as sv
from srviz.errors import ArgumentError
from srviz.grid import Grids
from srviz.plots.waterfall import GAPS

SITE = "b.2.slot_out:out"


@pytest.fixture
def falls(pair: list[ArrayProfile], grids: list[Grids]) -> pd.DataFrame:
    both = [sv.waterfall(p, g) for p, g in zip(pair, grids, strict=True)]
    return pd.concat(both, ignore_index=True)


@pytest.fixture
def unfit(pair: list[ArrayProfile], grids: list[Grids]) -> pd.DataFrame:
    both = [sv.unfitness(p, g) for p, g in zip(pair, grids, strict=True)]
    return pd.concat(both, ignore_index=True)


def test_intervals_lie_where_the_raw_extremes_put_them(pair: list[ArrayProfile]) -> None:
    ax = sv.plot_intervals(sv.interval_table(pair, bits=4))
    raw = pair[0].values[SITE]
    drawn = {round(float(x), 4) for line in ax.lines for x in np.atleast_1d(line.get_xdata())}
    for alpha in (raw.max(), -raw.min()):
        assert round(float(alpha) / 7, 4) in drawn
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b.2.slot_out", "b.10.slot_out"]
    assert "4 bits" in ax.get_xlabel()


def test_an_interval_of_zero_is_left_out() -> None:
    x = np.maximum(np.random.default_rng(0).normal(size=(3, 1, 90)), 0).astype(np.float32)
    ax = sv.plot_intervals(sv.interval_table(ArrayProfile({SITE: x})))
    points = [
        line for line in ax.lines if line.get_marker() in ("o", "D") and line.get_xdata().size
    ]
    assert len(points) == 1


def test_the_bars_of_the_waterfall_add_up_to_the_best_sqnr(falls: pd.DataFrame) -> None:
    ax = sv.plot_waterfall(falls)
    bars = [c for c in ax.containers if isinstance(c, BarContainer)]
    assert len(bars) == 1 + len(GAPS)
    for row, bar in enumerate(bars[-1]):
        assert bar.get_x() + bar.get_width() == pytest.approx(falls["sqnr_best_db"].iloc[row])
    assert ax.get_yticklabels()[0].get_text() == "EDSR, b.2.slot_out"


def test_waterfall_rows_are_named_by_what_differs(falls: pd.DataFrame) -> None:
    one_site = sv.plot_waterfall(falls[falls["site"] == SITE])
    assert [t.get_text() for t in one_site.get_yticklabels()] == ["EDSR", "EDSR + BN"]
    one_net = sv.plot_waterfall(falls[falls["label"] == "EDSR"])
    assert one_net.get_yticklabels()[1].get_text() == "b.10.slot_out"


def test_an_unknown_gap_has_no_bar(falls: pd.DataFrame) -> None:
    ax = sv.plot_waterfall(falls.assign(gap_input_db=np.nan))
    bars = [c for c in ax.containers if isinstance(c, BarContainer)]
    widths = [bar.get_width() for bar in bars[1 + list(GAPS).index("gap_input_db")]]
    assert widths == [0.0] * len(falls)


def test_the_map_shows_each_channel_at_its_place(unfit: pd.DataFrame) -> None:
    plain = unfit[unfit["label"] == "EDSR"].copy()
    plain.loc[(plain["site"] == SITE) & (plain["channel"] == 3), "sqnr_db"] = np.nan
    ax = sv.plot_unfitness(plain, "sqnr_db")
    shown = np.ma.filled(ax.collections[0].get_array().reshape(2, 6), np.nan)
    expected = plain["sqnr_db"].to_numpy().reshape(2, 6)
    np.testing.assert_array_equal(shown, expected)
    assert len(ax.patches) == 1, "an undefined channel is a grey cell"


def test_sites_of_fewer_channels_leave_the_rest_white(unfit: pd.DataFrame) -> None:
    plain = unfit[(unfit["label"] == "EDSR")]
    fewer = plain[(plain["site"] != SITE) | (plain["channel"] < 4)]
    ax = sv.plot_unfitness(fewer)
    assert not ax.patches
    assert ax.collections[0].get_array().mask.reshape(2, 6)[0].tolist() == [False] * 4 + [True] * 2


def test_maps_side_by_side_share_one_scale(unfit: pd.DataFrame) -> None:
    figure = sv.figure_unfitness(unfit, "effective_bits")
    meshes = [ax.collections[0] for ax in figure.axes[:2]]
    assert meshes[0].get_clim() == meshes[1].get_clim()
    assert figure.axes[2].get_ylabel() == "effective bits"


def scores() -> pd.DataFrame:
    rows = [
        (net, bits, image, base - loss * (32 - bits) / 10)
        for net, base, loss in (("EDSR", 30.0, 1.0), ("EDSR + BN", 29.9, 0.5))
        for bits in (32, 8, 3)
        for image in ("a", "b")
    ]
    table = pd.DataFrame(rows, columns=["network", "bits", "image", "psnr"])
    return table.assign(method="pams", dataset="Set5", scale=4, protocol="y", mode="whole")


def test_psnr_lines_are_the_means_over_the_images() -> None:
    table = scores()
    table.loc[table["image"] == "b", "psnr"] += 1
    ax = sv.plot_psnr_bits(table)
    dashed, solid = (line for line in ax.lines if line.get_label().startswith("EDSR"))
    assert (dashed.get_linestyle(), solid.get_linestyle()) == ("--", "-")
    assert dashed.get_color() == solid.get_color()
    assert dashed.get_ydata() == pytest.approx([30.5, 28.1, 27.6])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["full", "8", "3"]


def test_scores_of_several_protocols_are_not_mixed() -> None:
    mixed = pd.concat([scores(), scores().assign(protocol="rgb")])
    with pytest.raises(ArgumentError, match="several data sets or protocols"):
        sv.plot_psnr_bits(mixed)
    mixed = pd.concat([scores(), scores().assign(method="ddtb")])
    with pytest.raises(ArgumentError, match="several methods: pams, ddtb"):
        sv.plot_psnr_bits(mixed)


def test_sensitivity_is_cost_against_unfitness(unfit: pd.DataFrame) -> None:
    layers = pd.DataFrame({"label": "EDSR", "site": [SITE, "x:out"], "sqnr_db": [12.0, 20.0]})
    table = pd.DataFrame({"site": [SITE, "x:out"], "psnr_fp": 30.0, "psnr_only": [28.5, 29.9]})
    ax = sv.plot_sensitivity(table, layers, named=1)
    points = next(line for line in ax.lines if line.get_label() == "EDSR")
    assert points.get_xdata().tolist() == [12.0, 20.0]
    assert points.get_ydata() == pytest.approx([1.5, 0.1])
    assert [t.get_text().strip() for t in ax.texts] == ["b.2.slot_out"]


@pytest.mark.parametrize(
    ("plot", "word"),
    [
        (sv.plot_intervals, "interval_table"),
        (sv.plot_waterfall, "waterfall"),
        (sv.plot_unfitness, "unfitness"),
        (sv.plot_psnr_bits, "evaluate"),
    ],
)
def test_a_foreign_or_empty_table_is_refused(plot, word: str, falls: pd.DataFrame) -> None:
    with pytest.raises(ArgumentError, match=rf"lacks .*sv\.{word}"):
        plot(pd.DataFrame({"a": [1]}))
    with pytest.raises(ArgumentError, match="no rows"):
        sv.plot_waterfall(falls.iloc[:0])
