"""environment.yml, pyproject.toml and constraints.txt tell the same story."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA = (ROOT / "environment.yml").read_text()
PINNED = dict(
    line.lower().split("==")
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if "==" in line
)


def _name(requirement: str) -> str:
    return re.split(r"[<>=\[; ]", requirement)[0].lower()


def test_conda_installs_this_project_with_the_same_pins() -> None:
    lines = [line.strip(" -") for line in CONDA.splitlines()]
    assert "c constraints.txt" in lines
    assert "e .[dev]" in lines
    assert set(re.findall(r"\.\[(\w+)\]", CONDA)) <= set(
        PYPROJECT["project"]["optional-dependencies"]
    )


def test_conda_and_pyproject_ask_for_the_same_python() -> None:
    wanted = re.search(r"python=([\d.]+)", CONDA)
    assert wanted is not None
    assert PYPROJECT["project"]["requires-python"] == f">={wanted[1]}"


def test_every_dependency_is_pinned() -> None:
    project = PYPROJECT["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    missing = [r for r in needed if _name(r) not in PINNED]
    assert not missing


def test_the_pins_satisfy_the_lower_bounds() -> None:
    for requirement in PYPROJECT["project"]["dependencies"]:
        bound = re.search(r">=([\d.]+)", requirement)
        if bound:
            low, pinned = (
                [int(p) for p in re.findall(r"\d+", v)]
                for v in (bound[1], PINNED[_name(requirement)])
            )
            assert pinned >= low, requirement


def test_torch_is_the_tested_one() -> None:
    assert PINNED["torch"] == "2.13.0"
