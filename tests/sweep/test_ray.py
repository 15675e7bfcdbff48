"""The Ray engine on a real cluster of two nodes, one of which is killed half-way."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import ray
from ray.cluster_utils import Cluster

from srviz.sweep import load_plan, runs_table, sweep
from srviz.training.checkpoint import load_checkpoint


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head and a second node of one CPU each, on this machine."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(Path(__file__).parents[2])]))
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def _step(folder: Path) -> int:
    state = load_checkpoint(folder)
    return 0 if state is None else state["step"]


def _wait(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_killed_node_loses_no_result_and_doubles_none(
    root: Path, tmp_path: Path, cluster: Any
) -> None:
    text = (root / "pams.toml").read_text()
    for method in ("pams", "ddtb"):
        recipe = text.replace("steps = 3", "steps = 150").replace("pams", method)
        (tmp_path / f"{method}.toml").write_text(recipe)
    for name in ("plan.toml", "plain.safetensors", "bn.safetensors"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    plan, out = load_plan(tmp_path / "plan.toml"), tmp_path / "out"
    second = cluster.add_node(num_cpus=1)
    result: list[pd.DataFrame] = []
    driver = threading.Thread(
        target=lambda: result.append(
            sweep(plan, data=root, out=out, on="ray", address=cluster.address)
        )
    )
    driver.start()
    folders = [out / "runs" / run.id for run in plan.runs() if run.trained]

    def running() -> list[Path]:
        return [f for f in folders if _step(f) and not (f / "model.safetensors").exists()]

    _wait(lambda: len(running()) == 2)
    before = {folder: _step(folder) for folder in running()}
    begun = {folder: (folder / "recipe.json").stat().st_mtime_ns for folder in before}
    cluster.remove_node(second, allow_graceful=False)
    while driver.is_alive():
        assert all(_step(folder) >= step for folder, step in before.items()), "from the beginning"
        time.sleep(0.1)
    again = [f for f, then in begun.items() if (f / "recipe.json").stat().st_mtime_ns != then]
    assert len(again) == 1  # the job of the dead node, and it went on from its checkpoint
    (scores,) = result
    assert sorted(scores["run"]) == sorted(run.id for run in plan.runs())
    assert set(runs_table(plan, out)["state"]) == {"finished"}
    for folder in folders:
        assert pd.read_csv(folder / "log.csv")["step"].tolist() == list(range(50, 151, 50))
