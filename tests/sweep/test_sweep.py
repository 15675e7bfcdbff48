"""The local engine: each run once, failures recorded, interruptions resumed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from srviz.errors import ArgumentError, NonFiniteError, UnknownNameError
from srviz.sweep import job as job_module
from srviz.sweep import load_plan, runs_table, sweep
from srviz.tables import read_table
from srviz.training import train_recipe
from srviz.training.signals import Interrupted


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A finished sweep: its folder and scores."""
    out = tmp_path_factory.mktemp("out")
    return out, sweep(root / "plan.toml", data=root, out=out)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the run folders that are trained from now on."""
    names: list[str] = []

    def spy(recipe, *, out, **rest):
        names.append(Path(out).name)
        return train_recipe(recipe, out=out, progress=False, **rest)

    monkeypatch.setattr(job_module, "train_recipe", spy)
    return names


def test_every_run_is_trained_and_scored(root: Path, done: tuple[Path, pd.DataFrame]) -> None:
    out, scores = done
    runs = load_plan(root / "plan.toml").runs()
    assert scores["run"].tolist() == [run.id for run in runs]  # one image
    assert scores["network"].tolist() == ["E", "E + BN", "E", "E + BN", "E + BN"]
    assert scores["method"].tolist() == ["none", "none", "pams", "pams", "ddtb"]
    assert scores["bits"].tolist() == [32, 32, 4, 4, 4]
    assert (runs_table(root / "plan.toml", out)["state"] == "finished").all()
    pd.testing.assert_frame_equal(read_table(out / "scores.parquet", "scores"), scores)
    assert len(pd.read_csv(out / "runs.csv")) == 5


def test_a_finished_sweep_trains_and_scores_nothing(
    root: Path, done: tuple[Path, pd.DataFrame], trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, scores = done
    monkeypatch.setattr(job_module, "evaluate", lambda *a, **k: pytest.fail("scored again"))
    again = sweep(root / "plan.toml", data=root, out=out)
    assert trained == []
    pd.testing.assert_frame_equal(again, scores)


def test_a_further_data_set_is_scored_without_training(
    root: Path, done: tuple[Path, pd.DataFrame], trained: list[str]
) -> None:
    plan = load_plan(root / "plan.toml")
    plan = plan.model_copy(update={"datasets": [*plan.datasets, str(root / "train")]})
    scores = sweep(plan, data=root, out=done[0])
    assert trained == []
    assert scores.groupby("run").size().tolist() == [2] * 5


def test_a_failed_run_is_recorded_and_the_rest_go_on(
    root: Path, tmp_path: Path, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = load_plan(root / "plan.toml").runs()[2].id
    honest = job_module.train_recipe

    def broken(recipe, *, out, **rest):
        if Path(out).name == victim:
            raise NonFiniteError("the training is not finite at step 2")
        return honest(recipe, out=out, **rest)

    monkeypatch.setattr(job_module, "train_recipe", broken)
    scores = sweep(root / "plan.toml", data=root, out=tmp_path)
    assert len(scores) == 4
    table = pd.read_csv(tmp_path / "runs.csv").set_index("run")
    assert table["state"].value_counts().to_dict() == {"finished": 4, "failed": 1}
    assert table.loc[victim, "error"] == "NonFiniteError: the training is not finite at step 2"
    monkeypatch.setattr(job_module, "train_recipe", honest)
    before = len(trained)
    assert len(sweep(root / "plan.toml", data=root, out=tmp_path)) == 5
    assert trained[before:] == [victim]


def test_an_interrupted_sweep_goes_on_where_it_stopped(
    root: Path, tmp_path: Path, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = load_plan(root / "plan.toml").runs()[3].id
    honest = job_module.train_recipe
    steps: list[int] = []

    def counting(recipe, *, data, out, **rest):
        class Stopping(type(data)):
            def batch(self, size, patch, *, seed, step):
                if Path(out).name == victim:
                    steps.append(step)
                    if steps.count(2) == 1 and step == 2:
                        raise Interrupted("stopped at step 2")
                return super().batch(size, patch, seed=seed, step=step)

        data = Stopping(data.lr, data.hr, data.scale)
        return honest(recipe, data=data, out=out, **rest)

    monkeypatch.setattr(job_module, "train_recipe", counting)
    with pytest.raises(KeyboardInterrupt):
        sweep(root / "plan.toml", data=root, out=tmp_path)
    states = runs_table(root / "plan.toml", tmp_path)["state"].tolist()
    assert states == ["finished", "finished", "finished", "started", "waiting"]
    scores = sweep(root / "plan.toml", data=root, out=tmp_path)
    assert len(scores) == 5
    calibration = [0, 1]
    assert steps == [*calibration, 0, 1, 2, *calibration, 2]  # 0 and 1 are not trained again


def test_unknown_engines_and_missing_ray_are_one_line(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownNameError, match="local, ray"):
        sweep(root / "plan.toml", data=root, out=tmp_path, on="slurm")
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ArgumentError, match=r"pip install 'srviz\[cluster\]'"):
        sweep(root / "plan.toml", data=root, out=tmp_path, on="ray")
