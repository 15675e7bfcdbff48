"""Layers of one kind: the same place in every block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MOST_KINDS = 4
"""A network whose layers fall into more kinds than this is shown as one."""


def kind_of(site: str) -> str:
    """The place of a site with its numbers left open.

    Examples
    --------
    >>> kind_of("blocks.3.slot_in:out")
    'blocks.*.slot_in:out'
    """
    return ".".join("*" if part.isdigit() else part for part in site.split("."))


def kinds(sites: Iterable[str]) -> Mapping[str, list[str]]:
    """Sites by a short name of their kind, in order; all under "all layers" if kinds say little.

    Examples
    --------
    >>> list(kinds(["blocks.0.slot_in:out", "blocks.0.slot_out:out", "blocks.1.slot_in:out"]))
    ['slot_in', 'slot_out']
    """
    sites = list(sites)
    groups: dict[str, list[str]] = {}
    for site in sites:
        groups.setdefault(kind_of(site), []).append(site)
    if not 1 < len(groups) <= MOST_KINDS or len(groups) == len(sites):
        return {"all layers": sites}
    return dict(zip(_short(list(groups)), groups.values(), strict=True))


def _short(names: list[str]) -> list[str]:
    """What tells the kinds apart: the parts in which they differ."""
    parts = [name.removesuffix(":out").split(".") for name in names]
    if len({len(p) for p in parts}) > 1:
        return [".".join(p) for p in parts]
    differs = [len(set(column)) > 1 for column in zip(*parts, strict=True)]
    return [".".join(p for p, d in zip(part, differs, strict=True) if d) for part in parts]
