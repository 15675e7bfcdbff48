"""A place to write to, tested before the work is done rather than after it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from srviz.errors import OutputError


def writable(folder: Path) -> Path:
    """Make ``folder`` and its parents, and return it once a file could be written there.

    Raises
    ------
    OutputError
        No permission, a full or read-only disk, or a file in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"srviz")
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error.strerror or error})", fix="choose another folder"
        ) from error
    return folder
