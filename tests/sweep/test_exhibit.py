"""T2 and T3 laid out: every cell where the study has it, readable by LaTeX and by pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from srviz.errors import OutputError, UnknownNameError
from srviz.sweep import booktabs, exhibits, paper_table, scores_table
from srviz.sweep.exhibit import write_exhibits


def scores() -> pd.DataFrame:
    """Two seeds at 3 bits on Urban100, one of them on Photo2K too."""
    rows = [
        ("EDSR", "none", 32, 0, "Urban100", 26.0),
        ("EDSR + BN", "none", 32, 0, "Urban100", 25.8),
        ("EDSR", "pams", 3, 0, "Urban100", 22.9),
        ("EDSR", "pams", 3, 1, "Urban100", 23.1),
        ("EDSR + BN", "pams", 3, 0, "Urban100", 24.2),
        ("EDSR", "pams", 3, 0, "Photo2K", 30.0),
        ("EDSR + BN", "pams", 3, 0, "Photo2K", 29.5),
        ("EDSR", "ddtb", 3, 0, "Urban100", 25.0),
    ]
    table = pd.DataFrame(rows, columns=["network", "method", "bits", "seed", "dataset", "psnr"])
    return table.assign(image="a", scale=4, protocol="y", mode="whole")


def test_cells_stand_beside_the_published_ones() -> None:
    wide = paper_table(scores_table(scores()), "PAMS")
    assert wide.index.tolist() == [("EDSR", "full"), ("EDSR", "3")]
    cell = wide.loc[("EDSR", "3")]
    assert cell["Urban100", "no BN"] == pytest.approx(23.0)
    assert cell["Urban100", "gain"] == pytest.approx(1.2)
    assert cell["Urban100", "gain, published"] == pytest.approx(1.50)  # PAPER.md, T2
    assert cell["Photo2K", "gain"] == pytest.approx(-0.5)
    assert cell["seeds", ""] == 2
    assert ("Photo2K", "no BN, published") not in wide.columns, "a stand-in has no published cell"


def test_latex_has_a_row_for_each_row_and_dashes_for_gaps() -> None:
    text = booktabs(paper_table(scores_table(scores()), "PAMS"))
    assert text.startswith(r"\begin{tabular}{ll")
    assert r"\multicolumn{6}{c}{Urban100}" in text
    full = next(line for line in text.splitlines() if line.startswith("EDSR & full"))
    assert full.startswith(r"EDSR & full & 1 & 26.00 & 25.80 & $-$0.20 & 26.02 & 25.84")
    assert full.endswith(r"-- & -- & -- \\")
    columns = {line.count("&") for line in text.splitlines() if line.startswith("EDSR")}
    assert columns == {11}


def test_files_are_named_as_in_the_study(tmp_path: Path) -> None:
    write_exhibits(scores(), tmp_path)
    assert [e.name for e in exhibits(scores())] == ["T2", "T3"]
    assert exhibits(scores().query("bits == 32")) == []
    table = pd.read_csv(tmp_path / "T3.csv")
    assert table["method"].unique().tolist() == ["DDTB"]
    assert (tmp_path / "T3.tex").read_text().count(r"\\") == 5  # head and rows


def test_another_method_bears_its_own_name() -> None:
    lsq = scores().query("method != 'ddtb'").replace("pams", "lsq")
    assert [e.name for e in exhibits(lsq)] == ["LSQ"]
    with pytest.raises(UnknownNameError, match="PAMS"):
        paper_table(scores_table(scores()), "PAM")


def test_scores_that_do_not_compare_are_kept_apart(tmp_path: Path) -> None:
    """As of a plan with a network of one channel, which is scored by its own protocol."""
    both = pd.concat([scores(), scores().query("method != 'ddtb'").assign(protocol="idn-y")])
    assert [(e.name, e.setting) for e in exhibits(both)] == [
        ("T2_x4_y_whole", "x4, protocol y, whole images"),
        ("T3_x4_y_whole", "x4, protocol y, whole images"),
        ("T2_x4_idn-y_whole", "x4, protocol idn-y, whole images"),
    ]
    write_exhibits(both, tmp_path)
    assert len(list(tmp_path.glob("*.tex"))) == 3


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OutputError, match=r"T2\.tex: No space left"):
        write_exhibits(scores(), tmp_path)
