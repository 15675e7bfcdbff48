"""Two processes on the CPU train what one process does at the same global batch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from training import small, two_processes

from srviz.errors import RecipeError
from srviz.training.checkpoint import load_checkpoint
from srviz.training.processes import make_fabric

SCRIPT = Path(two_processes.__file__)
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


def _state(out: Path) -> dict[str, Any]:
    state = load_checkpoint(out)
    assert state is not None
    return state


def test_two_processes_equal_one_at_the_same_global_batch(tmp_path: Path) -> None:
    two_processes.main(str(tmp_path / "one"))
    done = subprocess.run(
        [*TORCHRUN, str(SCRIPT), str(tmp_path / "two")],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = _state(tmp_path / "one"), _state(tmp_path / "two")
    assert two["step"] == 4
    for key, value in one["model"].items():
        torch.testing.assert_close(two["model"][key], value, rtol=1e-5, atol=1e-6, msg=key)
    logs = [pd.read_csv(tmp_path / name / "log.csv") for name in ("one", "two")]
    for column in ("loss", "l1", "skt"):
        pd.testing.assert_series_equal(logs[1][column], logs[0][column], rtol=1e-4)


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(RecipeError, match="allowed: multiples of 3"):
        make_fabric(small.recipe())
