"""The scores of trained networks, cell by cell, and what may be called a gain in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, isfinite, nan
from typing import Any

import pandas as pd

from srviz.report.data import FULL_PRECISION
from srviz.report.sentences import verb

STAND_INS = {"Photo2K": "Test2K"}
"""Data sets that stand in for one of the study that cannot be had; their PSNR do not compare."""

Pair = tuple[float, float]
"""Without BN, with BN; NaN where it is not known."""


@dataclass(frozen=True)
class Gain:
    """One network at one width on one data set.

    Attributes
    ----------
    bits : int
        32 is full precision.
    psnr, published : (float, float)
        Without and with BN, in dB; means over images and seeds.
    stds : (float, float)
        Standard deviations over the seeds, in dB; NaN for a single one.
    seeds : int
        How often it was trained, without or with BN.
    """

    bits: int
    psnr: Pair
    published: Pair = (nan, nan)
    stds: Pair = (nan, nan)
    seeds: int = 1

    @property
    def db(self) -> float:
        """PSNR with BN minus PSNR without, in dB; NaN if one of them is missing."""
        return self.psnr[1] - self.psnr[0]

    @property
    def published_db(self) -> float:
        """The published gain in dB, or NaN."""
        return self.published[1] - self.published[0]

    @property
    def spread(self) -> float:
        """Standard deviation of the gain over the seeds, in dB; 0 where it is not known.

        Where only one of the two networks was trained repeatedly, the other one is taken to
        scatter as much.
        """
        one, other = self.stds
        one, other = (a if isfinite(a) else b for a, b in ((one, other), (other, one)))
        return hypot(one, other) if isfinite(one) else 0.0

    @property
    def verb(self) -> str:
        """What BN does here; a change below the spread over the seeds is none."""
        return verb(self.db, self.spread)


@dataclass(frozen=True)
class Line:
    """One network and method on one data set, at all of its widths, the widest first."""

    network: str
    method: str
    dataset: str
    gains: list[Gain]

    @property
    def name(self) -> str:
        return f"{self.network}, {self.method}"

    @property
    def known(self) -> list[Gain]:
        """The widths at which both networks were scored."""
        return [gain for gain in self.gains if isfinite(gain.db)]


def lines(table: pd.DataFrame) -> list[Line]:
    """The rows of the table "trained", network by network, else in their order."""
    found: dict[tuple[str, str, str], list[Gain]] = {}
    for row in table.to_dict("records"):
        key = str(row["network"]), str(row["method"]), str(row["dataset"])
        found.setdefault(key, []).append(_gain(row))
    networks = list(dict.fromkeys(network for network, *_ in found))
    return [
        Line(*key, sorted(found[key], key=lambda g: g.bits, reverse=True))
        for key in sorted(found, key=lambda key: networks.index(key[0]))
    ]


def _gain(row: dict[Any, Any]) -> Gain:
    """Columns on repetitions and publications may be missing."""

    def both(suffix: str) -> Pair:
        one, other = (float(row.get(f"{side}{suffix}", nan)) for side in ("plain", "bn"))
        return one, other

    return Gain(
        int(row["bits"]), both(""), both("_published"), both("_std"), int(row.get("seeds", 1))
    )


def main_dataset(found: Sequence[Line]) -> str:
    """The data set that the sentences are about: the first one with published gains, or the first.

    It is fixed by the publication and not by what came out.
    """
    published = (
        line.dataset for line in found if any(isfinite(g.published_db) for g in line.gains)
    )
    return next(published, found[0].dataset)


def dataset_text(name: str) -> str:
    """A data set as it is shown; a stand-in is called one."""
    return f"{name} (stand-in for {STAND_INS[name]})" if name in STAND_INS else name


def width_text(bits: int) -> str:
    """A width as it is shown in a sentence."""
    return "in full precision" if bits >= FULL_PRECISION else f"at {bits} bits"
