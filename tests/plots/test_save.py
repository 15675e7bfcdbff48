"""Figures on disk: three files, reproducible, with their provenance; no half-written ones."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from array_profile import ArrayProfile
from PIL import Image

import srviz as sv
from srviz.errors import OutputError
from srviz.grid import Grids
from srviz.plots import exhibits


def test_pdf_png_and_provenance_are_written(
    pair: list[ArrayProfile], grids: list[Grids], tmp_path: Path
) -> None:
    ax = sv.plot_levels(pair[0], grids[0], "b.2.slot_out:out")
    written = sv.save_figure(ax, tmp_path / "new" / "F2", provenance={"EDSR": {"seed": 0}}, dpi=200)
    assert [p.name for p in written] == ["F2.pdf", "F2.png", "F2.json"]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["F2.json", "F2.pdf", "F2.png"]
    about = json.loads(written[2].read_text())
    assert about["sources"] == {"EDSR": {"seed": 0}}
    assert about["versions"]["matplotlib"]
    with Image.open(written[1]) as picture:
        assert picture.width == 700, "column width, 3.5 inches at 200 dots"
    assert b"/FontFile2" in written[0].read_bytes(), "TrueType fonts, as journals ask"


def test_the_same_figure_gives_the_same_bytes(
    pair: list[ArrayProfile], grids: list[Grids], tmp_path: Path
) -> None:
    for name in ("a", "b"):
        sv.save_figure(sv.plot_levels(pair[0], grids[0], "b.2.slot_out:out"), tmp_path / name)
    for suffix in (".pdf", ".png"):
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_an_unwritable_place_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        sv.save_figure(plt.figure(), tmp_path / "file" / "F2")


def test_exhibits_are_closed_one_by_one(pair: list[ArrayProfile], grids: list[Grids]) -> None:
    import pandas as pd

    def stacked(rows) -> pd.DataFrame:
        return pd.concat([rows(p, g) for p, g in zip(pair, grids, strict=True)])

    tables = {
        "intervals": sv.interval_table(pair),
        "unfitness": stacked(sv.unfitness),
        "waterfall": stacked(sv.waterfall),
        "scores": pd.DataFrame(
            {
                "network": ["EDSR", "EDSR + BN"],
                "bits": [8, 8],
                "psnr": [30.0, 29.0],
                "method": "pams",
            }
        ).assign(dataset="Set5", scale=4, protocol="y", mode="whole", image="a"),
    }
    names = []
    for name, figure in exhibits(pair, grids, tables):
        names.append(name)
        assert plt.get_fignums() == [figure.number]
    assert plt.get_fignums() == []
    assert names[:4] == ["F1_distributions", "F2_levels", "F3_range", "T1_intervals"]
    assert names[4:] == ["unfitness", "waterfall", "psnr_bits"]
