"""Build a network by name, optionally with bundled or published weights."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import nn

from srviz.errors import WeightsError
from srviz.networks.keymaps import Found, identify
from srviz.networks.registry import Entry, find
from srviz.networks.weights import read_weights


def load_network(
    name: str,
    *,
    scale: int = 4,
    norm: str | None = None,
    weights: str | Path | None = None,
    **hyper: Any,
) -> nn.Module:
    """Build a network, in evaluation mode when it comes with weights.

    Parameters
    ----------
    name : str
        One of :func:`srviz.list_networks`.
    scale : {2, 3, 4, 8}
        Upscaling factor (ignored by the classification networks).
    norm : {None, "batch"}
        Normalization after the body's convolutions. With ``weights=`` a path, None takes what
        the file has.
    weights : None, "bundled" or path
        None: freshly initialised. "bundled": trained weights that come with the package. A path
        to .safetensors, .pt or .pth: srviz's own files, EDSR-PyTorch's, BasicSR's, IDN-Caffe's;
        the sizes are read from the file.
    **hyper
        Hyper-parameters, e.g. ``n_blocks=8, n_feats=32``; those given must agree with the file.

    Returns
    -------
    nn.Module
        (N, 3, h, w) float32 in [0, 255] to (N, 3, scale * h, scale * w); attributes ``scale``,
        ``config`` and ``weights_sha256`` (of the file, None when freshly initialised).

    Raises
    ------
    UnknownNameError
        No such network or hyper-parameter.
    WeightsError
        The file is foreign, truncated, unsafe, or of another architecture or scale.

    Examples
    --------
    >>> net = load_network("edsr", scale=4, n_blocks=2, n_feats=8)
    >>> net.config.n_blocks
    2
    """
    entry = find(name)
    asked = dict(hyper)
    if entry.upscales:
        asked["scale"] = scale
    if norm is not None:
        asked["norm"] = norm
    if weights is None:
        net = entry.build(**asked)
        net.weights_sha256 = None  # pyright: ignore[reportArgumentType]
        return net
    path = _bundled(entry, scale, norm) if str(weights) == "bundled" else Path(weights)
    return _with_weights(entry, asked, path)


def _bundled(entry: Entry, scale: int, norm: str | None) -> Path:
    stem = entry.bundled
    if entry.upscales:
        stem += f"_x{scale}" + ("_bn" if norm else "")
    for path in entry.bundled_files():
        if path.stem == stem:
            return path
    have = ", ".join(p.stem for p in entry.bundled_files()) or "none"
    raise WeightsError(
        f"no bundled weights {stem!r}", allowed=have, fix="pass weights=PATH, or train it"
    )


def _with_weights(entry: Entry, asked: dict[str, Any], path: Path) -> nn.Module:
    checkpoint = read_weights(path)
    found = identify(checkpoint)
    _check(entry, asked, found, path)
    known = {f.name for f in fields(entry.config)}
    net = entry.build(**{**{k: v for k, v in found.hyper.items() if k in known}, **asked})
    _load_strictly(net, found, path)
    net.weights_sha256 = checkpoint.sha256  # pyright: ignore[reportArgumentType]
    return net.eval()


def _check(entry: Entry, asked: dict[str, Any], found: Found, path: Path) -> None:
    if found.network != entry.name:
        raise WeightsError(
            f"{path.name}: this is {found.title}, not {entry.name}",
            fix=f"load_network({found.network!r}, weights=...)",
        )
    for key, value in asked.items():
        if key in found.settled and found.hyper.get(key) != value:
            raise WeightsError(
                f"{path.name}: this is {found.title}; asked for {key}={value!r}",
                fix=f"{key}={found.hyper.get(key)!r}",
            )


def _load_strictly(net: nn.Module, found: Found, path: Path) -> None:
    own, given = net.state_dict(), dict(found.state)
    for key in own:
        # Checkpoints older than PyTorch 0.4.1 lack this counter; nothing depends on it.
        if key.endswith("num_batches_tracked") and key not in given:
            given[key] = own[key]
    wrong = [f"{key} is missing" for key in own if key not in given]
    wrong += [f"{key} is not expected" for key in given if key not in own]
    wrong += [
        f"{key} is {tuple(given[key].shape)}, not {tuple(own[key].shape)}"
        for key in own
        if key in given and given[key].shape != own[key].shape
    ]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise WeightsError(
            f"{path.name} looks like {found.title} but does not fit it: "
            + "; ".join(wrong[:3])
            + more
        )
    net.load_state_dict(given)
