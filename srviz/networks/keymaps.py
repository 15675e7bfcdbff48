"""Published checkpoints: recognise their keys, rename them, read the sizes from the shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from srviz.errors import WeightsError
from srviz.networks.sizes import SIZES, title
from srviz.networks.weights import Checkpoint

State = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A checkpoint understood: its network, sizes, and tensors under srviz's keys.

    ``settled`` names the hyper-parameters that the file decides; a caller's wish must agree.
    """

    network: str
    hyper: dict[str, Any]
    state: State
    settled: frozenset[str]

    @property
    def title(self) -> str:
        """For example 'EDSR 8 x 64, x4'."""
        return title(self.network, self.hyper)


@dataclass(frozen=True, kw_only=True)
class Format:
    """One published family of key names.

    ``sign`` are keys that all its files have; ``rename`` are (pattern, replacement) tried in
    order, the first that matches a whole key wins; a replacement of None drops the key.
    ``also`` are hyper-parameters the family fixes though no shape shows them.
    """

    name: str
    network: str
    sign: tuple[str, ...]
    rename: tuple[tuple[str, str | Callable[[re.Match[str]], str] | None], ...] = ()
    also: dict[str, Any] = field(default_factory=dict)
    check: Callable[[State], None] | None = None

    def matches(self, state: State) -> bool:
        return all(any(re.fullmatch(sign, key) for key in state) for sign in self.sign)

    def convert(self, state: State) -> State:
        """Tensors under srviz's keys; a key no pattern knows is kept, to fail strictly later."""
        if self.check is not None:
            self.check(state)
        out: State = {}
        for key, value in state.items():
            new = self._new_key(key)
            if new is not None:
                out[new] = value
        return out

    def _new_key(self, key: str) -> str | None:
        for pattern, replacement in self.rename:
            match = re.fullmatch(pattern, key)
            if match is not None:
                if replacement is None:
                    return None
                return (
                    match.expand(replacement)
                    if isinstance(replacement, str)
                    else replacement(match)
                )
        return key


FORMATS: list[Format] = [
    Format(name="srviz", network="edsr", sign=(r"head\.weight", r"body_tail\.weight")),
    Format(name="srviz", network="idn", sign=(r"fblock\.conv1\.weight", r"deconv\.weight")),
]


def identify(checkpoint: Checkpoint, *, scale: int | None) -> Found:
    """Recognise a checkpoint.

    Parameters
    ----------
    checkpoint : Checkpoint
        As read from the file.
    scale : int or None
        The scale asked for, used when neither file nor shapes tell it (IDN-Caffe).

    Raises
    ------
    WeightsError
        The keys are of no known family.
    """
    if checkpoint.network is not None and checkpoint.config is not None:
        config = checkpoint.config
        settled = frozenset(config)
        return Found(
            network=checkpoint.network, hyper=config, state=checkpoint.state, settled=settled
        )
    for known in FORMATS:
        if known.matches(checkpoint.state):
            state = known.convert(checkpoint.state)
            network, hyper = SIZES[known.network](state)
            settled = frozenset(hyper)
            hyper = {**hyper, **known.also}
            if "scale" not in hyper and scale is not None:
                hyper["scale"] = scale
            return Found(network=network, hyper=hyper, state=state, settled=settled)
    keys = ", ".join(list(checkpoint.state)[:4])
    raise WeightsError(
        f"{checkpoint.path.name} is of no network srviz knows (its keys begin {keys})",
        fix="capture and quantize it as your own nn.Module",
    )
