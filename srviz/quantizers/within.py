"""The quantizers inside a network, and what is done to all of them: read, clamp, train."""

from __future__ import annotations

from torch import nn

from srviz.errors import ArgumentError, UnknownNameError
from srviz.grid import Grids
from srviz.quantizers.base import Quantizer


def quantizers_in(net: nn.Module) -> list[Quantizer]:
    """The activation quantizers of a network, in the order of its modules.

    Raises
    ------
    ArgumentError
        The network is not quantized.
    """
    found = [module for module in net.modules() if isinstance(module, Quantizer)]
    if not found:
        raise ArgumentError("the network is not quantized", fix="quantize(net, 'pams', bits=4)")
    return found


def read_grids(net: nn.Module, *, at: str = "placement") -> Grids:
    """The grids the quantizers of a network really use now.

    Of a quantizer with a gate it is the static part; see :meth:`DDTB.grids_for`.

    Parameters
    ----------
    net : nn.Module
        Of :func:`srviz.quantize`, trained or not.
    at : {"placement", "inputs"}
        What the grids' sites are called: as in the network's ``placement``, which are the sites of
        the full-precision network; or by the quantizers' inputs, which are the sites of a profile
        of the quantized network itself, ``capture(net, images, sites="slots")``.

    Raises
    ------
    ArgumentError
        The network is not quantized, or a quantizer is not calibrated.
    UnknownNameError
        ``at`` is neither.
    """
    if at not in ("placement", "inputs"):
        raise UnknownNameError.of("place to read grids at", at, ("placement", "inputs"))
    paths = {module: f"{path}:in" for path, module in net.named_modules()}
    rows = []
    for module in quantizers_in(net):
        site = module.site if at == "placement" else paths[module]
        per_channel = module.granularity == "channel"
        for index, grid in enumerate(module.grids()):
            channel = index if per_channel else None
            rows.append((site, channel, None, module.method, module.bits, grid))
    return Grids.build(rows)


def clamp_bounds(net: nn.Module) -> None:
    """Bring all bounds back into their domain; call it after each step of the optimizer.

    Raises
    ------
    NonFiniteError
        A bound is NaN or Inf; the message names the site.
    """
    for quantizer in quantizers_in(net):
        quantizer.clamp_bounds()


def bound_parameters(net: nn.Module) -> list[nn.Parameter]:
    """The trainable bounds, which the papers give a learning rate of their own."""
    bounds = [getattr(q, name) for q in quantizers_in(net) for name in q.bound_names]
    return [bound for bound in bounds if isinstance(bound, nn.Parameter)]
