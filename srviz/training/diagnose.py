"""Where a network first computes NaN or Inf."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


@torch.no_grad()
def first_non_finite(net: nn.Module, x: Tensor) -> str:
    """Name the first place with a NaN or Inf when ``net`` runs on ``x``.

    Returns
    -------
    str
        "the input", a parameter's name, the site ``"{module path}:out"``, or "the loss" when
        every tensor up to the output is finite.
    """
    if not x.isfinite().all():
        return "the input"
    for name, parameter in net.named_parameters():
        if not parameter.isfinite().all():
            return name
    found: list[str] = []
    # A module's hook runs after those of its children: the first one found is the innermost.
    handles = [
        module.register_forward_hook(_note(name, found))
        for name, module in net.named_modules()
        if name
    ]
    try:
        net(x)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else "the loss"


def _note(name: str, found: list[str]) -> Callable[..., None]:
    def hook(module: nn.Module, args: object, output: object) -> None:
        if isinstance(output, Tensor) and not output.isfinite().all():
            found.append(f"{name}:out")

    return hook
