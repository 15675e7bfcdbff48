"""The networks srviz knows by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from srviz.errors import ArgumentError, UnknownNameError
from srviz.networks.edsr import EDSR, EDSRConfig
from srviz.networks.idn import IDN, IDNConfig
from srviz.networks.resnet import ResNet, ResNetConfig
from srviz.networks.srresnet import SRResNet, SRResNetConfig

BUNDLED = Path(__file__).parent / "bundled"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One network: how to build it and what it is.

    ``fixed`` are the hyper-parameters that the name itself settles (the depth of ``resnet20``);
    ``bundled`` is the stem of the bundled files; ``upscales`` is False for classification.
    """

    name: str
    net: Callable[[Any], nn.Module]
    config: type
    paper: str
    bundled: str
    fixed: tuple[tuple[str, Any], ...] = ()
    upscales: bool = True

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the hyper-parameters a caller may set."""
        settled = {name for name, _ in self.fixed} | {"scale", "norm"}
        return tuple(f.name for f in fields(self.config) if f.name not in settled)

    def build(self, **hyper: Any) -> nn.Module:
        """Build the network; ``hyper`` may name every field of the configuration.

        Raises
        ------
        UnknownNameError
            A hyper-parameter the network does not have.
        ArgumentError
            A hyper-parameter outside its domain.
        """
        known = {f.name: f.default for f in fields(self.config)}
        for name, value in hyper.items():
            if name not in known:
                raise UnknownNameError.of(f"option of {self.name}", name, known)
            _check(name, value, known[name])
        try:
            return self.net(self.config(**{**hyper, **dict(self.fixed)}))
        except (RuntimeError, ValueError) as error:
            if isinstance(error, ArgumentError):
                raise
            given = ", ".join(f"{name}={value!r}" for name, value in hyper.items())
            raise ArgumentError(f"{self.name} cannot be built with {given} ({error})") from error

    def bundled_files(self) -> list[Path]:
        """Weights of this network that come with the package."""
        names = {self.bundled} | {f"{self.bundled}_x{s}{n}" for s in (2, 3, 4) for n in ("", "_bn")}
        return [p for p in sorted(BUNDLED.glob("*.safetensors")) if p.stem in names]


def _check(name: str, value: Any, default: Any) -> None:
    """Whole numbers from 1 where the default is one, numbers where it is a number."""
    kinds = {int: int | np.integer, float: int | float | np.number}.get(type(default))
    if kinds is None or (isinstance(value, kinds) and value is not True and value > 0):
        return
    allowed = "whole numbers from 1" if type(default) is int else "numbers above 0"
    raise ArgumentError(f"{name}={value!r}", allowed=allowed)


_REGISTRY: dict[str, Entry] = {}


def _register(entry: Entry) -> None:
    if entry.name in _REGISTRY:
        raise ArgumentError(f"network {entry.name!r} is registered twice")
    _REGISTRY[entry.name] = entry


_register(
    Entry(
        name="edsr",
        net=EDSR,
        config=EDSRConfig,
        paper="Lim et al., CVPRW 2017, arXiv 1707.02921",
        bundled="edsr_s",
    )
)
_register(
    Entry(
        name="idn",
        net=IDN,
        config=IDNConfig,
        paper="Hui et al., CVPR 2018, arXiv 1803.09454",
        bundled="idn",
    )
)
_register(
    Entry(
        name="srresnet",
        net=SRResNet,
        config=SRResNetConfig,
        paper="Ledig et al., CVPR 2017, arXiv 1609.04802",
        bundled="srresnet",
    )
)
for _depth in (20, 32, 56):
    _register(
        Entry(
            name=f"resnet{_depth}",
            net=ResNet,
            config=ResNetConfig,
            paper="He et al., CVPR 2016, arXiv 1512.03385",
            bundled=f"resnet{_depth}_digits",
            fixed=(("depth", _depth),),
            upscales=False,
        )
    )


def find(name: str) -> Entry:
    """The entry called ``name``; close names are suggested when there is none."""
    if name not in _REGISTRY:
        raise UnknownNameError.of("network", name, _REGISTRY)
    return _REGISTRY[name]


def name_of(net: nn.Module) -> str | None:
    """The registered name of a network, None for a foreign one."""
    config = getattr(net, "config", None)
    for entry in _REGISTRY.values():
        if isinstance(config, entry.config):
            given = vars(config)
            if all(given[key] == value for key, value in entry.fixed):
                return entry.name
    return None


def list_networks() -> pd.DataFrame:
    """The networks :func:`srviz.load_network` can build, one row each.

    Returns
    -------
    DataFrame
        ``network, options`` (hyper-parameters beside ``scale`` and ``norm``)``, bundled``
        (files of weights in the package) and ``paper``.
    """
    rows = [
        {
            "network": entry.name,
            "options": ", ".join(entry.options),
            "bundled": ", ".join(p.name for p in entry.bundled_files()),
            "paper": entry.paper,
        }
        for entry in _REGISTRY.values()
    ]
    return pd.DataFrame(rows)
