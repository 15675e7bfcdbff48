"""Trained networks as files: full precision as ever, quantized with their placement inside."""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from srviz.errors import ArgumentError, OutputError, WeightsError
from srviz.networks import save_weights
from srviz.networks.registry import find, name_of
from srviz.networks.weights import read_weights
from srviz.quantizers import quantize

_FULL = 32


def save_network(net: nn.Module, path: str | Path) -> Path:
    """Save a network of srviz, full precision or quantized, as safetensors.

    Returns
    -------
    Path
        For :func:`srviz.load_network` or, quantized, :func:`load_quantized`.

    Raises
    ------
    ArgumentError
        The network is not one of srviz's.
    OutputError
        The file cannot be written; an old one stays.
    """
    placement, name, path = getattr(net, "placement", None), name_of(net), Path(path)
    if placement is None:
        return save_weights(net, path)
    if name is None:
        raise ArgumentError(
            f"{type(net).__name__} is not a network of srviz", allowed="what load_network returns"
        )
    state = {key: value.detach().cpu().contiguous() for key, value in net.state_dict().items()}
    metadata = {
        "quantized": name,
        "sizes": json.dumps(asdict(net.config), sort_keys=True),  # pyright: ignore[reportArgumentType]
        "placement": placement.to_csv(index=False, lineterminator="\n"),
    }
    part = path.with_name(f".{path.name}.part")
    try:
        save_file(state, part, metadata=metadata)
        os.replace(part, path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputError(f"{path} cannot be written ({error})", fix="choose another") from error
    return path


def load_quantized(path: str | Path) -> nn.Module:
    """The quantized network a training run saved, in evaluation mode.

    Returns
    -------
    nn.Module
        As :func:`srviz.quantize` made it, with the trained weights and bounds.

    Raises
    ------
    WeightsError
        The file is missing, truncated, or holds no quantized network.
    """
    checkpoint = read_weights(path)
    try:
        with safe_open(checkpoint.path, "pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError:
        metadata = {}
    if "quantized" not in metadata:
        raise WeightsError(
            f"{path} holds no quantized network", fix="load_network(name, weights=...)"
        )
    net = find(metadata["quantized"]).build(**json.loads(metadata["sizes"]))
    student = _quantized(net, _table(metadata["placement"]))
    try:
        student.load_state_dict(checkpoint.state)
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit its own placement ({error})") from error
    return student.eval()


def _quantized(net: nn.Module, placement: pd.DataFrame) -> nn.Module:
    """``net`` quantized where and as ``placement`` says, not yet calibrated."""
    method, bits = placement["quantizer"].tolist()[0], placement["bits"].tolist()[0]
    narrow = min(placement["weight_bits"].tolist())
    return quantize(
        net,
        method,
        bits,
        weights=False if narrow == _FULL else narrow,
        sites=placement["site"].tolist(),
        graph=placement["graph"].tolist()[0],
    )


def _table(text: str) -> pd.DataFrame:
    # A site whose tensor no convolution reads has an empty cell, which is no NaN.
    return pd.read_csv(io.StringIO(text), keep_default_na=False)
