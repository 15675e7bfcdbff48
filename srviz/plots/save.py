"""Figures on disk: PDF for the paper, PNG for the screen, and where the numbers came from."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from srviz.errors import OutputError
from srviz.plots.style import style

PACKAGES = ("srviz", "numpy", "pandas", "matplotlib", "seaborn")


def save_figure(
    figure: Figure | Axes,
    path: str | Path,
    *,
    provenance: Mapping[str, Any] | None = None,
    dpi: int = 300,
) -> list[Path]:
    """Write ``path.pdf``, ``path.png`` and ``path.json`` (provenance), each in one stroke.

    Parameters
    ----------
    figure : Figure or Axes
    path : path
        Without suffix; missing folders are made.
    provenance : mapping, optional
        What the figure rests on, for instance ``{"EDSR": prof.meta}``; versions are added.
    dpi : int
        Resolution of the PNG.

    Returns
    -------
    list of Path
        The three files.

    Raises
    ------
    OutputError
        They cannot be written.
    """
    path = Path(path)
    whole = figure.get_figure(root=True) if isinstance(figure, Axes) else figure
    assert isinstance(whole, Figure)
    about = {
        "figure": path.name,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "sources": dict(provenance or {}),
    }
    # Without dates the same figure gives the same bytes.
    dates = {".pdf": {"CreationDate": None, "ModDate": None}, ".png": {}}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with style():
            for suffix, metadata in dates.items():
                part = path.with_name(f".{path.name}.part{suffix}")
                whole.savefig(part, dpi=dpi, metadata=metadata)
                os.replace(part, path.with_name(path.name + suffix))
        part = path.with_name(f".{path.name}.part.json")
        part.write_text(json.dumps(about, indent=2, default=str) + "\n", encoding="utf-8")
        os.replace(part, path.with_name(path.name + ".json"))
    except OSError as error:
        raise OutputError(
            f"figure {path} cannot be written ({error.strerror or error})",
            fix="choose a folder you may write to",
        ) from error
    return [path.with_name(path.name + s) for s in (".pdf", ".png", ".json")]
