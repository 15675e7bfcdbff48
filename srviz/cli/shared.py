"""What several verbs do: build, load, capture, print."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any


def show(table: Any, csv: Path | None) -> None:
    """Print a table as text and, if asked, write it to a file."""
    import pandas as pd

    from srviz.tables import write_table

    with pd.option_context(
        "display.max_rows", 200, "display.width", 200, "display.max_columns", 40
    ):
        print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    if csv is not None:
        write_table(table, csv)


def build(name: str, scale: int, norm: str | None, weights: str) -> Any:
    from srviz.networks import load_network

    return load_network(name, scale=scale, norm=norm, weights=weights)


def load(source: str, scale: int, limit: int | None) -> Any:
    from srviz.data import load_images

    return load_images(source, scale=scale, limit=limit)


def capture(net: Any, images: Any, **options: Any) -> Any:
    """A profile; that Ctrl-C cut it short is left to the verb to say."""
    from srviz.capture import capture as run

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "capture stopped")
        return run(net, images, progress=progress(), **options)


def progress() -> bool:
    """Bars are for people: in a pipe or a log they would bury the one line that matters."""
    return sys.stderr.isatty()
