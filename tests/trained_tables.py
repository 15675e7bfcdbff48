"""Tables of a small sweep, made by hand: EDSR complete, IDN without its network with BN."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

NAN = float("nan")
COLUMNS = (
    *("method", "network", "bits", "dataset", "plain", "bn", "bn_gain"),
    *("plain_std", "bn_std", "seeds"),
    *("plain_published", "bn_published", "bn_gain_published"),
)


def row(
    method: str,
    bits: int,
    plain: float,
    bn: float,
    *,
    network: str = "EDSR",
    dataset: str = "Urban100",
    stds: tuple[float, float] = (NAN, NAN),
    published: tuple[float, float] = (NAN, NAN),
) -> tuple[object, ...]:
    """One row of the table "trained"."""
    seeds = 1 if stds[0] != stds[0] else 3
    gain = published[1] - published[0]
    return (method, network, bits, dataset, plain, bn, bn - plain, *stds, seeds, *published, gain)


def trained() -> pd.DataFrame:
    """T2 and a piece of T3; Set5 comes first, but only Urban100 has published numbers."""
    rows = [
        row("PAMS", 32, 31.0, 30.8, dataset="Set5"),
        row("PAMS", 4, 30.0, 30.5, dataset="Set5"),
        row("PAMS", 3, 29.0, 28.9, dataset="Set5"),
        row("PAMS", 32, 25.10, 24.90, published=(26.02, 25.84)),
        row("PAMS", 8, 25.00, 24.98, published=(26.03, 25.85)),
        row("PAMS", 4, 24.50, 24.80, published=(25.30, 25.40)),
        row("PAMS", 3, 23.00, 23.04, stds=(0.03, 0.04), published=(23.50, 25.00)),
        row("PAMS", 2, 21.00, 20.00),
        row("PAMS", 4, 34.0, 33.0, dataset="Photo2K"),
        row("PAMS", 4, 24.0, NAN, network="IDN", published=(24.35, 24.64)),
        row("DDTB", 3, 23.00, 23.09, stds=(0.06, 0.08), published=(25.34, 25.31)),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def bounds(sites: Sequence[str], steps: Sequence[int] = (0, 500, 1000)) -> pd.DataFrame:
    """PAMS at 4 and 3 bits without and with BN, DDTB at 3 bits without; 3 bits have two seeds."""
    runs = [
        (label, method, bits, seed, f"{label}-{method}-{bits}-{seed}")
        for label, method, bits in (
            ("EDSR", "pams", 4),
            ("EDSR + BN", "pams", 4),
            ("EDSR", "pams", 3),
            ("EDSR + BN", "pams", 3),
            ("EDSR", "ddtb", 3),
        )
        for seed in ((0, 1) if bits == 3 else (0,))
    ]
    paths = {"pams": {"alpha": 10.0}, "ddtb": {"upper": 8.0, "lower": -4.0}}
    rows = [
        (*run, step, site, bound, start * (1 - 0.4 * step / 1000) * (1 + 0.01 * run[3]), None)
        for run in runs
        for step in steps
        for site in sites
        for bound, start in paths[run[1]].items()
    ]
    keys = ["network", "method", "bits", "seed", "run"]
    return pd.DataFrame(rows, columns=[*keys, "step", "site", "bound", "value", "channel"]).astype(
        {"channel": "Int64"}
    )


def best(sites: Sequence[str]) -> pd.DataFrame:
    """Bounds of least error for some of the runs: none for DDTB."""
    rows = [
        (label, "pams", bits, site, -7.0, 7.0)
        for label in ("EDSR", "EDSR + BN")
        for bits in (4, 3)
        for site in sites
    ]
    return pd.DataFrame(rows, columns=["label", "method", "bits", "site", "lower", "upper"])
