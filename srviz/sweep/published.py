"""T2 and T3: scores beside the study's own, and what batch normalization gains in each cell."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from srviz.errors import ArgumentError

WITH_BN = " + BN"
FULL_PRECISION = 32
KEYS = ["method", "network", "bits", "dataset"]
_NEEDED = ("network", "method", "bits", "dataset", "image", "protocol", "scale", "mode", "psnr")


@cache
def _published() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).with_name("published.csv")).fillna({"note": ""})


def published_scores() -> pd.DataFrame:
    """The study's PSNR table: ``method, network, batch_norm, bits, dataset, psnr, note``.

    Son, Kang, Lee, Yoo, Jung, "Revisiting batch normalization in quantization of super-resolution
    networks"; x4, dB. ``note`` says where a cell is probably a misprint.
    """
    return _published().copy()


def scores_table(scores: pd.DataFrame, *, published: bool = True) -> pd.DataFrame:
    """One row per method, network, width and data set: PSNR without and with BN, and the gain.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`srviz.evaluate`, under one protocol. The name of a network with BN ends in
        " + BN"; its partner without bears the name before it. A column ``seed`` tells
        repetitions apart. Full precision (32 bits) is repeated for every method.
    published : bool
        Whether to join the study's numbers.

    Returns
    -------
    DataFrame
        ``method, network, bits, dataset, plain, bn, bn_gain`` (dB), with several seeds
        ``plain_std, bn_std, seeds`` and, if asked for, ``plain_published, bn_published,
        bn_gain_published``; NaN where there is no such run or publication.

    Raises
    ------
    ArgumentError
        Columns are missing, or the rows are of several protocols.
    """
    missing = [name for name in _NEEDED if name not in scores]
    if missing:
        raise ArgumentError(
            f"the scores lack {', '.join(missing)}", allowed="what sv.evaluate returns"
        )
    if len(scores[["protocol", "scale", "mode"]].drop_duplicates()) > 1:
        raise ArgumentError(
            "scores of several protocols, scales or modes", fix="filter to one of them first"
        )
    table = _paired(_means(scores))
    return _joined(table) if published else table


def _means(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean over the images, then mean and deviation over the seeds, one row per network."""
    normed = scores["network"].astype(str).str.endswith(WITH_BN)
    base = scores["network"].astype(str).str.removesuffix(WITH_BN)
    rows = scores.assign(network=base, batch_norm=normed, method=scores["method"].str.upper())
    if "seed" not in rows:
        rows = rows.assign(seed=0)
    keys = [*KEYS, "batch_norm"]
    by_seed = pd.DataFrame(rows.groupby([*keys, "seed"], sort=False)["psnr"].mean()).reset_index()
    cells = by_seed.groupby(keys, sort=False)["psnr"]
    found = {"psnr": cells.mean(), "std": cells.std(), "seeds": cells.size()}
    return _repeated(pd.DataFrame(found).reset_index())


def _repeated(means: pd.DataFrame) -> pd.DataFrame:
    """Full precision under every method's name: it is the first line of each table."""
    full = means["bits"] == FULL_PRECISION
    methods = list(dict.fromkeys(means.loc[~full, "method"])) or ["NONE"]
    first = [means.loc[full, :].assign(method=method) for method in methods]
    return pd.concat([*first, means.loc[~full, :]], ignore_index=True)


def _paired(means: pd.DataFrame) -> pd.DataFrame:
    """Without and with BN side by side, widest first."""
    sides = {
        name: means.loc[means["batch_norm"] == flag, :]
        .drop(columns="batch_norm")
        .rename(columns={"psnr": name, "std": f"{name}_std", "seeds": f"{name}_seeds"})
        for name, flag in (("plain", False), ("bn", True))
    }
    table = sides["plain"].merge(sides["bn"], on=KEYS, how="outer", sort=False)
    table["bn_gain"] = table["bn"] - table["plain"]
    columns = [*KEYS, "plain", "bn", "bn_gain"]
    seeds = table[["plain_seeds", "bn_seeds"]].max(axis=1)
    if (seeds > 1).any():
        table["seeds"] = seeds.astype(int)
        columns += ["plain_std", "bn_std", "seeds"]
    order = {name: i for i, name in enumerate(dict.fromkeys(means["dataset"]))}
    table["_place"] = table["dataset"].map(order)
    rank = ["method", "network", "_place", "bits"]
    table = table.sort_values(rank, ascending=[False, True, True, False], kind="stable")
    return table[columns].reset_index(drop=True)


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    wide = _published().pivot_table(
        index=KEYS, columns="batch_norm", values="psnr", aggfunc="first", sort=False
    )
    wide.columns = [f"{'bn' if flag == 'yes' else 'plain'}_published" for flag in wide.columns]
    wide["bn_gain_published"] = (wide["bn_published"] - wide["plain_published"]).round(2)
    out = table.merge(wide.reset_index(), on=KEYS, how="left")
    for name in ("plain_published", "bn_published", "bn_gain_published"):
        out[name] = out[name].astype(np.float64)
    return out
