"""T2 and T3 as a page prints them: one row per network and width, data sets side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from srviz.errors import UnknownNameError
from srviz.sweep.published import FULL_PRECISION, scores_table
from srviz.tables import write_latex, write_table

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


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """T2, T3 or the table of another method.

    Attributes
    ----------
    name : str
        "T2", "T3" or the method's name, and the setting where the scores have several.
    setting : str
        Scale, protocol and mode of its scores.
    rows : DataFrame
        Of :func:`srviz.scores_table`, the rows of this method.
    table : DataFrame
        The same, laid out by :func:`paper_table`.
    """

    name: str
    setting: str
    rows: pd.DataFrame
    table: pd.DataFrame


def exhibits(scores: pd.DataFrame) -> list[Exhibit]:
    """The tables of all methods; scores of several scales, protocols or modes are kept apart.

    Where nothing but full precision has been scored there is no table yet.
    """
    keys = ["scale", "protocol", "mode"]
    settings = scores[keys].drop_duplicates().values.tolist()
    found = []
    for setting in settings:
        scale, protocol, mode = setting
        table = scores_table(scores.loc[(scores[keys] == setting).all(axis=1), :])
        end = f"_x{scale}_{protocol}_{mode}" if len(settings) > 1 else ""
        for method in (m for m in dict.fromkeys(table["method"].tolist()) if m != "NONE"):
            exhibit = Exhibit(
                name=f"{NAMES.get(method, method)}{end}",
                setting=f"x{scale}, protocol {protocol}, {mode} images",
                rows=table.loc[table["method"] == method, :],
                table=paper_table(table, method),
            )
            found.append(exhibit)
    return found


def write_exhibits(scores: pd.DataFrame, out: Path) -> None:
    """Write T2, T3, ... as ``NAME.csv``, one row per cell, and ``NAME.tex``, laid out for print."""
    for exhibit in exhibits(scores):
        write_table(exhibit.rows, out / f"{exhibit.name}.csv")
        write_latex(booktabs(exhibit.table), out / f"{exhibit.name}.tex")
