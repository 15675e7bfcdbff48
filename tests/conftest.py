"""Fixtures every test may use: where the real data lies, and what runs without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def srviz_data() -> Path:
    """$SRVIZ_DATA: benchmark/SET/{HR,LR_bicubic}, weights/, classification/, train/."""
    folder = os.environ.get("SRVIZ_DATA")
    if not folder:
        pytest.skip("needs the real benchmarks: set SRVIZ_DATA to their folder")
    path = Path(folder)
    assert (path / "benchmark" / "Set5" / "HR").is_dir(), (
        f"SRVIZ_DATA={folder} lacks benchmark/Set5"
    )
    return path
