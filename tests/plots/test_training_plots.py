"""Figures of training: gains of BN against bits, bounds over the steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from array_profile import ArrayProfile

import srviz as sv
from srviz.errors import ArgumentError, UnknownNameError

SITE = "b.2.slot_out:out"


def gains() -> pd.DataFrame:
    table = pd.DataFrame({"bits": [32, 4, 3], "bn_gain": [-0.2, 0.1, 1.2]})
    return table.assign(
        network="EDSR", method="PAMS", dataset="Urban100", bn_gain_published=[-0.18, 0.1, 1.5]
    )


def test_gains_are_drawn_beside_the_published_ones() -> None:
    ax = sv.plot_bn_gain(gains())
    ours, theirs = ax.lines[:2]
    assert ours.get_ydata().tolist() == [-0.2, 0.1, 1.2]
    assert theirs.get_ydata().tolist() == [-0.18, 0.1, 1.5]
    assert (ours.get_linestyle(), theirs.get_linestyle()) == ("-", ":")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["full", "4", "3"]
    assert len(sv.plot_bn_gain(gains(), published=False).lines) == 2


def test_gains_on_several_data_sets_are_not_one_line() -> None:
    with pytest.raises(ArgumentError, match="Set5"):
        sv.plot_bn_gain(pd.concat([gains(), gains().assign(dataset="Set5")]))


def test_repeated_runs_have_a_bar_of_one_deviation() -> None:
    """By hand: 0.3 and 0.4 dB without and with BN make 0.5 dB of their difference."""
    nan = float("nan")
    table = gains().assign(plain_std=[nan, nan, 0.3], bn_std=[nan, nan, 0.4])
    (bars,) = sv.plot_bn_gain(table).collections
    assert [line.tolist() for line in bars.get_segments()] == [
        [[2.0, pytest.approx(0.7)], [2.0, pytest.approx(1.7)]]
    ]


def test_panels_of_several_data_sets_share_their_axes() -> None:
    """A data set without publications has no dotted line, one without 4 bits still has its tick."""
    other = gains().assign(dataset="Set5", bn_gain_published=float("nan")).drop(index=1)
    figure = sv.figure_bn_gain(pd.concat([gains(), other]))
    first, second = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["Urban100", "Set5"]
    assert first.get_ylim() == second.get_ylim()
    assert [t.get_text() for t in second.get_xticklabels()] == ["full", "4", "3"]
    assert second.lines[0].get_xdata().tolist() == [0, 2]
    dotted = [sum(line.get_linestyle() == ":" for line in ax.lines) for ax in figure.axes]
    assert dotted == [2, 0]  # the curve and its key
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["EDSR, PAMS", "published"]


def test_bounds_over_the_activations_they_clip(pair: list[ArrayProfile]) -> None:
    steps = np.arange(0, 100, 10)
    table = pd.DataFrame({"step": steps, "site": SITE, "bound": "alpha", "value": 9 - steps / 20})
    ax = sv.plot_bounds(table, SITE, prof=pair[0], best=(-5.0, 5.0))
    up, down = ax.lines[:2]
    assert up.get_ydata().tolist() == (9 - steps / 20).tolist()
    assert down.get_ydata().tolist() == (steps / 20 - 9).tolist()
    raw = pair[0].values[SITE]
    bands = [(p.get_y(), p.get_y() + p.get_height()) for p in ax.patches]
    assert bands[0] == pytest.approx((raw.min(), raw.max()), rel=1e-6)
    assert bands[-1] == pytest.approx(np.quantile(raw, [0.25, 0.75]), rel=0.02)
    with pytest.raises(UnknownNameError, match="site of the bounds"):
        sv.plot_bounds(table, "elsewhere:out")


def test_two_bounds_are_two_lines() -> None:
    rows = [(s, SITE, b, v * s) for s in (1, 2) for b, v in (("upper", 2.0), ("lower", -1.0))]
    table = pd.DataFrame(rows, columns=["step", "site", "bound", "value"])
    ax = sv.plot_bounds(table, SITE)
    assert [line.get_label() for line in ax.lines] == ["upper", "lower"]
    assert ax.lines[1].get_ydata().tolist() == [-1.0, -2.0]
