"""Places: which grid of a collection belongs to which site and channel of a profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from srviz.errors import ArgumentError, SiteError
from srviz.grid import Grid, GridRow, Grids
from srviz.unfitness.optimum import METHOD_FAMILY
from srviz.unfitness.source import ProfileLike


@dataclass(frozen=True, kw_only=True)
class Place:
    """The grids of one method and width at a site: one, or one per channel."""

    site: str
    method: str
    bits: int
    grids: list[Grid]

    @property
    def family(self) -> str:
        """The family of grids the method chooses from; unknown methods: symmetric or affine."""
        if self.method in METHOD_FAMILY:
            return METHOD_FAMILY[self.method]
        full = (1 << self.bits) - 1
        odd = all(
            len(g.levels) == full and np.allclose(g.levels, -g.levels[::-1]) for g in self.grids
        )
        return "symmetric" if odd else "affine"


def places(prof: ProfileLike, grids: Grids) -> Iterator[Place]:
    """Every site of the profile that has grids, in execution order.

    The calls of a module used more than once (``path:in#1``) share the grids of ``path:in``.

    Raises
    ------
    SiteError
        None of the sites has grids.
    ArgumentError
        A site has grids for single images, or for some of its channels only.
    """
    known = set(grids.sites)
    matched = False
    for site in prof.site_names:
        name = site if site in known else site.partition("#")[0]
        if name not in known:
            continue
        matched = True
        kinds: dict[tuple[str, int], list[GridRow]] = {}
        for row in grids.at(name):
            kinds.setdefault((row.method, row.bits), []).append(row)
        for (method, bits), rows in kinds.items():
            found = _in_order(rows, site)
            yield Place(site=site, method=method, bits=bits, grids=found)
    if not matched:
        raise SiteError(
            f"the grids fit no site of {prof.label}",
            allowed=", ".join(list(prof.site_names)[:6]),
            fix="calibrate on this profile, or capture the sites the grids name",
        )


def _in_order(rows: list[GridRow], site: str) -> list[Grid]:
    if any(row.image is not None for row in rows):
        raise ArgumentError(
            f"the grids at {site} are per image", allowed="grids per tensor or per channel"
        )
    shared = [row.grid for row in rows if row.channel is None]
    if shared:
        return shared
    return [row.grid for row in sorted(rows, key=lambda row: row.channel or 0)]
