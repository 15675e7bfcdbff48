"""Taps on a network: hooks that see every tensor, in order, and are always taken off again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from srviz.errors import SiteError

Seen = Callable[[str, str, int, Tensor], None]
"""Called with (module path, tap, call index, tensor) while the tensor is still intact."""

FUNCTIONS: dict[Any, str] = {
    torch.add: "add",
    torch.Tensor.add: "add",
    torch.Tensor.add_: "add",
    torch.Tensor.__add__: "add",
    torch.Tensor.__iadd__: "add",
    torch.Tensor.__radd__: "add",
    torch.relu: "relu",
    torch.relu_: "relu",
    torch.Tensor.relu: "relu",
    torch.Tensor.relu_: "relu",
    nn.functional.relu: "relu",
    nn.functional.relu_: "relu",
    nn.functional.pixel_shuffle: "pixel_shuffle",
    torch.pixel_shuffle: "pixel_shuffle",
    torch.cat: "cat",
}
"""Functional operations that have sites of their own, ``{module path}:{name}``."""


def refuse_wrapped(net: nn.Module) -> None:
    """Raise for networks whose modules hooks cannot see."""
    if isinstance(net, nn.DataParallel | nn.parallel.DistributedDataParallel):
        raise SiteError(
            f"a {type(net).__name__} network cannot be captured", fix="pass network.module"
        )
    if hasattr(net, "_orig_mod") or isinstance(net, torch.jit.ScriptModule):
        raise SiteError(
            "a compiled network cannot be captured: its modules are never called",
            fix="capture the network before torch.compile or torch.jit",
        )


class _Calls:
    """How often each (module, tap) was seen since the forward began, and where we are."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.counts: dict[tuple[str, str], int] = {}
        self.stack: list[str] = []

    def tap(self, path: str, tap: str, value: Any) -> None:
        tensor = value[0] if isinstance(value, tuple) and len(value) == 1 else value
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point() or tensor.ndim < 2:
            return
        call = self.counts.get((path, tap), 0)
        self.counts[path, tap] = call + 1
        self.seen(path, tap, call, tensor)


class _Functions(TorchFunctionMode):
    """Reports functional operations, once each, under the module that is running."""

    def __init__(self, calls: _Calls) -> None:
        super().__init__()
        self.calls = calls

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = FUNCTIONS.get(func)
        if name and self.calls.stack and not _is_module_of(self.calls.stack[-1], name):
            self.calls.tap(self.calls.stack[-1].partition("|")[0], name, out)
        return out


def _is_module_of(entry: str, name: str) -> bool:
    """Whether the running module is itself that function (nn.ReLU calling relu)."""
    return entry.partition("|")[2].replace("_", "") == name.replace("_", "")


@contextmanager
def taps(
    net: nn.Module, seen: Seen, wanted: Callable[[str, str], bool], *, functions: bool
) -> Iterator[Callable[[], None]]:
    """Attach hooks for the (module path, tap) pairs that are wanted, and detach them at the end.

    Yields a function to call before each forward, which resets the call indices. Hooks of the
    user stay where they are; an exception inside the forward leaves none of ours behind.
    """
    calls = _Calls(seen)
    handles: list[RemovableHandle] = []
    try:
        for path, module in net.named_modules():
            handles += _hook(path, module, calls, wanted, functions)
        mode = _Functions(calls) if functions else None
        with mode or _nothing():
            yield lambda: (calls.counts.clear(), calls.stack.clear())[0]
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _hook(
    path: str,
    module: nn.Module,
    calls: _Calls,
    wanted: Callable[[str, str], bool],
    functions: bool,
) -> Iterator[RemovableHandle]:
    if functions:
        entry = f"{path}|{type(module).__name__.lower()}"
        yield module.register_forward_pre_hook(lambda m, i: calls.stack.append(entry))
    if wanted(path, "in"):
        yield module.register_forward_pre_hook(
            lambda m, inputs: calls.tap(path, "in", inputs[0]) if inputs else None
        )
    if wanted(path, "out"):
        yield module.register_forward_hook(lambda m, i, out: calls.tap(path, "out", out))
    if functions:
        yield module.register_forward_hook(lambda m, i, o: (calls.stack.pop(), None)[1])
