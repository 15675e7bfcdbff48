"""What quantizing single layers costs in PSNR, and on which images that was measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from srviz.report.data import ReportData
from srviz.report.glossary import GAPS
from srviz.report.kinds import kinds


@dataclass(frozen=True)
class Cost:
    """Where one network loses PSNR when one layer is quantized at a time.

    Attributes
    ----------
    site, worst : str, float
        The costliest layer and its cost (dB).
    kind, share : str or None, float
        The kind of layer with the largest part of all these costs, and that part (0..1).
    rank : float or None
        Rank correlation (-1..1) of cost and distance to the best quantizer over the layers.
    """

    site: str
    worst: float
    kind: str | None
    share: float
    rank: float | None


def shortfall(data: ReportData, label: str) -> dict[str, float]:
    """Sum of the waterfall's gaps of each site in dB; NaN where none of them is known."""
    table = data.table("waterfall", label)
    columns = [name for name in GAPS if name in table]
    if not columns:
        return {}
    total = table[columns].sum(axis=1, min_count=1).to_numpy(dtype=float)
    return dict(zip(table["site"].astype(str), total.tolist(), strict=True))


def costs(data: ReportData, label: str) -> dict[str, float]:
    """PSNR at full precision minus PSNR with only that site quantized (dB), where finite."""
    table = data.table("sensitivity", label)
    if table.empty:
        return {}
    lost = (table["psnr_fp"] - table["psnr_only"]).to_numpy(dtype=float)
    pairs = zip(table["site"].astype(str), lost.tolist(), strict=True)
    return {site: value for site, value in pairs if np.isfinite(value)}


def cost(data: ReportData, label: str) -> Cost | None:
    """Reduce the sensitivities of a network to the few numbers that the words need."""
    found = costs(data, label)
    if not found:
        return None
    worst = max(found, key=lambda site: found[site])
    by_kind = {
        kind: sum(max(found[site], 0.0) for site in sites) for kind, sites in kinds(found).items()
    }
    total = sum(by_kind.values())
    kind = max(by_kind, key=lambda name: by_kind[name])
    known = len(by_kind) > 1 and total > 0
    return Cost(
        site=worst,
        worst=found[worst],
        kind=kind if known else None,
        share=by_kind[kind] / total if known else float("nan"),
        rank=_rank(found, shortfall(data, label)),
    )


def _rank(found: dict[str, float], distance: dict[str, float]) -> float | None:
    """Spearman's correlation over the sites known to both; None for fewer than four."""
    rows = [(found[s], distance[s]) for s in found if np.isfinite(distance.get(s, np.nan))]
    if len(rows) < 4:
        return None
    ranks = pd.DataFrame(rows).rank().to_numpy()
    spread = ranks.std(axis=0)
    return float(np.corrcoef(ranks.T)[0, 1]) if (spread > 0).all() else None


def measured_on(data: ReportData, label: str) -> str | None:
    """The images the sensitivities rest on: the name of their set, and how many."""
    table = data.table("sensitivity", label)
    if table.empty or "dataset" not in table:
        return None
    count = int(table["images"].iloc[0])
    return f"{table['dataset'].iloc[0]}, {count} image{'s' if count > 1 else ''}"
