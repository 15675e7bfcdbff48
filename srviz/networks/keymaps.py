"""Say what a checkpoint is, and bring its tensors under srviz's keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from srviz.errors import WeightsError
from srviz.networks.formats import FORMATS, Format
from srviz.networks.sizes import SIZES, assumed, title
from srviz.networks.weights import Checkpoint


@dataclass(frozen=True, kw_only=True)
class Found:
    """A checkpoint understood: its network, sizes, and tensors under srviz's keys.

    ``settled`` names the hyper-parameters that the file decides; a caller's wish must agree.
    """

    network: str
    hyper: dict[str, Any]
    state: dict[str, Tensor]
    settled: frozenset[str]

    @property
    def title(self) -> str:
        """For example 'EDSR 8 x 64, x4'."""
        return title(self.network, self.hyper)


def identify(checkpoint: Checkpoint) -> Found:
    """Recognise a checkpoint.

    Hyper-parameters come from srviz's own metadata or else from the shapes. IDN's shapes do not
    show its scale, so for foreign files of IDN an "x2", "x3" or "x4" in the file's name does.

    Raises
    ------
    WeightsError
        The keys are of no known family, or of one with essential tensors missing.
    """
    if checkpoint.network is not None and checkpoint.config is not None:
        return Found(
            network=checkpoint.network,
            hyper=checkpoint.config,
            state=checkpoint.state,
            settled=frozenset(checkpoint.config),
        )
    for known in FORMATS:
        if known.matches(checkpoint.state):
            return _found(checkpoint, known)
    keys = ", ".join(list(checkpoint.state)[:4]) or "nothing"
    raise WeightsError(
        f"{checkpoint.path.name} is of no network srviz knows (it holds {keys}, ...)",
        fix="load it into your own nn.Module: capture and quantize take any network",
    )


def _found(checkpoint: Checkpoint, known: Format) -> Found:
    state = known.convert(checkpoint.state)
    try:
        network, hyper = SIZES[known.network](state)
    except (ValueError, IndexError, ZeroDivisionError) as error:
        raise WeightsError(
            f"{checkpoint.path.name} has the keys of {known.name}, but tensors of impossible shapes"
        ) from error
    if "scale" not in hyper and (match := re.search(r"x([2348])(?!\d)", checkpoint.path.stem)):
        hyper["scale"] = int(match.group(1))
    settled = frozenset(hyper)
    return Found(
        network=network,
        hyper={**assumed(network, hyper), **hyper, **known.also},
        state=state,
        settled=settled,
    )
