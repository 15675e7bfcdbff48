"""What the measurements need of a profile."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from srviz.histogram import Histogram


class ProfileLike(Protocol):
    """Histograms per site, pooled and (if there are image names) per image."""

    @property
    def label(self) -> str: ...

    @property
    def sites(self) -> pd.DataFrame:
        """With the columns ``site`` and ``depth``, in execution order."""
        ...

    @property
    def site_names(self) -> Sequence[str]: ...

    @property
    def image_names(self) -> Sequence[str]: ...

    def histogram(self, site: str, image: int | str | None = None) -> Histogram: ...


def depths(prof: ProfileLike) -> dict[str, int]:
    """Depth of each site."""
    table = prof.sites
    return {str(s): int(d) for s, d in zip(table["site"], table["depth"], strict=True)}


def as_table(
    rows: Sequence[dict[str, object]], columns: Sequence[str], sites: Sequence[str]
) -> pd.DataFrame:
    """Rows with these columns, ``site`` as an ordered categorical in layer order."""
    table = pd.DataFrame(list(rows), columns=list(columns))  # pyright: ignore[reportArgumentType]
    known = list(dict.fromkeys(sites))
    return table.assign(site=pd.Categorical(table["site"], categories=known, ordered=True))
