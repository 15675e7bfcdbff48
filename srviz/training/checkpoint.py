"""Checkpoints that survive a kill: written beside, then renamed over the old one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from srviz.errors import FileFormatError, OutputError

LAST = "last.ckpt"


def save_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write ``state`` to ``folder/last.ckpt`` atomically; on failure the old file stays intact.

    Raises
    ------
    OutputError
        The disk is full or the folder cannot be written.
    """
    partial = folder / f"{LAST}.partial"
    try:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / LAST)
    except (OSError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError of its zip writer.
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"checkpoint {folder / LAST} could not be written ({error})",
            fix="free space or permissions; the previous checkpoint is intact, run again to resume",
        ) from error


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The last checkpoint of ``folder``, or None when there is none.

    Raises
    ------
    FileFormatError
        The file is truncated or not a checkpoint of srviz.
    """
    path = folder / LAST
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen kinds for a damaged file
        raise FileFormatError(
            f"checkpoint {path} is damaged ({type(error).__name__})",
            fix="delete it to start over, or restore it",
        ) from error
    missing = {"step", "model", "optimizer", "recipe"} - set(state)
    if missing:
        raise FileFormatError(
            f"{path} is not a srviz checkpoint: it lacks {', '.join(sorted(missing))}"
        )
    return state
