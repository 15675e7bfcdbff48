"""The rooms import each other in one direction only (DESIGN.md, section 2)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import srviz

PACKAGE = Path(srviz.__file__).parent
LEVELS = [
    {"errors"},
    {"tables", "histogram", "grid", "slots", "output"},
    {"unfitness", "networks", "quantizers", "data"},
    {"capture", "scoring", "plots", "explore"},
    {"training", "report"},
    {"study", "sweep", "doctor"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
TORCH_FREE = ["histogram", "grid", "tables", "unfitness", "plots", "explore", "report"]


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py").lstrip("_")


def _imports(path: Path) -> list[str]:
    """Rooms of srviz that a file imports, anywhere in it (lazy imports count too)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "srviz":
                names = [f"srviz.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found += [n.split(".")[1].lstrip("_") for n in names if n.startswith("srviz.")]
    return found


FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if p != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    room = _room(path)
    assert room in LEVEL, f"{room} is not a room of DESIGN.md"
    for other in _imports(path):
        if other != room:
            assert LEVEL[other] < LEVEL[room], f"{path.name} ({room}) imports {other}"


def test_what_lies_right_of_the_profile_runs_without_torch() -> None:
    modules = [f"srviz.{room}" for room in TORCH_FREE] + ["srviz.capture.profile"]
    for room in ("unfitness", "plots", "explore", "report"):
        modules += [
            "srviz." + ".".join(p.relative_to(PACKAGE).with_suffix("").parts)
            for p in sorted((PACKAGE / room).rglob("*.py"))
            if p.name != "__init__.py"
        ]
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        "    assert 'torch' not in sys.modules, name\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACKAGE.parent)
