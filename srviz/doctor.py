"""``srviz doctor``: is this machine fit to run srviz, and what does it find."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One line of the examination."""

    topic: str
    level: Level
    text: str


BUNDLED = Path(__file__).parent / "networks" / "bundled"
PACKAGES = ("torch", "numpy", "pandas", "numba", "matplotlib", "plotly", "lightning-fabric")


def examine() -> Iterator[Finding]:
    """Yield what was found, one :class:`Finding` per topic; nothing is changed."""
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.machine()}")
    for package in PACKAGES:
        yield _package(package)
    yield _torchvision()
    yield from _data()
    yield from _bundled()
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        yield _writable(folder)


def _package(name: str) -> Finding:
    version = _version(name)
    if version:
        return Finding(name, "ok", version)
    return Finding(name, "problem", "not installed; fix: pip install srviz")


def _version(name: str) -> str:
    """The installed version, or nothing."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _torchvision() -> Finding:
    """A torchvision built for another torch breaks whatever imports it; srviz never does."""
    try:
        vision = importlib.metadata.distribution("torchvision")
    except importlib.metadata.PackageNotFoundError:
        return Finding("torchvision", "ok", "not installed (not needed)")
    torch = _version("torch").split("+")[0]
    wanted = next(
        (r for r in vision.requires or () if r.replace(" ", "").startswith("torch==")), None
    )
    if wanted and wanted.replace(" ", "").split(";")[0] != f"torch=={torch}":
        return Finding(
            "torchvision",
            "problem",
            f"{vision.version} wants {wanted}, but torch is {torch}; srviz does not use it, other "
            "packages may fail; fix: pip uninstall torchvision, or install the matching one",
        )
    return Finding("torchvision", "ok", f"{vision.version} (not used by srviz)")


def _data() -> Iterator[Finding]:
    root = os.environ.get("SRVIZ_DATA")
    if not root:
        yield Finding("SRVIZ_DATA", "note", "not set: only the bundled samples are available")
        return
    benchmark = Path(root) / "benchmark"
    if not benchmark.is_dir():
        yield Finding("SRVIZ_DATA", "problem", f"{benchmark} does not exist")
        return
    beside = (p.name for p in Path(root).iterdir() if p.is_dir() and p != benchmark)
    yield Finding("SRVIZ_DATA", "ok", f"{root}: benchmark, {', '.join(sorted(beside)) or 'alone'}")
    for folder in sorted(p for p in benchmark.iterdir() if p.is_dir()):
        hr = sum(1 for p in (folder / "HR").glob("*") if p.is_file())
        scales = sorted(p.name for p in (folder / "LR_bicubic").glob("X*"))
        level: Level = "ok" if hr and scales else "problem"
        yield Finding(folder.name, level, f"{hr} HR images; LR for {', '.join(scales) or 'none'}")


def _bundled(folder: Path = BUNDLED) -> Iterator[Finding]:
    """Weights whose bytes are not those that were scored."""
    try:
        sums = json.loads((folder / "SHA256.json").read_text())
    except (OSError, ValueError) as error:
        yield Finding("bundled weights", "problem", f"no checksums ({error}); fix: reinstall srviz")
        return
    for name, expected in sums.items():
        path = folder / name
        if not path.exists():
            yield Finding(name, "problem", "missing; fix: reinstall srviz")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            yield Finding(name, "problem", "checksum differs; fix: reinstall srviz")
        else:
            yield Finding(name, "ok", f"sha256 {expected[:12]}")


def _writable(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("writable", "ok", str(folder))
    except OSError as error:
        return Finding("writable", "problem", f"{folder}: {error.strerror}")
