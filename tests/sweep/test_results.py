"""The folder of a sweep read back; enough of it to print, without the trained networks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from srviz.errors import FileFormatError
from srviz.sweep import job as job_module
from srviz.sweep import load_plan, load_results, runs_table, sweep
from srviz.training import load_quantized


@pytest.fixture(scope="module")
def out(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    sweep(root / "plan.toml", data=root, out=out)
    return out


def test_bounds_and_logs_of_every_trained_run(root: Path, out: Path) -> None:
    results = load_results(out)
    runs = [run for run in load_plan(root / "plan.toml").runs() if run.trained]
    assert set(results.bounds["run"]) == set(results.logs["run"]) == {run.id for run in runs}
    assert set(results.bounds["network"]) == {"E", "E + BN"}
    one = results.bounds_of("E + BN", "ddtb", 4)
    assert set(one["bound"]) == {"upper", "lower"}
    alone = pd.read_parquet(out / "runs" / runs[-1].id / "bounds.parquet")
    assert one["value"].tolist() == alone["value"].tolist()
    assert results.bounds_of("E", "ddtb", 4).empty
    assert len(results.scores) == 5
    assert results.model("E + BN", "ddtb", 4) == out / "runs" / runs[-1].id / "model.safetensors"
    assert load_quantized(results.model("E", "pams", 4)).placement["quantizer"].unique() == "pams"
    with pytest.raises(FileFormatError, match="no run of E, ddtb 4 bits, seed 0"):
        results.model("E", "ddtb", 4)


def test_a_sweep_without_its_networks_stays_finished(
    root: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(out, bare, ignore=shutil.ignore_patterns("*.safetensors", "*.ckpt"))
    assert (runs_table(root / "plan.toml", bare)["state"] == "finished").all()
    monkeypatch.setattr(job_module, "train_recipe", lambda *a, **k: pytest.fail("trained again"))
    with pytest.raises(FileFormatError, match="was not kept"):
        load_results(bare).model("E", "pams", 4)
    pd.testing.assert_frame_equal(
        sweep(root / "plan.toml", data=root, out=bare), load_results(out).scores
    )


def test_no_sweep_and_nothing_finished_are_one_line(tmp_path: Path, out: Path) -> None:
    with pytest.raises(FileFormatError, match="holds no sweep"):
        load_results(tmp_path)
    (tmp_path / "runs.csv").write_text("a,b\n1,2\n")
    (tmp_path / "scores.parquet").touch()
    with pytest.raises(FileFormatError, match="lacks network, method"):
        load_results(tmp_path)
    (tmp_path / "runs.csv").write_text("")
    with pytest.raises(FileFormatError, match="is not a table"):
        load_results(tmp_path)
    (tmp_path / "scores.parquet").unlink()
    shutil.copy(out / "runs.csv", tmp_path)
    with pytest.raises(FileFormatError, match="no run is finished"):
        load_results(tmp_path)
