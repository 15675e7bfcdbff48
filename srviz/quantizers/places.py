"""The places of a network where quantizers go: its slots, or its convolutions' inputs."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from srviz.errors import SiteError, UnknownNameError
from srviz.grid import Grids
from srviz.slots import Graph, Slot


@dataclass(frozen=True, kw_only=True)
class Place:
    """A site, the module it belongs to, and convolutions by their full names.

    ``weights`` are those whose weights are quantized together with this tensor, ``convs`` those
    that read it once it is quantized.
    """

    site: str
    module: str
    weights: tuple[str, ...]
    convs: tuple[str, ...]


def places_of(net: nn.Module, graph: Graph) -> tuple[list[Place], list[Place]]:
    """Where quantizers go by default, and where they go only if told, in the modules' order.

    By default: the slots, or, in a network without any, the input of every Conv2d. If told: the
    inputs of the convolutions that no slot feeds (head, tail, upsampler).
    """
    named = list(net.named_modules())
    slots = [_slot_place(name, m, graph) for name, m in named if isinstance(m, Slot)]
    if not slots:
        return [_input(name) for name, m in named if isinstance(m, nn.Conv2d)], []
    fed = {conv for _, convs in slots for conv in convs}
    rest = [
        _input(name)
        for name, module in named
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and name not in fed
    ]
    return [place for place, _ in slots if place is not None], rest


def _slot_place(name: str, slot: Slot, graph: Graph) -> tuple[Place | None, tuple[str, ...]]:
    """The place (None if this graph has none here), and the convolutions the slot feeds."""
    parent = name.rpartition(".")[0]
    convs = tuple(f"{parent}.{conv}".lstrip(".") for conv in slot.convs)
    release = graph == "release"
    if release and slot.paper_only:
        return None, convs
    read = () if release and slot.bypassed else convs
    return Place(site=f"{name}:out", module=name, weights=convs, convs=read), convs


def _input(name: str) -> Place:
    return Place(site=f"{name}:in", module=name, weights=(name,), convs=(name,))


def select_places(
    net: nn.Module,
    graph: Graph,
    *,
    grids: Grids | None,
    sites: str | Sequence[str] | None,
    whole: bool,
) -> list[Place]:
    """The places to quantize, in the modules' order; see :func:`srviz.quantize`."""
    default, rest = places_of(net, graph)
    if not default:
        raise SiteError("the network has neither slots nor Conv2d layers to quantize")
    every = [place.site for place in default + rest]
    usual = every if whole else [place.site for place in default]
    if sites is not None:
        patterns = [sites] if isinstance(sites, str) else sites
        chosen = {site for p in patterns for site in _find(p, usual) or _find(p, every)}
        lost = [p for p in patterns if not _find(p, every)]
        if lost:
            raise SiteError(str(UnknownNameError.of("site", lost[0], every)))
    elif grids is not None:
        named = {base(site) for site in grids.sites}
        chosen = named.intersection(every)
        if not chosen:
            raise SiteError(str(UnknownNameError.of("site of the grids", min(named), every)))
    else:
        chosen = set(usual)
    order = {name: index for index, (name, _) in enumerate(net.named_modules())}
    found = [place for place in default + rest if place.site in chosen]
    return sorted(found, key=lambda place: order[place.module])


def _find(pattern: str, sites: list[str]) -> list[str]:
    """The sites that match, with or without their tap."""
    return [
        site
        for site in sites
        if any(fnmatch.fnmatchcase(name, pattern) for name in (site, site.rpartition(":")[0]))
    ]


def base(site: str) -> str:
    """The site without the call number of a module that is used several times."""
    return site.partition("#")[0]
