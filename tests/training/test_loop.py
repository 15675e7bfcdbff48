from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from srviz.data.patches import PatchPool
from srviz.errors import FileFormatError, NonFiniteError, OutputError, RecipeError
from srviz.networks import load_network
from srviz.training import Recipe, train
from srviz.training.checkpoint import load_checkpoint, save_checkpoint


def _pool(cls: type[PatchPool] = PatchPool) -> PatchPool:
    rng = np.random.default_rng(0)
    low = [rng.integers(0, 256, (20, 24, 3), dtype=np.uint8) for _ in range(2)]
    return cls(low, [im.repeat(2, 0).repeat(2, 1) for im in low], 2)


def _recipe(steps: int = 8, **run: object) -> Recipe:
    return Recipe.model_validate(
        {
            "data": {"folders": ["unused"], "patch": 8, "batch": 2},
            "run": {"steps": steps, "log_every": 2, "checkpoint_every": 3, **run},
        }
    )


def _net(norm: str | None = "batch") -> nn.Module:
    torch.manual_seed(1)
    return load_network("edsr", scale=2, norm=norm, n_blocks=1, n_feats=4)


class StopAtFive(PatchPool):
    """Sends this process a signal while step 5 is being prepared."""

    def batch(self, size, patch, *, seed, step):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().batch(size, patch, seed=seed, step=step)


class NanAtFive(PatchPool):
    def batch(self, size, patch, *, seed, step):
        low, high = super().batch(size, patch, seed=seed, step=step)
        return (low * np.float32("nan") if step == 5 else low), high


def test_the_loss_falls_and_the_run_is_written(tmp_path: Path) -> None:
    log = train(_net(), _recipe(30), data=_pool(), out=tmp_path, progress=False)
    assert log["loss"].iloc[-1] < log["loss"].iloc[0]
    assert log["step"].tolist() == list(range(2, 31, 2))
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "log.csv"), log, rtol=1e-4)
    again = load_network("edsr", scale=2, norm="batch", weights=tmp_path / "model.safetensors")
    assert again.config.n_feats == 4


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_run_killed_and_resumed_equals_an_unbroken_one_bit_for_bit(
    tmp_path: Path, precision: str
) -> None:
    recipe, whole, broken = _recipe(precision=precision), _net(), _net()
    train(whole, recipe, data=_pool(), out=tmp_path / "whole", progress=False)
    with pytest.raises(KeyboardInterrupt, match="stopped at step 6"):
        train(broken, recipe, data=_pool(StopAtFive), out=tmp_path / "broken", progress=False)
    resumed = _net()
    log = train(resumed, recipe, data=_pool(), out=tmp_path / "broken", progress=False)
    for (name, a), b in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    assert log["step"].tolist() == [2, 4, 6, 8]


def test_the_users_signal_handlers_come_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    train(_net(), _recipe(2), data=_pool(), out=tmp_path, progress=False)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_nan_loss_stops_the_run_and_keeps_the_good_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(NonFiniteError, match="not finite at step 6"):
        train(_net(None), _recipe(), data=_pool(NanAtFive), out=tmp_path, progress=False)
    state = load_checkpoint(tmp_path)
    assert state is not None
    assert state["step"] == 3
    assert all(t.isfinite().all() for t in state["model"].values())


def test_a_folder_of_another_recipe_is_not_overwritten(tmp_path: Path) -> None:
    train(_net(), _recipe(3), data=_pool(), out=tmp_path, progress=False)
    with pytest.raises(RecipeError, match="another recipe"):
        train(_net(), _recipe(4), data=_pool(), out=tmp_path, progress=False)
    assert '"steps": 3' in (tmp_path / "recipe.json").read_text()


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first = train(_net(), _recipe(3), data=_pool(), out=tmp_path, progress=False)
    again = train(_net(), _recipe(3), data=tmp_path / "gone", out=tmp_path, progress=False)
    pd.testing.assert_frame_equal(first, again)


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch) -> None:
    state = {"step": 1, "model": {}, "optimizer": {}, "recipe": ""}
    save_checkpoint(tmp_path, state)

    def full_disk(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OutputError, match="No space left"):
        save_checkpoint(tmp_path, {**state, "step": 2})
    monkeypatch.undo()
    loaded = load_checkpoint(tmp_path)
    assert loaded is not None
    assert loaded["step"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["last.ckpt"]


def test_damaged_and_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, {"step": 1, "model": {}, "optimizer": {}, "recipe": ""})
    path = tmp_path / "last.ckpt"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FileFormatError, match="damaged"):
        load_checkpoint(tmp_path)
    torch.save({"weights": 1}, path)
    with pytest.raises(FileFormatError, match="lacks model, optimizer, recipe, step"):
        load_checkpoint(tmp_path)


def test_an_unwritable_output_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        train(_net(), _recipe(), data=_pool(), out=tmp_path / "file" / "run", progress=False)
