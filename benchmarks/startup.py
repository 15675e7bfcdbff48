"""Time of ``import srviz`` and ``srviz --help`` as whole processes, against a bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import srviz": ["-c", "import srviz"],
    "srviz --help": ["-m", "srviz.cli", "--help"],
}
TARGETS = {"import srviz": 0.3, "srviz --help": 0.6}


def run(repeats: int = 7) -> list[dict[str, object]]:
    """Medians over interleaved runs, after one warm-up each, in seconds."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for repeat in range(repeats + 1):
        for name, arguments in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            if repeat:
                times[name].append(time.perf_counter() - start)
    return [
        {
            "figure": name,
            "value": round(statistics.median(taken), 3),
            "unit": "s",
            "target": f"< {TARGETS[name]}" if name in TARGETS else "",
        }
        for name, taken in times.items()
    ]
