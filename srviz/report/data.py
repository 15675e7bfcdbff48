"""What a report is made of: pairs of networks, their profiles, grids and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from srviz.errors import ArgumentError

FULL_PRECISION = 32
"""The number of bits that the scores table writes for a network that is not quantized."""

TABLES = (
    "sites",
    "intervals",
    "unfitness",
    "layers",
    "waterfall",
    "scores",
    "sensitivity",
    "placement",
    "trained",
    "bounds",
    "best_bounds",
)
"""Names of the tables a report knows; a table that is missing or empty drops its section.

"trained", "bounds" and "best_bounds" tell of networks that were trained after they had been
quantized: their scores, their bounds over training, and the bounds of least error beside them.
"""

LABEL = {"scores": "network", "trained": "network", "bounds": "network"}
"""Tables in which the label stands in another column than ``label``."""


class HistogramLike(Protocol):
    """The counts of one site, as :class:`srviz.histogram.Histogram` keeps them."""

    counts: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    zeros: np.ndarray
    underflow: np.ndarray


class ProfileLike(Protocol):
    """The parts of a profile a report reads."""

    @property
    def site_names(self) -> Sequence[str]: ...

    @property
    def image_names(self) -> Sequence[str]: ...

    @property
    def channels(self) -> pd.DataFrame: ...

    def histogram(self, site: str, image: Any = None) -> Any: ...


@dataclass(frozen=True)
class ReportData:
    """Everything one page shows.

    Attributes
    ----------
    title : str
        Title of the page.
    pairs : sequence of (str, str)
        Labels of the networks that are compared, (without BN, with BN).
    profiles : mapping of str to Profile
        One profile per label.
    grids : mapping of str to mapping of int to Grids
        Per label and bit width, the grids of the quantizers.
    bits : int
        The bit width that is shown in detail, 2 to 16.
    tables : mapping of str to DataFrame
        See :data:`TABLES`. Every table has a column ``label``, but for "scores", "trained" and
        "bounds", where the label stands in ``network``. A row of "trained" holds a network
        without and with BN, and the label is that of the one without. ``bits`` is 32 at full
        precision. Networks in "trained" and "bounds" need not belong to a pair.
    provenance : mapping
        Versions, images, weights, settings, seeds; nested mappings are shown as such. A key
        ``command`` (str) is shown as the way to make the page again.
    setting : str
        How the scored networks came by their bounds, in a few words.
    images : tuple of (int or str, int or str)
        The two images whose channel distributions are drawn over each other.

    Raises
    ------
    ArgumentError
        No pair, or a label without profile or without grids at ``bits``.
    """

    title: str
    pairs: Sequence[tuple[str, str]]
    profiles: Mapping[str, ProfileLike]
    grids: Mapping[str, Mapping[int, Any]]
    bits: int
    tables: Mapping[str, pd.DataFrame]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    setting: str = "calibrated on these images, no training"
    images: tuple[int | str, int | str] = (0, 1)

    def __post_init__(self) -> None:
        if not self.pairs:
            raise ArgumentError("a report needs networks to compare", allowed="at least one pair")
        unknown = sorted(set(self.tables) - set(TABLES))
        if unknown:
            raise ArgumentError(f"unknown table {unknown[0]!r}", allowed=", ".join(TABLES))
        for label in self.labels:
            if label not in self.profiles:
                raise ArgumentError(
                    f"no profile for network {label!r}", allowed=", ".join(self.profiles)
                )
            if self.bits not in self.grids.get(label, {}):
                widths = ", ".join(map(str, self.grids.get(label, {}))) or "none"
                raise ArgumentError(
                    f"no grids of {self.bits} bits for network {label!r}",
                    allowed=f"the widths calibrated: {widths}",
                )

    @property
    def labels(self) -> list[str]:
        """Labels of all networks, each once, in the order of the pairs."""
        return list(dict.fromkeys(label for pair in self.pairs for label in pair))

    def table(self, name: str, label: str | None = None) -> pd.DataFrame:
        """A table, or the rows of one network in it; empty if there is none."""
        table = self.tables.get(name)
        if table is None or label is None or table.empty:
            return pd.DataFrame() if table is None else table
        return table.loc[table[LABEL.get(name, "label")].astype(str) == label, :]

    def has(self, name: str) -> bool:
        """Whether a table is there and has rows."""
        return not self.table(name).empty
