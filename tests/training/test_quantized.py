"""Training of quantized networks: start, bounds, resume, trouble, and the file at the end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from training import small

from srviz.data import load_images
from srviz.data.patches import PatchPool, patch_pool
from srviz.errors import ArgumentError, NonFiniteError, RecipeError, WeightsError
from srviz.networks import load_network, save_weights
from srviz.quantizers import DDTB, read_grids
from srviz.tables import read_table
from srviz.training import build_student, load_quantized, train, train_recipe
from srviz.training.checkpoint import load_checkpoint
from srviz.training.student import check_initialised


class StopAtThree(PatchPool):
    """Sends this process a signal while step 3 is being prepared."""

    def batch(self, size, patch, *, seed, step):
        if step == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().batch(size, patch, seed=seed, step=step)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights(small.net(), tmp_path_factory.mktemp("fp") / "fp.safetensors")


def _student(recipe, norm="batch"):
    teacher = small.net(norm).eval()
    return build_student(teacher, recipe, small.pool()), teacher


@pytest.mark.parametrize(("method", "norm"), [("pams", "batch"), ("ddtb", None)])
def test_six_steps_equal_three_and_three_resumed_bit_for_bit(
    tmp_path: Path, method: str, norm: str | None
) -> None:
    recipe = small.recipe(quantize={"method": method, "bits": 3, "calibration": 2})
    whole, teacher = _student(recipe, norm)
    log = train(
        whole, recipe, data=small.pool(), out=tmp_path / "a", teacher=teacher, progress=False
    )
    broken, _ = _student(recipe, norm)
    with pytest.raises(KeyboardInterrupt, match="stopped at step 3"):
        train(
            broken, recipe, data=small.pool(StopAtThree), out=tmp_path / "b", teacher=teacher,
            progress=False,
        )  # fmt: skip
    resumed, _ = _student(recipe, norm)
    again = train(
        resumed, recipe, data=small.pool(), out=tmp_path / "b", teacher=teacher, progress=False
    )
    for (name, a), b in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    straight, halves = (load_checkpoint(tmp_path / name) for name in "ab")
    assert straight is not None
    assert halves is not None
    for a, b in zip(
        straight["optimizer"]["state"].values(), halves["optimizer"]["state"].values(), strict=True
    ):
        assert all(torch.equal(a[k], b[k]) for k in ("step", "exp_avg", "exp_avg_sq"))
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "a" / "bounds.parquet"), read_table(tmp_path / "b" / "bounds.parquet")
    )
    np.testing.assert_array_equal(log["step"], again["step"])


def test_the_bounds_over_training_are_those_of_the_network(tmp_path: Path) -> None:
    recipe = small.recipe(quantize={"method": "ddtb", "bits": 3, "calibration": 2})
    student, teacher = _student(recipe)
    first = {row.site: row.grid for row in read_grids(student)}
    start = {s: (float(g.lo), float(g.hi)) for s, g in first.items()}
    train(student, recipe, data=small.pool(), out=tmp_path, teacher=teacher, progress=False)
    bounds = read_table(tmp_path / "bounds.parquet", "bounds")
    assert sorted(set(bounds["step"])) == [0, 2, 4, 6]
    assert set(bounds["bound"]) == {"upper", "lower"}
    assert bounds["channel"].isna().all()
    at = bounds.set_index(["step", "site", "bound"])["value"]
    for site, (lower, upper) in start.items():
        assert at[0, site, "lower"] == pytest.approx(lower)
        assert at[0, site, "upper"] == pytest.approx(upper)
        module = student.get_submodule(site.partition(":")[0])
        assert at[6, site, "upper"] == pytest.approx(module.upper.item())
        assert at[6, site, "upper"] != at[0, site, "upper"]


def test_the_log_shows_both_losses_both_rates_and_the_teachers_time(tmp_path: Path) -> None:
    recipe = small.recipe(optim={"lr": 1e-3, "bounds_lr": 0.1, "schedule": "step", "step_every": 3})
    student, teacher = _student(recipe)
    log = train(student, recipe, data=small.pool(), out=tmp_path, teacher=teacher, progress=False)
    np.testing.assert_allclose(log["loss"], log["l1"] + 1000 * log["skt"], rtol=1e-5)
    assert (log["skt"] > 0).all()
    np.testing.assert_allclose(log["lr"], [1e-3, 5e-4, 5e-4])  # of steps 2, 4 and 6
    np.testing.assert_allclose(log["bounds_lr"], [0.1, 0.05, 0.05])
    assert (log["teacher_s"] > 0).all()
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "log.parquet"), log)


def test_the_teacher_is_neither_trained_nor_touched(tmp_path: Path) -> None:
    recipe = small.recipe(2)
    student, teacher = _student(recipe)
    teacher.train()
    before = {key: value.clone() for key, value in teacher.state_dict().items()}
    train(student, recipe, data=small.pool(), out=tmp_path, teacher=teacher, progress=False)
    assert teacher.training
    assert all(torch.equal(before[key], value) for key, value in teacher.state_dict().items())


@pytest.mark.parametrize(("statistics", "moves"), [("freeze", False), ("update", True)])
def test_the_policy_for_bn_statistics(tmp_path: Path, statistics: str, moves: bool) -> None:
    recipe = small.recipe(3, norm={"statistics": statistics}, loss={"skt": 0.0})
    student, _ = _student(recipe)
    before = {k: v.clone() for k, v in student.state_dict().items() if "running" in k}
    train(student, recipe, data=small.pool(), out=tmp_path, progress=False)
    after = student.state_dict()
    assert len(before) == 4
    assert all(torch.equal(after[key], value) != moves for key, value in before.items())


def test_a_recipe_from_a_file_of_weights_to_a_quantized_file(tmp_path: Path, weights: Path) -> None:
    recipe = small.recipe(3, run={"checkpoint_every": 100})
    log = train_recipe(
        recipe, data=small.pool(), out=tmp_path, weights=weights, norm="batch", progress=False
    )
    assert len(log) == 2
    again = load_quantized(tmp_path / "model.safetensors")
    state = load_checkpoint(tmp_path)
    assert state is not None
    for key, value in again.state_dict().items():
        assert torch.equal(value, state["model"][key]), key
    placement = pd.read_csv(tmp_path / "placement.csv", keep_default_na=False)
    assert placement["weight_bits"].tolist() == [4, 4, 32]  # nothing convolves slot_out
    pd.testing.assert_frame_equal(again.placement, placement)
    assert str(weights) in (tmp_path / "recipe.json").read_text()
    x = torch.rand(1, 3, 8, 8) * 255
    assert again(x).shape == (1, 3, 16, 16)
    with pytest.raises(WeightsError, match="holds no quantized network"):
        load_quantized(weights)


def test_gates_warm_up_are_applied_and_survive_a_stop(tmp_path: Path) -> None:
    quantize = {"method": "ddtb", "bits": 3, "calibration": 2, "gates": {"warmup": 3}}
    recipe = small.recipe(quantize=quantize, run={"log_every": 1, "checkpoint_every": 2})
    whole, teacher = _student(recipe)
    log = train(
        whole, recipe, data=small.pool(), out=tmp_path / "a", teacher=teacher, progress=False
    )
    assert (log["gate"] > 0).tolist() == [True] * 3 + [False] * 3
    np.testing.assert_allclose(log["loss"], log["l1"] + 1000 * log["skt"] + log["gate"], rtol=1e-5)
    gated = [q for q in whole.modules() if isinstance(q, DDTB) and q.gate is not None]
    assert len(gated) == 1  # 0.3 of 3 sites
    assert bool(gated[0].gate.applied)
    broken, _ = _student(recipe)
    with pytest.raises(KeyboardInterrupt):
        train(
            broken, recipe, data=small.pool(StopAtThree), out=tmp_path / "b", teacher=teacher,
            progress=False,
        )  # fmt: skip
    resumed, _ = _student(recipe)
    train(resumed, recipe, data=small.pool(), out=tmp_path / "b", teacher=teacher, progress=False)
    again = load_quantized(tmp_path / "b" / "model.safetensors")
    for key, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[key]), key
        assert torch.equal(value, again.state_dict()[key]), key


@pytest.mark.parametrize("graph", ["paper", "release"])
def test_a_criterion_and_a_graph_reach_the_quantizers(tmp_path: Path, graph: str) -> None:
    quantize = {"method": "pams", "bits": 4, "criterion": "max", "graph": graph}
    recipe = small.recipe(2, quantize=quantize, loss={})
    student, teacher = _student(recipe)
    seen: list[torch.Tensor] = []
    with torch.no_grad():
        teacher.blocks[0].slot_mid.register_forward_hook(
            lambda m, args, out: seen.append(out.max())
        )
        for step in range(8):
            teacher(torch.from_numpy(small.pool().batch(2, 8, seed=0, step=step)[0]).float())
    assert student.blocks[0].slot_mid.alpha.item() == pytest.approx(max(seen).item(), rel=1e-6)
    train(student, recipe, data=small.pool(), out=tmp_path, progress=False)
    again = load_quantized(tmp_path / "model.safetensors")
    x = torch.rand(1, 3, 8, 8) * 255
    torch.testing.assert_close(again(x), student(x))
    assert again.blocks[0].graph == graph


def test_a_student_that_does_not_start_from_the_weights_is_refused() -> None:
    recipe = small.recipe()
    student, teacher = _student(recipe)
    check_initialised(student, teacher)
    with torch.no_grad():
        student.blocks[0].conv1.parametrizations.weight.original[0, 0, 0, 0] += 1
    with pytest.raises(WeightsError, match=r"blocks\.0\.conv1\.weight differs"):
        check_initialised(student, teacher)


def test_a_quantized_run_does_not_start_from_scratch(tmp_path: Path) -> None:
    recipe = small.recipe(loss={"skt": 0.0})
    with pytest.raises(RecipeError, match="starts from full-precision weights"):
        train_recipe(recipe, data=small.pool(), out=tmp_path, progress=False)


def test_recipe_and_network_must_agree(tmp_path: Path) -> None:
    recipe = small.recipe()
    student, teacher = _student(small.recipe(quantize={"method": "ddtb", "bits": 3}))
    call = {"data": small.pool(), "out": tmp_path, "progress": False}
    with pytest.raises(RecipeError, match="the network is ddtb 3 bits"):
        train(student, recipe, teacher=teacher, **call)
    with pytest.raises(RecipeError, match="the network given is full precision"):
        train(teacher, recipe, teacher=teacher, **call)
    student, _ = _student(recipe)
    with pytest.raises(RecipeError, match="needs a teacher"):
        train(student, recipe, **call)
    other = load_network("edsr", scale=3, **small.SIZES)
    with pytest.raises(ArgumentError, match="the teacher is x3, the network x2"):
        train(student, recipe, teacher=other, **call)
    foreign = torch.nn.Conv2d(3, 3, 3)
    foreign.scale = 2  # pyright: ignore[reportArgumentType]
    with pytest.raises(ArgumentError, match="shows no features"):
        train(student, recipe, teacher=foreign, **call)


def test_a_nan_bound_stops_with_site_and_step_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    recipe = small.recipe()
    student, teacher = _student(recipe)
    passes = iter(range(1, 7))
    student.blocks[0].slot_mid.alpha.register_hook(
        lambda grad: grad * float("nan") if next(passes) == 5 else grad
    )
    with pytest.raises(NonFiniteError, match=r"blocks\.0\.slot_mid.*after step 5"):
        train(student, recipe, data=small.pool(), out=tmp_path, teacher=teacher, progress=False)
    state = load_checkpoint(tmp_path)
    assert state is not None
    assert state["step"] == 3
    assert all(t.isfinite().all() for t in state["model"].values())


def test_a_broken_weight_is_never_checkpointed(tmp_path: Path) -> None:
    recipe = small.recipe(3, quantize=None, loss={}, optim={"lr": 1e30})
    net = small.net(None)
    with pytest.raises(NonFiniteError, match="not finite at step"):
        train(net, recipe, data=small.pool(), out=tmp_path, progress=False)
    assert load_checkpoint(tmp_path) is None


def test_tensorboard_is_written_only_when_asked_for(tmp_path: Path) -> None:
    recipe = small.recipe(2, quantize=None, loss={})
    train(small.net(), recipe, data=small.pool(), out=tmp_path, progress=False)
    assert not (tmp_path / "tensorboard").exists()
    try:
        import tensorboard  # noqa: F401
    except ImportError:
        with pytest.raises(ArgumentError, match=r"pip install 'srviz\[log\]'"):
            train(
                small.net(), recipe, data=small.pool(), out=tmp_path / "b", progress=False,
                tensorboard=True,
            )  # fmt: skip
    else:
        train(
            small.net(), recipe, data=small.pool(), out=tmp_path / "b", progress=False,
            tensorboard=True,
        )  # fmt: skip
        assert list((tmp_path / "b" / "tensorboard").iterdir())


def test_training_on_images_equals_training_on_their_pool(tmp_path: Path) -> None:
    images = load_images("samples", scale=2, limit=2)
    recipe = small.recipe(steps=2)
    logs = []
    for name, data in (("set", images), ("pool", patch_pool(images, patch=8))):
        student, teacher = _student(recipe)
        out = tmp_path / name
        logs.append(train(student, recipe, data=data, out=out, teacher=teacher, progress=False))
    assert logs[0]["loss"].tolist() == logs[1]["loss"].tolist()
    student, teacher = _student(recipe)
    with pytest.raises(ArgumentError, match="scale x4; allowed: x2"):
        train(student, recipe, data=load_images("samples"), out=tmp_path / "x", teacher=teacher)
