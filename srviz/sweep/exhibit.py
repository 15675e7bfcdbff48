"""T2 and T3 as a page prints them: one row per network and width, data sets side by side."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from srviz.errors import UnknownNameError
from srviz.sweep.published import FULL_PRECISION, scores_table
from srviz.tables import write_table

NAMES = {"PAMS": "T2", "DDTB": "T3"}
"""The study's tables; one of another method bears its name."""

_CELLS = {
    "plain": "no BN",
    "bn": "BN",
    "bn_gain": "gain",
    "plain_published": "no BN, published",
    "bn_published": "BN, published",
    "bn_gain_published": "gain, published",
}


def paper_table(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Lay out the rows of one method as the study does.

    Parameters
    ----------
    table : DataFrame
        Of :func:`srviz.scores_table`.
    method : str
        "PAMS", "DDTB", ...

    Returns
    -------
    DataFrame
        Index ``network, bits`` ("full" at full precision). Columns (data set, cell), the cells
        "no BN", "BN" and "gain" and, on data sets of the study, the same "published"; dB. With
        repetitions a first column ("seeds", "") counts them.

    Raises
    ------
    UnknownNameError
        No rows of this method.
    """
    methods = dict.fromkeys(table["method"])
    if method not in methods:
        raise UnknownNameError.of("method of the scores", method, methods)
    rows = table.loc[table["method"] == method, :]
    keys = ["network", "bits"]
    wide: dict[tuple[str, str], pd.Series] = {}
    if "seeds" in rows:
        wide["seeds", ""] = rows.groupby(keys, sort=False)["seeds"].max()
    for dataset, own in rows.groupby("dataset", sort=False):
        cells = own.set_index(keys)
        for column, name in _CELLS.items():
            if column in cells and cells[column].notna().any():
                wide[str(dataset), name] = cells[column]
    order = rows[keys].drop_duplicates().sort_values(keys, ascending=[True, False])
    found = pd.DataFrame(wide).reindex(pd.MultiIndex.from_frame(order))
    index = [(n, "full" if b == FULL_PRECISION else str(b)) for n, b in found.index]
    found.index = pd.MultiIndex.from_tuples(index, names=keys)
    return found


def booktabs(wide: pd.DataFrame) -> str:
    """A tabular of a :func:`paper_table` with booktabs rules; a missing cell is a dash."""
    shown = wide.style
    shown.format(_number, na_rep="--").format_index(escape="latex", axis=1)
    return str(shown.to_latex(hrules=True, multicol_align="c", sparse_index=False))


def _number(value: float) -> str:
    return f"{value:.0f}" if isinstance(value, int) else f"{value:.2f}".replace("-", "$-$")


def exhibits(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """T2, T3, ... laid out by :func:`paper_table`, by name."""
    table = scores_table(scores)
    methods = dict.fromkeys(table["method"])
    return {
        NAMES.get(str(method), str(method)): paper_table(table, str(method)) for method in methods
    }


def write_exhibits(scores: pd.DataFrame, out: Path) -> None:
    """Write T2, T3, ... as ``NAME.csv``, one row per cell, and ``NAME.tex``, laid out for print."""
    table = scores_table(scores)
    for method in dict.fromkeys(table["method"]):
        name = NAMES.get(method, method)
        write_table(table.loc[table["method"] == method, :], out / f"{name}.csv")
        (out / f"{name}.tex").write_text(booktabs(paper_table(table, method)), encoding="utf-8")
