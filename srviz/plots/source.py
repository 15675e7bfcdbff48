"""What a figure needs of a profile, and the checks that all figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import pandas as pd

from srviz.errors import ArgumentError, UnknownNameError
from srviz.histogram import Histogram

T = TypeVar("T")


class ProfileLike(Protocol):
    """The parts of a profile that are drawn."""

    @property
    def label(self) -> str: ...

    @property
    def site_names(self) -> Sequence[str]: ...

    @property
    def image_names(self) -> Sequence[str]: ...

    @property
    def meta(self) -> dict[str, Any]: ...

    def histogram(self, site: str, image: int | str | None = None) -> Histogram: ...


def listed(value: T | Sequence[T], kind: type | tuple[type, ...] = ()) -> list[T]:
    """One thing or several, as a list; ``kind`` are sequences that count as one thing."""
    if isinstance(value, Sequence) and not isinstance(value, (str, *_tuple(kind))):
        return list(value)
    return [value]  # pyright: ignore[reportReturnType]


def _tuple(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def check_site(prof: ProfileLike, site: str) -> None:
    """Refuse a site that the profile lacks, suggesting close names."""
    if site not in prof.site_names:
        raise UnknownNameError.of(f"site of {prof.label}", site, prof.site_names)


def check_table(table: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Refuse a table without rows or without a column that is drawn."""
    missing = [name for name in columns if name not in table]
    if missing:
        raise ArgumentError(f"the table lacks {', '.join(missing)}", allowed=f"what {what} returns")
    if table.empty:
        raise ArgumentError("the table has no rows", allowed=f"what {what} returns, not empty")


def rows_of(table: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows of one network."""
    return table.loc[table["label"].astype(str) == label, :]
