"""Notebooks run from top to bottom, and their two halves say the same."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
DRAWS = re.compile(r"sv\.(plot|figure)_")
SHORTENED = {"02_quantize_and_train": ("steps = 300", "steps = 20")}
"""A line that makes a notebook long, and what stands in for it when the notebook is tested."""

SCRIPTS = sorted(FOLDER.glob("*.py"))


def _code(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _undrawn(notebook: nbformat.NotebookNode) -> list[str]:
    """Cells that draw, but show no picture."""
    cells = [c for c in notebook.cells if c.cell_type == "code" and DRAWS.search(c.source)]
    return [c.source for c in cells if not any("image/png" in o.get("data", {}) for o in c.outputs)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_the_committed_notebook_is_the_script_with_outputs(script: Path) -> None:
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert _code(notebook) == _code(jupytext.read(script))
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert _undrawn(notebook) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_the_notebook_runs(script: Path) -> None:
    notebook = jupytext.read(script)
    if script.stem in SHORTENED:
        long, short = SHORTENED[script.stem]
        (cell,) = (cell for cell in notebook.cells if long in cell.source.splitlines())
        cell.source = cell.source.replace(long, short)
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    assert _undrawn(notebook) == []
