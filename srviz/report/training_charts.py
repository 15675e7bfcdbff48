"""The numbers behind the drawings of trained networks: gains, and bounds over training."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from srviz.report.compact import significant
from srviz.report.condition import SAME_DB
from srviz.report.data import ProfileLike, ReportData
from srviz.report.gains import Line, dataset_text, main_dataset
from srviz.unfitness import quantile_fan

WITH_BN = " + BN"
"""The end of the name of a network with BN; its partner bears the name before it."""

FIRST_SEED = 0
"""Of repeated runs, the one whose bounds are drawn."""

MAX_STEPS = 60
"""Points of a trajectory; more are thinned, but for the first and the last."""


def training_data(data: ReportData, found: Sequence[Line]) -> dict[str, Any]:
    """Everything that the charts of the section draw, as plain JSON values."""
    paths = trajectories(data.table("bounds"), data.table("best_bounds"))
    labels = dict.fromkeys(path["label"] for path in paths)
    return {
        "same": SAME_DB,
        "gains": gain_lines(found),
        "paths": paths,
        "fans": {k: fans(data.profiles[k]) for k in labels if k in data.profiles},
    }


def gain_lines(found: Sequence[Line]) -> list[dict[str, Any]]:
    """By data set, the main one first: what BN gains each network and method at each width."""
    names = list(dict.fromkeys(line.dataset for line in found))
    if found:
        names.sort(key=lambda name: name != main_dataset(found))
    return [
        {
            "name": dataset_text(name),
            "lines": [
                {
                    "name": line.name,
                    "bits": [gain.bits for gain in line.gains],
                    "gain": [significant(gain.db, 3) for gain in line.gains],
                    "spread": [significant(gain.spread, 3) for gain in line.gains],
                    "published": [
                        round(gain.published_db, 2) if isfinite(gain.published_db) else None
                        for gain in line.gains
                    ],
                }
                for line in found
                if line.dataset == name
            ],
        }
        for name in names
    ]


def trajectories(bounds: pd.DataFrame, best: pd.DataFrame) -> list[dict[str, Any]]:
    """The bounds of each network, method and width over training, of :data:`FIRST_SEED` only.

    Bounds that a site has for each of its channels are shown by their mean. ``best`` holds the
    bounds of least error by site, where they are known.
    """
    if bounds.empty:
        return []
    found = []
    for _, rows in bounds.loc[bounds["seed"] == FIRST_SEED, :].groupby("run", sort=False):
        label, method, bits = rows[["network", "method", "bits"]].iloc[0].tolist()
        steps = _thinned(sorted(rows["step"].unique().tolist()))
        found.append(
            {
                "network": str(label).removesuffix(WITH_BN),
                "label": str(label),
                "normed": str(label).endswith(WITH_BN),
                "method": str(method).upper(),
                "bits": int(bits),
                "step": steps,
                "sites": _by_site(rows, steps),
                "best": _best(best, str(label), str(method), int(bits)),
            }
        )
    return found


def _thinned(steps: list[int]) -> list[int]:
    places = np.linspace(0, len(steps) - 1, min(len(steps), MAX_STEPS)).round().astype(int)
    return [steps[i] for i in dict.fromkeys(places.tolist())]


def _by_site(rows: pd.DataFrame, steps: list[int]) -> dict[str, dict[str, list[float | None]]]:
    """By site and bound, its value at each of the steps."""
    kept = rows.loc[rows["step"].isin(steps), :].astype({"site": str, "bound": str})
    wide = kept.pivot_table(
        index="step", columns=["site", "bound"], values="value", sort=False, observed=True
    )
    found: dict[str, dict[str, list[float | None]]] = {}
    for site, bound in wide.columns.tolist():
        values = wide[site, bound].reindex(steps)
        found.setdefault(site, {})[bound] = significant(values.to_numpy(dtype=float))
    return found


def _best(best: pd.DataFrame, label: str, method: str, bits: int) -> dict[str, list[float]]:
    if best.empty:
        return {}
    own = (best["label"] == label) & (best["method"] == method) & (best["bits"] == bits)
    rows = best.loc[own, :]
    ends = rows[["lower", "upper"]].to_numpy(dtype=float)
    return dict(zip(rows["site"].astype(str), significant(ends), strict=True))


def fans(profile: ProfileLike) -> dict[str, list[list[float | None]]]:
    """By site, the quantiles of its values, all channels together: bands as (low, high)."""
    return {s: significant(quantile_fan(profile.histogram(s))) for s in profile.site_names}
