"""Intervals: the step of a symmetric quantizer per layer and criterion (table T1)."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from srviz.unfitness.bounds import alpha, whole_bits
from srviz.unfitness.source import ProfileLike, as_table, depths

COLUMNS = ("label", "site", "depth", "criterion", "bits", "alpha", "interval")


def interval(alpha: float, bits: int) -> float:
    """``alpha / (2^(bits-1) - 1)``: PAMS' step; at 2 bits alpha itself."""
    return alpha / ((1 << (whole_bits(bits, 16) - 1)) - 1)


def interval_table(
    profs: ProfileLike | Sequence[ProfileLike],
    bits: int | Sequence[int] = 4,
    criteria: Sequence[str] = ("max", "min"),
    *,
    percentile: float = 1.0,
) -> pd.DataFrame:
    """T1: alpha and quantization interval per network, layer, criterion and width.

    Parameters
    ----------
    profs : Profile or sequence of Profile
        Any networks.
    bits : int or sequence of int
    criteria : sequence of str
        "max" (alpha = \\|max(x)\\|), "min" (\\|min(x)\\|), "absmax", "percentile" or "mse"; x is
        the whole tensor, all channels and images together.
    percentile : float
        For "percentile": 1 means the 1st and the 99th.

    Returns
    -------
    DataFrame
        ``label, site, depth, criterion, bits, alpha, interval``; alpha is 0 where the criterion
        gives none ("min" after a ReLU).
    """
    profs = list(profs) if isinstance(profs, Sequence) else [profs]
    widths = list(bits) if isinstance(bits, Sequence) else [bits]
    rows: list[dict[str, object]] = []
    for prof in profs:
        depth = depths(prof)
        for site in prof.site_names:
            pooled = prof.histogram(site).pooled()
            for criterion in criteria:
                for width in widths:
                    a = float(alpha(pooled, criterion, width, percentile)[0])
                    values = (prof.label, site, depth[site], criterion, width)
                    rows.append(dict(zip(COLUMNS, (*values, a, interval(a, width)), strict=True)))
    return as_table(rows, COLUMNS, [site for prof in profs for site in prof.site_names])
