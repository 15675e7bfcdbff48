"""Where quantizers go: into the slots of a network, or to the inputs of its convolutions."""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from srviz.errors import ArgumentError, SiteError, UnknownNameError
from srviz.grid import Grid, Grids
from srviz.quantizers.base import Quantizer, check_bits
from srviz.quantizers.ddtb import DDTB
from srviz.quantizers.minmax import MinMax
from srviz.quantizers.pams import PAMS
from srviz.quantizers.weight import quantize_weight
from srviz.slots import Slot

METHODS: dict[str, type[Quantizer]] = {q.method: q for q in (MinMax, PAMS, DDTB)}
FULL_PRECISION = 32
_INPUT = "input_quantizer"


def quantize(
    net: nn.Module,
    method: str,
    bits: int,
    grids: Grids | None = None,
    *,
    weights: bool | int = False,
    sites: str | Sequence[str] | None = None,
) -> nn.Module:
    """A quantized copy of a network; ``net`` itself is untouched.

    Quantizers replace the network's slots; a network without slots is quantized at the input of
    every Conv2d.

    Parameters
    ----------
    net : nn.Module
        Any network that is not quantized yet.
    method : {"minmax", "pams", "ddtb"}
        The activation quantizer.
    bits : int
        2 to 8.
    grids : Grids, optional
        Calibrated bounds, from :func:`srviz.calibrate`; of several methods or bits, those asked
        for are used. Without ``sites``, exactly the sites they name are quantized. None inserts
        every quantizer uncalibrated: it must be calibrated or loaded before the first forward
        pass.
    weights : bool or int
        False: weights stay full precision. True: the weights of the convolutions that read a
        quantized tensor get the same bits. A number from 2 to 8: that many.
    sites : str or sequence of str, optional
        Glob patterns that select some of the sites, e.g. ``"blocks.3.*"``.

    Returns
    -------
    nn.Module
        The copy; its ``placement`` is a table ``site, quantizer, bits, granularity,
        weight_bits``, one row per quantizer (32 where weights stay full precision).

    Raises
    ------
    ArgumentError
        Bits out of range, a network that is quantized already, or grids none of which is for this
        method with these bits.
    UnknownNameError
        No such method.
    SiteError
        ``sites`` matches nothing, or a selected site has no grid.
    """
    if method not in METHODS:
        raise UnknownNameError.of("quantizer", method, METHODS)
    bits = check_bits(bits)
    weight_bits = _weight_bits(weights, bits)
    if any(isinstance(module, Quantizer) for module in net.modules()):
        raise ArgumentError("the network is quantized already", fix="quantize the original")
    if grids is not None:
        grids = _suitable(grids, method, bits)
    copied = copy.deepcopy(net)
    places = _select(list(_places(copied)), grids, sites)
    rows = []
    for place in places:
        quantizer = METHODS[method](bits=bits)
        quantizer.site = place.site
        if grids is not None:
            quantizer.set_bounds(*_bounds(quantizer, grids, place.site))
        _insert(copied, place, quantizer)
        w_bits = weight_bits if place.convs else FULL_PRECISION
        for conv in place.convs if w_bits != FULL_PRECISION else ():
            quantize_weight(copied.get_submodule(conv), w_bits)
        rows.append((place.site, method, bits, quantizer.granularity, w_bits))
    copied.train(net.training)
    columns = ["site", "quantizer", "bits", "granularity", "weight_bits"]
    copied.placement = pd.DataFrame(rows, columns=columns)  # pyright: ignore[reportArgumentType]
    return copied


def placement_of(net: nn.Module) -> pd.DataFrame:
    """Where the quantizers of a network sit: its ``placement``, see :func:`quantize`.

    Raises
    ------
    ArgumentError
        The network is not quantized.
    """
    placement = getattr(net, "placement", None)
    if not isinstance(placement, pd.DataFrame):
        raise ArgumentError("the network is not quantized", fix="quantize(net, 'pams', bits=4)")
    return placement


def read_grids(net: nn.Module) -> Grids:
    """The grids the quantizers of a network really use now.

    Raises
    ------
    ArgumentError
        The network is not quantized, or a quantizer is not calibrated.
    """
    rows = []
    for module in net.modules():
        if isinstance(module, Quantizer):
            per_channel = module.granularity == "channel"
            for index, grid in enumerate(module.grids()):
                channel = index if per_channel else None
                rows.append((module.site, channel, None, module.method, module.bits, grid))
    if not rows:
        raise ArgumentError("the network is not quantized", fix="quantize(net, 'pams', bits=4)")
    return Grids.build(rows)


def _weight_bits(weights: bool | int, bits: int) -> int:
    if weights is False:
        return FULL_PRECISION
    return bits if weights is True else check_bits(weights)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A site, the module it belongs to, and the convolutions that read it (full paths)."""

    site: str
    module: str
    convs: tuple[str, ...]


def _places(net: nn.Module) -> Iterator[_Place]:
    named = list(net.named_modules())
    if any(isinstance(module, Slot) for _, module in named):
        for name, module in named:
            if isinstance(module, Slot):
                parent = name.rpartition(".")[0]
                convs = tuple(f"{parent}.{conv}".lstrip(".") for conv in module.convs)
                yield _Place(site=f"{name}:out", module=name, convs=convs)
        return
    for name, module in named:
        if isinstance(module, nn.Conv2d):
            yield _Place(site=f"{name}:in", module=name, convs=(name,))


def _select(
    places: list[_Place], grids: Grids | None, sites: str | Sequence[str] | None
) -> list[_Place]:
    if not places:
        raise SiteError("the network has neither slots nor Conv2d layers to quantize")
    known = [place.site for place in places]
    if sites is not None:
        chosen: set[str] = set()
        for pattern in [sites] if isinstance(sites, str) else sites:
            matched = [site for site in known if _matches(site, pattern)]
            if not matched:
                raise SiteError(str(UnknownNameError.of("site", pattern, known)))
            chosen.update(matched)
    elif grids is not None:
        named = {_base(site) for site in grids.sites}
        chosen = named.intersection(known)
        if not chosen:
            unknown = UnknownNameError.of("site of the grids", sorted(named)[0], known)
            raise SiteError(str(unknown))
    else:
        chosen = set(known)
    return [place for place in places if place.site in chosen]


def _suitable(grids: Grids, method: str, bits: int) -> Grids:
    chosen = grids.filter(lambda row: row.method == method and row.bits == bits)
    if not len(chosen):
        have = dict.fromkeys(f"{row.method} {row.bits} bits" for row in grids)
        raise ArgumentError(
            f"no grid for {method} with {bits} bits",
            allowed=", ".join(have) or "nothing, the grids are empty",
            fix=f"calibrate(profile, {method!r}, bits={bits})",
        )
    return chosen


def _matches(site: str, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for name in (site, site.rpartition(":")[0]))


def _base(site: str) -> str:
    """The site without the call number of a module that is used several times."""
    return site.partition("#")[0]


def _bounds(quantizer: Quantizer, grids: Grids, site: str) -> list[Any]:
    """Bounds from the grids' rows of this site: scalars, or arrays over the channels."""
    found: dict[int | None, list[Grid]] = {}
    for row in grids:
        if _base(row.site) != site or row.image is not None:
            continue
        found.setdefault(row.channel, []).append(row.grid)
    if not found:
        raise SiteError(
            f"the grids have no row for {site}", allowed=", ".join(list(grids.sites)[:12])
        )
    if None in found:
        return list(_joined(quantizer, found[None]))
    channels = [_joined(quantizer, found[channel]) for channel in sorted(found)]  # pyright: ignore[reportArgumentType]
    return list(np.array(channels).T)


def _joined(quantizer: Quantizer, grids: list[Grid]) -> tuple[float, ...]:
    """Bounds that hold all of the grids (several calls of one module share a quantizer)."""
    bounds = np.array([quantizer.bounds_of(grid) for grid in grids])
    lower = np.array([name == "lower" for name in quantizer.bound_names])
    return tuple(np.where(lower, bounds.min(0), bounds.max(0)).tolist())


def _insert(net: nn.Module, place: _Place, quantizer: Quantizer) -> None:
    module = net.get_submodule(place.module)
    if isinstance(module, Slot):
        parent, _, name = place.module.rpartition(".")
        setattr(net.get_submodule(parent), name, quantizer)
        return
    # A pre-hook rather than a wrapper: the convolution keeps its place, class and weights, so
    # code that reads `net.conv.weight` goes on working.
    module.add_module(_INPUT, quantizer)
    module.register_forward_pre_hook(_quantize_input)


def _quantize_input(conv: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
    return (conv.get_submodule(_INPUT)(args[0]), *args[1:])
