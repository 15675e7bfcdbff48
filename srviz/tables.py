"""Tables: the columns that flow between the rooms, checked; parquet, CSV and LaTeX files.

pandera is imported when a table is first checked, so importing this module stays cheap.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from srviz.errors import ArgumentError, FileFormatError, OutputError, UnknownNameError

if TYPE_CHECKING:
    from pandera.pandas import Column, DataFrameSchema

_KEYS = {"label": "text", "site": "text", "depth": "count"}
_STATISTICS = {
    "n": "count", "min": "number", "max": "number", "mean": "number", "std": "positive",
    "zeros": "count", "nan": "count", "inf": "count", "q001": "number", "q01": "number",
    "q50": "number", "q99": "number", "q999": "number",
}  # fmt: skip
_MEASURES = {
    "range_intervals": "positive", "levels_in_range": "positive", "is_dead": "share",
    "utilisation": "share", "effective_bits": "positive", "wasted_range": "share",
    "clipped_low": "share", "clipped_high": "share", "mse": "positive",
    "mse_granular": "positive", "mse_overload": "positive", "sqnr_db": "number",
    "alpha_log2_ratio": "number", "unfit_mse": "share", "unfit_levels": "share",
}  # fmt: skip
_GAPS = ("gap_bounds_db", "gap_symmetry_db", "gap_channel_db", "gap_input_db", "gap_grid_db")

COLUMNS: dict[str, dict[str, str]] = {
    "sites": {
        "site": "text", "depth": "count", "kind": "text", "module": "text", "call": "count",
        "channels": "count",
    },
    "channels": {"site": "text", "depth": "count", "channel": "count", **_STATISTICS},
    "images": {
        "site": "text", "depth": "count", "image": "count", "channel": "count", **_STATISTICS,
    },
    "intervals": {
        **_KEYS, "criterion": "text", "bits": "count", "alpha": "positive", "interval": "positive",
    },
    "unfitness": {**_KEYS, "channel": "count", "method": "text", "bits": "count", **_MEASURES},
    "layers": {**_KEYS, "method": "text", "bits": "count", **_MEASURES},
    "waterfall": {
        **_KEYS, "method": "text", "bits": "count", **dict.fromkeys(_GAPS, "gap"),
        "sqnr_db": "number",
    },
    "scores": {
        "network": "text", "method": "text", "bits": "count", "dataset": "text", "image": "text",
        "scale": "count", "protocol": "text", "mode": "text", "psnr": "number", "ssim": "number",
    },
    "sensitivity": {
        "site": "text", "depth": "count", "bits": "count", "psnr_only": "number",
        "psnr_without": "number", "psnr_fp": "number", "psnr_all": "number", "dataset": "text",
        "images": "count",
    },
    "bounds": {"step": "count", "site": "text", "bound": "text", "value": "number"},
    "placement": {
        "site": "text", "quantizer": "text", "bits": "count", "granularity": "text",
        "weight_bits": "count",
    },
}  # fmt: skip
"""Columns that each table must have, and what they hold; further columns are allowed.

``text`` is never missing; ``count`` a whole number from 0; ``number`` any, ``positive`` from 0 on,
``share`` in 0..1 and ``gap`` at least -1e-9 (dB) may be NaN.
"""

_RANGES = {
    "count": (0.0, float("inf")),
    "positive": (0.0, float("inf")),
    "share": (-1e-9, 1 + 1e-9),
    "gap": (-1e-9, float("inf")),
}
_SUFFIXES = (".parquet", ".csv", ".tex")


@cache
def schema(name: str) -> DataFrameSchema:
    """The pandera schema of a table.

    Raises
    ------
    UnknownNameError
        Not one of :data:`COLUMNS`.
    """
    import pandera.pandas as pa

    if name not in COLUMNS:
        raise UnknownNameError.of("table", name, COLUMNS)
    return pa.DataFrameSchema({c: _column(kind) for c, kind in COLUMNS[name].items()}, name=name)


def validate(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return ``table`` if its columns are those of table ``name``.

    Raises
    ------
    ArgumentError
        A column is missing or holds something else; the message names column and value.
    """
    from pandera.errors import SchemaError

    try:
        schema(name).validate(table)
    except SchemaError as error:
        raise ArgumentError(
            f"not a table of {name}: {error}", allowed=", ".join(COLUMNS[name])
        ) from None
    return table


def order_sites(table: pd.DataFrame, sites: Iterable[str] | None = None) -> pd.DataFrame:
    """Make ``site`` an ordered categorical, so that blocks.2 sorts before blocks.10.

    Without ``sites`` the order is that of ``depth``, or of first appearance.
    """
    if sites is None:
        by = table.sort_values("depth", kind="stable") if "depth" in table else table
        sites = by["site"].astype(str)
    categories = list(dict.fromkeys(sites))
    return table.assign(
        site=pd.Categorical(table["site"].astype(str), categories=categories, ordered=True)
    )


def write_table(table: pd.DataFrame, path: str | Path, name: str | None = None) -> Path:
    """Write a table; the suffix decides: .parquet, .csv or .tex (booktabs).

    Parameters
    ----------
    table : DataFrame
    path : str or Path
        Its folder is made; an old file is replaced at once, never half.
    name : str, optional
        Check the columns against this table of :data:`COLUMNS` first.

    Raises
    ------
    ArgumentError
        Another suffix, or columns that do not fit ``name``.
    OutputError
        The file cannot be written.
    """
    path = _known_suffix(Path(path))
    table = table if name is None else validate(table, name)
    writers: dict[str, Callable[[Path], object]] = {
        ".parquet": lambda p: table.to_parquet(p, index=False),
        ".csv": lambda p: table.to_csv(p, index=False, lineterminator="\n"),
        ".tex": lambda p: p.write_text(to_latex(table), encoding="utf-8"),
    }
    return _replaced(path, writers[path.suffix])


def write_latex(text: str, path: str | Path) -> Path:
    """Write a tabular that is laid out already, as :func:`write_table` writes a table.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    return _replaced(Path(path), lambda p: p.write_text(text, encoding="utf-8"))


def _replaced(path: Path, write: Callable[[Path], object]) -> Path:
    """The file made anew, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        os.replace(part, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def read_table(path: str | Path, name: str | None = None) -> pd.DataFrame:
    """Read a table written by :func:`write_table` (.parquet or .csv), sites in layer order.

    Raises
    ------
    FileFormatError
        The file is missing or no such table, or its columns do not fit ``name``.
    """
    path = _known_suffix(Path(path))
    if path.suffix == ".tex":
        raise ArgumentError(f"{path.name} is for LaTeX", allowed=".parquet or .csv")
    if not path.is_file():
        raise FileFormatError(f"no file {path}")
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise FileFormatError(f"{path} is not a table: {error}") from error
    if "site" in table and not isinstance(table["site"].dtype, pd.CategoricalDtype):
        table = order_sites(table)
    try:
        return table if name is None else validate(table, name)
    except ArgumentError as error:
        raise FileFormatError(f"{path}: {error.what}", allowed=error.allowed) from None


def to_latex(table: pd.DataFrame, *, digits: int = 2) -> str:
    """A tabular with booktabs rules: numbers right, rounded to ``digits``, NaN as a dash."""
    numeric = [pd.api.types.is_numeric_dtype(t) for t in table.dtypes]
    head = " & ".join(_escaped(str(column)) for column in table.columns)
    rows = [
        " & ".join(_cell(value, digits) for value in row)
        for row in table.itertuples(index=False, name=None)
    ]
    lines = [
        rf"\begin{{tabular}}{{{''.join('r' if n else 'l' for n in numeric)}}}",
        r"\toprule",
        rf"{head} \\",
        r"\midrule",
        *(rf"{row} \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _column(kind: str) -> Column:
    import pandera.pandas as pa

    if kind == "text":
        return pa.Column(None, nullable=False)
    check = pa.Check(partial(_holds, kind=kind), name=kind)
    return pa.Column(None, check, nullable=kind != "count")


def _holds(values: pd.Series, kind: str) -> pd.Series:
    """Row by row: is it a number of this kind? Nothing is converted on the way."""
    if not pd.api.types.is_numeric_dtype(values):
        return pd.Series(False, index=values.index)
    low, high = _RANGES.get(kind, (-float("inf"), float("inf")))
    numbers = values.astype("float64")
    return numbers.between(low, high) & ((kind != "count") | (numbers % 1 == 0))


def _known_suffix(path: Path) -> Path:
    if path.suffix not in _SUFFIXES:
        raise ArgumentError(f"table file {path.name}", allowed=", ".join(_SUFFIXES))
    return path


def _cell(value: object, digits: int) -> str:
    if value is None or value is pd.NA or value != value:
        return "--"
    if isinstance(value, float):
        text = f"{value:.{digits}f}"
        return f"$-${text[1:]}" if text.startswith("-") else text
    return _escaped(str(value))


def _escaped(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {c: f"\\{c}" for c in "&%$#_{}"}
    return "".join(special.get(c, c) for c in text)
