"""The written files: complete, small, and deaf to what labels contain."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import trained_tables

from srviz.errors import OutputError
from srviz.report import ReportData, render, report
from srviz.report.page import at_largest, broken_sites

NASTY = "<script>alert(1)</script>"


def without_plotly(html: str) -> str:
    return re.sub(r'<script type="text/plain".*?</script>', "", html, flags=re.DOTALL)


def test_page_and_tables_are_written(make_data: Callable[..., ReportData], tmp_path: Path) -> None:
    data = make_data()
    page = report(data, tmp_path / "deep" / "out")
    assert page == tmp_path / "deep" / "out" / "index.html"
    assert page.stat().st_size < 12e6
    for name, table in data.tables.items():
        back = pd.read_parquet(page.parent / "tables" / f"{name}.parquet")
        pd.testing.assert_frame_equal(back, table)
        assert len(pd.read_csv(page.parent / "tables" / f"{name}.csv")) == len(table)
    assert not list(page.parent.glob("*.part"))


def test_a_network_of_96_layers_stays_small(make_data: Callable[..., ReportData]) -> None:
    sites = tuple(f"blocks.{i}.slot_out:out" for i in range(96))
    assert len(render(make_data(sites=sites, channels=24)).encode()) < 8e6


def test_labels_cannot_write_markup(make_data: Callable[..., ReportData]) -> None:
    html = without_plotly(render(make_data(sites=(NASTY, "b"), names=(NASTY,))))
    assert NASTY not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<title>Study of &lt;two&gt; networks</title>" in html


def test_a_missing_table_drops_its_section(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    sections = {
        "intervals": "intervals",
        "unfitness": "unfitness",
        "waterfall": "waterfall",
        "scores": "scores",
        "sensitivity": "sensitivity",
    }
    for table, section in sections.items():
        fewer = {name: t for name, t in data.tables.items() if name != table}
        html = without_plotly(render(replace(data, tables=fewer)))
        assert f'<section id="{section}">' not in html
        assert f'href="#{section}"' not in html
    bare = without_plotly(render(replace(data, tables={}, provenance={})))
    assert '<section id="layer">' in bare


def test_the_words_come_from_the_tables(make_data: Callable[..., ReportData]) -> None:
    assert "gains 1.61\u00a0dB on EDSR" in render(make_data(share=0.45))
    assert "costs 0.59\u00a0dB on EDSR" in render(make_data(share=1.2))


def test_nothing_is_loaded_from_elsewhere(make_data: Callable[..., ReportData]) -> None:
    html = without_plotly(render(make_data()))
    assert not re.search(r"https?://", html)
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html


def test_values_that_are_not_finite_raise_the_alarm(make_data: Callable[..., ReportData]) -> None:
    data = make_data(poison=True)
    lines = broken_sites(data)
    assert lines[0] == "EDSR, blocks.0.slot_in:out: 1 NaN and 2 infinite values"
    assert lines[0] in render(data)


def test_unwritable_output_is_one_clear_line(
    make_data: Callable[..., ReportData], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write the report to .*file"):
        report(make_data(), tmp_path / "file")


def test_what_the_scores_rest_on_is_said(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    words = (
        "Mean PSNR over 2 images of samples ×4, protocol y, whole images. Quantizer pams at "
        "2 places, bounds at the largest values, weights quantized too; calibrated on these "
        "images, no training."
    )
    assert words in render(data)
    placement = data.table("placement").assign(weight_bits=32)
    data = replace(
        data, tables=dict(data.tables) | {"placement": placement}, setting="trained for 10 epochs"
    )
    assert "weights in full precision; trained for 10 epochs." in render(data)


def test_bounds_that_clip_are_not_called_the_largest(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    assert at_largest(data, "EDSR")
    data.grids["EDSR"][4][0].grid.hi *= 0.5
    data.grids["EDSR"][4][0].grid.lo *= 0.5
    assert not at_largest(data, "EDSR")
    assert "bounds at the largest" not in render(data)


def test_a_capture_that_was_broken_off_is_told(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    assert "Not all images were seen" not in render(data)
    data.profiles["EDSR"].meta = {"complete": False, "images_count": 1}  # pyright: ignore
    html = render(data)
    assert "Not all images were seen" in html
    assert "EDSR: broken off after 1 image." in html


def test_pairs_scored_under_different_protocols_keep_their_own(
    make_data: Callable[..., ReportData],
) -> None:
    data = make_data(names=("EDSR", "IDN"))
    scores = data.table("scores")
    scores.loc[scores["network"].str.startswith("IDN"), "protocol"] = "idn-y"
    html = without_plotly(render(data))
    assert "gains 1.61\u00a0dB on EDSR and 1.61\u00a0dB on IDN" in html
    assert "protocol idn-y, whole images. Quantizer pams" in html


def test_trained_networks_have_a_section_if_there_are_any(
    make_data: Callable[..., ReportData],
) -> None:
    data = make_data()
    plain = without_plotly(render(data))
    assert 'id="trained"' not in plain
    assert 'href="#trained"' not in plain
    sites = data.profiles["EDSR"].site_names
    extra = {"trained": trained_tables.trained(), "bounds": trained_tables.bounds(sites)}
    html = without_plotly(render(replace(data, tables=dict(data.tables) | extra)))
    assert '<section id="trained">' in html
    assert 'href="#trained"' in html
    assert "BN raises PSNR in 1 of 4 cases" in html
    assert html.count('<table class="trained">') == 2
    assert "on this page's images and not on the training patches" in html
    # A reader meets these words here for the first time.
    for word in ("training step", "PAMS", "DDTB"):
        assert f"<dt>{word}</dt>" in html
        assert f"<dt>{word}</dt>" not in plain
    empty = {name: table.head(0) for name, table in extra.items()}
    assert 'id="trained"' not in render(replace(data, tables=dict(data.tables) | empty))


def test_trained_tables_cannot_write_markup(make_data: Callable[..., ReportData]) -> None:
    extra = {
        "trained": trained_tables.trained().assign(network=NASTY, dataset=NASTY),
        "bounds": trained_tables.bounds([NASTY]).assign(network=NASTY, method=NASTY),
    }
    html = without_plotly(render(replace(make_data(), tables=extra)))
    assert NASTY not in html


def test_a_whole_matrix_of_trajectories_stays_small(make_data: Callable[..., ReportData]) -> None:
    data = make_data()
    sites = [f"blocks.{i}.slot_out:out" for i in range(24)]
    one = trained_tables.bounds(sites, steps=range(0, 1001, 25))
    many = [one.assign(bits=b, run=one["run"] + str(b)) for b in range(8)]  # 40 runs of seed 0
    more = dict(data.tables) | {"bounds": pd.concat(many)}
    grown = len(render(replace(data, tables=more))) - len(render(data))
    assert grown < 1e6
