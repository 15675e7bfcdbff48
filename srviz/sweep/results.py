"""What a sweep left: its runs, scores, logs and bounds, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from srviz.errors import FileFormatError
from srviz.sweep.job import MODEL
from srviz.sweep.published import WITH_BN
from srviz.tables import read_table

KEYS = ["network", "method", "bits", "seed", "run"]
"""What tells the runs apart in the tables of bounds and logs."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """The tables of a sweep, finished or not.

    Attributes
    ----------
    runs : DataFrame
        Of :func:`srviz.sweep.runs_table`.
    scores : DataFrame
        Of :func:`srviz.sweep`.
    bounds : DataFrame
        ``network, method, bits, seed, run, step, site, bound, value, channel``: the trajectory of
        every trained bound; ``network`` is named as in the scores.
    logs : DataFrame
        ``network, method, bits, seed, run`` and the columns of :func:`srviz.train`.
    folder : Path
        Where they were read from.
    """

    runs: pd.DataFrame
    scores: pd.DataFrame
    bounds: pd.DataFrame
    logs: pd.DataFrame
    folder: Path

    def bounds_of(self, network: str, method: str, bits: int, seed: int = 0) -> pd.DataFrame:
        """The trajectories of one run, for :func:`srviz.plot_bounds`; empty if there are none."""
        wanted = {"network": network, "method": method, "bits": bits, "seed": seed}
        table = self.bounds
        for key, value in wanted.items():
            table = table.loc[table[key] == value, :]
        return table

    def model(self, network: str, method: str, bits: int, seed: int = 0) -> Path:
        """The file of one trained network, for :func:`srviz.load_quantized`.

        Raises
        ------
        FileFormatError
            The sweep has no such run, or its network was cleared away.
        """
        keys = {"network": network.removesuffix(WITH_BN), "method": method, "bits": bits}
        keys |= {"seed": seed, "norm": "batch" if network.endswith(WITH_BN) else "none"}
        rows = self.runs
        for key, value in keys.items():
            rows = rows.loc[rows[key] == value, :]
        name = f"{network}, {method} {bits} bits, seed {seed}"
        if rows.empty:
            raise FileFormatError(f"{self.folder} has no run of {name}")
        path = self.folder / "runs" / str(rows["run"].tolist()[0]) / MODEL
        if not path.is_file():
            raise FileFormatError(f"{path} is not there: the network of {name} was not kept")
        return path


def load_results(folder: str | Path) -> Results:
    """Read the folder of a sweep.

    Parameters
    ----------
    folder : path
        The ``out`` of :func:`srviz.sweep`; the trained networks need not be in it any more.

    Raises
    ------
    FileFormatError
        There is no sweep, or nothing in it is finished yet.
    """
    folder = Path(folder)
    if not (folder / "runs.csv").is_file():
        raise FileFormatError(f"{folder} holds no sweep", fix="srviz sweep PLAN --out FOLDER")
    if not (folder / "scores.parquet").is_file():
        raise FileFormatError(f"{folder}: no run is finished yet", fix="go on with srviz sweep")
    runs = _runs(folder / "runs.csv")
    return Results(
        folder=folder,
        runs=runs,
        scores=read_table(folder / "scores.parquet", "scores"),
        bounds=_gathered(folder, runs, "bounds.parquet", [*KEYS, "step", "site", "bound", "value"]),
        logs=_gathered(folder, runs, "log.csv", [*KEYS, "step", "loss"]),
    )


def _runs(path: Path) -> pd.DataFrame:
    try:
        runs = pd.read_csv(path, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path} is not a table: {error}") from error
    missing = [name for name in (*KEYS, "norm", "state") if name not in runs]
    if missing:
        raise FileFormatError(f"{path} is not of srviz sweep: it lacks {', '.join(missing)}")
    return runs


def _gathered(folder: Path, runs: pd.DataFrame, name: str, columns: list[str]) -> pd.DataFrame:
    """The tables ``name`` of all finished runs, one under the other."""
    found = []
    for row in runs.loc[runs["state"] == "finished", :].to_dict("records"):
        path = folder / "runs" / str(row["run"]) / name
        if path.is_file():
            label = str(row["network"]) + (WITH_BN if row["norm"] == "batch" else "")
            table = read_table(path)
            if "site" in table:  # categories of different networks do not join
                table = table.assign(site=table["site"].astype(str))
            keys = {key: row[key] for key in KEYS} | {"network": label}
            found.append(table.assign(**keys))
    if not found:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(found, ignore_index=True)
    return whole.reindex(columns=[*KEYS, *(c for c in whole.columns if c not in KEYS)])
