"""Tables: schemas catch wrong columns, files come back as they were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from srviz.errors import ArgumentError, FileFormatError, OutputError, UnknownNameError
from srviz.tables import COLUMNS, order_sites, read_table, schema, to_latex, validate, write_table

SITES = [f"blocks.{i}.conv2:out" for i in (0, 2, 10)]


@pytest.fixture
def table() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "label": "EDSR + BN",
            "site": SITES,
            "depth": [0, 2, 10],
            "criterion": "max",
            "bits": 4,
            "alpha": [531.25, 1 / 3, 0.0],
            "interval": [75.9, 1 / 21, np.nan],
        }
    )
    return order_sites(frame)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_schema_can_be_built_and_asks_for_its_columns(name: str) -> None:
    assert list(schema(name).columns) == list(COLUMNS[name])
    with pytest.raises(ArgumentError, match=f"not a table of {name}"):
        validate(pd.DataFrame({"other": [1]}), name)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"alpha": -1.0}, "alpha"),
        ({"bits": 4.5}, "bits"),
        ({"depth": -1}, "depth"),
        ({"label": None}, "label"),
        ({"interval": "wide"}, "interval"),
    ],
)
def test_a_wrong_value_is_named(table: pd.DataFrame, change: dict, match: str) -> None:
    validate(table, "intervals")
    with pytest.raises(ArgumentError, match=match) as error:
        validate(table.assign(**change), "intervals")
    assert "\n" not in str(error.value)


def test_more_columns_are_allowed_and_nothing_is_changed(table: pd.DataFrame) -> None:
    wider = table.assign(note="x", bits=table["bits"].astype("int32"))
    assert validate(wider, "intervals") is wider
    assert wider["bits"].dtype == "int32"


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'intervals'"):
        schema("interval")


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_files_come_back_as_they_were(table: pd.DataFrame, suffix: str, tmp_path: Path) -> None:
    path = write_table(table, tmp_path / "new" / f"t.{suffix}", "intervals")
    back = read_table(path, "intervals")
    pd.testing.assert_frame_equal(back, table, check_exact=True)
    assert list(back["site"].cat.categories) == SITES
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_sites_sort_in_layer_order(table: pd.DataFrame) -> None:
    shuffled = order_sites(table.assign(site=table["site"].astype(str)).iloc[[2, 0, 1]])
    assert list(shuffled.sort_values("site")["depth"]) == [0, 2, 10]
    named = order_sites(shuffled, reversed(SITES))
    assert list(named.sort_values("site")["depth"]) == [10, 2, 0]


def test_latex_is_a_booktabs_tabular(table: pd.DataFrame, tmp_path: Path) -> None:
    text = to_latex(table[["label", "alpha", "interval"]].assign(change_db=-0.5))
    lines = text.splitlines()
    assert lines[0] == r"\begin{tabular}{lrrr}"
    assert lines[2] == r"label & alpha & interval & change\_db \\"
    assert lines[4] == r"EDSR + BN & 531.25 & 75.90 & $-$0.50 \\"
    assert lines[6].split(" & ")[2] == "--"
    assert lines[-2:] == [r"\bottomrule", r"\end{tabular}"]
    assert write_table(table, tmp_path / "t.tex").read_text(encoding="utf-8").startswith("\\begin")
    assert r"100\% \& \#1 \textbackslash{}x" in to_latex(pd.DataFrame({"a": ["100% & #1 \\x"]}))


def test_bad_files_are_one_clear_line(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"t\.xlsx.*\.parquet, \.csv, \.tex"):
        write_table(table, tmp_path / "t.xlsx")
    with pytest.raises(FileFormatError, match="no file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(ArgumentError, match="for LaTeX"):
        read_table(tmp_path / "t.tex")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 no")
    with pytest.raises(FileFormatError, match="not a table"):
        read_table(broken)
    path = write_table(table.drop(columns="alpha"), tmp_path / "other.csv")
    with pytest.raises(FileFormatError, match=r"other\.csv: not a table of intervals.*alpha"):
        read_table(path, "intervals")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_table(table, tmp_path / "file" / "t.csv")


def test_importing_the_module_does_not_import_pandera() -> None:
    code = "import srviz.tables, sys; assert not {'pandera', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
