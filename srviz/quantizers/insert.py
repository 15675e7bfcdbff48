"""Where quantizers go: into the slots of a network, or to the inputs of its convolutions."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd
from torch import nn

from srviz.errors import ArgumentError, SiteError, UnknownNameError
from srviz.grid import Grid, Grids
from srviz.quantizers.base import Quantizer
from srviz.quantizers.bits import check_bits
from srviz.quantizers.ddtb import DDTB
from srviz.quantizers.minmax import MinMax
from srviz.quantizers.pams import PAMS
from srviz.quantizers.places import Place, base, select_places
from srviz.quantizers.weight import WeightQuantizer, quantize_weight
from srviz.slots import Graph, Slot

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
    graph: Graph = "paper",
    whole: bool = False,
    **options: Any,
) -> nn.Module:
    """A quantized copy of a network; ``net`` itself is untouched.

    Quantizers replace the network's slots; a network without slots is quantized at the input of
    every Conv2d, the first and the last included.

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
        every quantizer uncalibrated: it must be calibrated (:func:`calibrate_on`) or loaded
        before the first forward pass.
    weights : bool or int
        False: weights stay full precision. True: the weights of the convolutions behind the
        quantized sites get the same bits, by the method's own weight quantizer (PAMS: symmetric,
        largest weight; DDTB: affine, 1st to 99th percentile). A number from 2 to 8: that many.
    sites : str or sequence of str, optional
        Glob patterns that select some of the sites, e.g. ``"blocks.3.*"``. One that matches no
        slot may name the input of another convolution: ``"head:in"``.
    graph : {"paper", "release"}
        "paper": a block's quantized input feeds its first convolution and its shortcut.
        "release", as in the code of PAMS and DDTB: in EDSR it feeds the shortcut alone (the
        convolution's weights are quantized, its input is not); in SRResNet the convolution
        alone, and the branch is not quantized before the addition. Other networks have one graph.
    whole : bool
        Also quantize the inputs of the convolutions outside the slots: head, tail, upsampler.
    **options
        Of the quantizer, e.g. ``alpha_grad="pact"`` for PAMS.

    Returns
    -------
    nn.Module
        The copy; its ``placement`` is a table ``site, quantizer, bits, granularity,
        weight_bits, graph, convs``, one row per quantizer: ``weight_bits`` is 32 where weights
        stay full precision, ``convs`` names the convolutions that read the quantized tensor.

    Raises
    ------
    ArgumentError
        Bits out of range, a network that is quantized already, or grids none of which is for this
        method with these bits.
    UnknownNameError
        No such method, graph or option.
    SiteError
        ``sites`` matches nothing, or a selected site has no grid.
    """
    build = _builder(method, check_bits(bits), options)
    weight_bits = _weight_bits(weights, bits)
    if graph not in get_args(Graph):
        raise UnknownNameError.of("graph", graph, get_args(Graph))
    if any(isinstance(module, Quantizer | WeightQuantizer) for module in net.modules()):
        raise ArgumentError("the network is quantized already", fix="quantize the original")
    if grids is not None:
        grids = _suitable(grids, method, bits)
    copied = copy.deepcopy(net)
    places = select_places(copied, graph, grids=grids, sites=sites, whole=whole)
    _set_graph(copied, graph)
    rows = []
    for place in places:
        quantizer = build()
        quantizer.site = place.site
        if grids is not None:
            quantizer.set_bounds(*_bounds(quantizer, grids, place.site))
        _insert(copied, place, quantizer)
        w_bits = weight_bits if place.weights else FULL_PRECISION
        for conv in place.weights if w_bits != FULL_PRECISION else ():
            quantize_weight(copied.get_submodule(conv), w_bits, quantizer.weight)
        convs = ", ".join(place.convs)
        rows.append((place.site, method, bits, quantizer.granularity, w_bits, graph, convs))
    copied.train(net.training)
    columns = ["site", "quantizer", "bits", "granularity", "weight_bits", "graph", "convs"]
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


def _builder(method: str, bits: int, options: dict[str, Any]) -> Callable[[], Quantizer]:
    if method not in METHODS:
        raise UnknownNameError.of("quantizer", method, METHODS)
    known = [name for name in inspect.signature(METHODS[method]).parameters if name != "bits"]
    for name in options:
        if name not in known:
            raise UnknownNameError.of(f"option of {method}", name, known)
    build = partial(METHODS[method], bits=bits, **options)
    build()  # refuses bad values
    return build


def _set_graph(net: nn.Module, graph: Graph) -> None:
    """Tell every block with a slot which graph to follow, if it has two."""
    for block in net.modules():
        if hasattr(block, "graph") and any(isinstance(m, Slot) for m in block.children()):
            block.graph = graph  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]


def _weight_bits(weights: bool | int, bits: int) -> int:
    if weights is False:
        return FULL_PRECISION
    return bits if weights is True else check_bits(weights)


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


def _bounds(quantizer: Quantizer, grids: Grids, site: str) -> list[Any]:
    """Bounds from the grids' rows of this site: scalars, or arrays over the channels."""
    found: dict[int | None, list[Grid]] = {}
    for row in grids:
        if base(row.site) != site or row.image is not None:
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


def _insert(net: nn.Module, place: Place, quantizer: Quantizer) -> None:
    module = net.get_submodule(place.module)
    reference = next(net.parameters(), None)
    if reference is not None:
        quantizer.to(reference.device)
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
