"""Time and size of the report for the bundled networks, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run() -> list[dict[str, object]]:
    """One run of ``srviz report``; figures, tables and profiles included."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        command = [sys.executable, "-m", "srviz.cli", "report", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        size = (Path(folder) / "index.html").stat().st_size / 2**20
    return [
        {"figure": "srviz report", "value": round(seconds, 1), "unit": "s", "target": "< 90"},
        {"figure": "report page", "value": round(size, 2), "unit": "MiB", "target": "< 12 MB"},
    ]
