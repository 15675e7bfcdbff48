"""Files of weights: write safetensors, read safetensors and pickles without running any code."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from srviz.errors import ArgumentError, OutputError, WeightsError
from srviz.networks.registry import name_of

_WRAPPERS = ("params_ema", "params", "state_dict", "model_state_dict", "model", "net")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a file of weights holds: tensors by key, srviz's metadata, the file's sha256."""

    path: Path
    state: dict[str, Tensor]
    network: str | None
    config: dict[str, Any] | None
    sha256: str


def save_weights(net: nn.Module, path: str | Path) -> Path:
    """Save a network of srviz as safetensors, with its name and hyper-parameters inside.

    Parameters
    ----------
    net : nn.Module
        A network made by :func:`srviz.load_network`.
    path : path
        The file to write; it appears whole or not at all.

    Returns
    -------
    Path
        The file, readable by ``load_network(name, weights=path)``.

    Raises
    ------
    ArgumentError
        The network is not one of srviz's, or is quantized.
    OutputError
        The file cannot be written.
    """
    name, path = name_of(net), Path(path)
    if name is None:
        raise ArgumentError(
            f"{type(net).__name__} is not a network of srviz", allowed="what load_network returns"
        )
    if hasattr(net, "placement"):
        raise ArgumentError("the network is quantized", fix="save the network it was made from")
    state = {key: value.detach().cpu().contiguous() for key, value in net.state_dict().items()}
    metadata = {"network": name, "config": json.dumps(asdict(net.config), sort_keys=True)}  # pyright: ignore[reportArgumentType]
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(state, part, metadata=metadata)
        os.replace(part, path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputError(f"{path} cannot be written ({error})", fix="choose another") from error
    return path


def read_weights(path: str | Path) -> Checkpoint:
    """Read a .safetensors, .pt or .pth file; a pickle is never allowed to run code.

    Wrappers (``params_ema``, ``params``, ``state_dict``) and a DataParallel ``module.`` prefix
    are taken off.

    Raises
    ------
    WeightsError
        The file is missing, truncated, not a table of tensors, or a pickle with code in it.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"no file {path}", fix="check the path")
    if path.suffix == ".safetensors":
        state, metadata = _read_safetensors(path)
    else:
        state, metadata = _read_pickle(path), {}
    return Checkpoint(
        path=path,
        state=_plain(state, path),
        network=metadata.get("network"),
        config=_config(metadata, path),
        sha256=sha256(path),
    )


def sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, "pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            f"{path} is truncated or not a safetensors file ({error})", fix="fetch it again"
        ) from error


def _read_pickle(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "weights_only" in str(error) or "Unsupported" in str(error):
            raise WeightsError(
                f"{path} is a pickle that holds more than tensors; it could run code and is "
                "refused (nothing was executed)",
                fix="ask its author for a plain state_dict or a .safetensors file",
            ) from error
        raise _truncated(path, error) from error
    except Exception as error:  # a damaged file makes torch raise a dozen kinds
        raise _truncated(path, error) from error


def _truncated(path: Path, error: Exception) -> WeightsError:
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return WeightsError(
        f"{path} is truncated or not a file of weights ({reason})", fix="fetch it again"
    )


def _plain(state: Any, path: Path) -> dict[str, Tensor]:
    for _ in range(2):
        for key in _WRAPPERS:
            if isinstance(state, dict) and isinstance(state.get(key), dict):
                state = state[key]
                break
    if not isinstance(state, dict) or not all(
        isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()
    ):
        raise WeightsError(f"{path} is not a table of tensors", allowed="a state_dict")
    while state and all(key.startswith("module.") for key in state):
        state = {key.removeprefix("module."): value for key, value in state.items()}
    return state


def _config(metadata: dict[str, str], path: Path) -> dict[str, Any] | None:
    if "network" not in metadata or "config" not in metadata:
        return None
    try:
        return dict(json.loads(metadata["config"]))
    except (ValueError, TypeError) as error:
        raise WeightsError(f"{path} has unreadable metadata ({error})") from error
