"""The training loop: full-precision networks, L1 on patches, interruptible and resumable."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from tqdm.auto import tqdm

from srviz.data.patches import PatchPool, load_patch_pool
from srviz.errors import NonFiniteError, RecipeError
from srviz.networks import save_weights
from srviz.networks.forward import scale_of
from srviz.output import writable
from srviz.tables import write_table
from srviz.training.checkpoint import load_checkpoint, save_checkpoint
from srviz.training.recipe import Recipe, load_recipe
from srviz.training.schedule import one_cycle


class Interrupted(KeyboardInterrupt):
    """A run was stopped by Ctrl-C or SIGTERM; its checkpoint is written."""


def train(
    net: nn.Module,
    recipe: str | Path | Recipe,
    *,
    data: str | Path | PatchPool,
    out: str | Path,
    progress: bool = True,
) -> pd.DataFrame:
    """Train ``net`` in place by L1 on random patches, resuming from ``out`` if it holds a run.

    Parameters
    ----------
    net : nn.Module
        (N, 3, h, w) float32 in [0, 255] to (N, 3, scale * h, scale * w), with ``scale``.
    recipe : path or Recipe
        What to do; see :class:`Recipe`. A run can only be resumed with the recipe it began with.
    data : path or PatchPool
        The parent of the recipe's ``data.folders``, or patches already in memory.
    out : path
        Receives ``last.ckpt``, ``log.csv``, ``recipe.json`` and, at the end,
        ``model.safetensors``.

    Returns
    -------
    DataFrame
        The log: ``step, loss, lr, step_s, data_s`` (means over ``log_every`` steps; the loss in
        grey levels of 0..255, times in seconds).

    Raises
    ------
    NonFiniteError
        The loss became NaN or Inf; the last good checkpoint is kept.
    KeyboardInterrupt
        Ctrl-C or SIGTERM; a checkpoint was written and the same call resumes.
    """
    recipe = load_recipe(recipe)
    out = writable(Path(out))
    run = _Run(net, recipe, out)
    (out / "recipe.json").write_text(recipe.to_json())
    if run.step < recipe.run.steps:
        pool = data if isinstance(data, PatchPool) else _pool(data, recipe, net, progress)
        run.go(pool, progress)
    return run.finish()


def _pool(data: str | Path, recipe: Recipe, net: nn.Module, progress: bool) -> PatchPool:
    part = recipe.data
    return load_patch_pool(
        data,
        part.folders,
        scale=scale_of(net),
        patch=part.patch,
        reduce=part.reduce,
        skip_small=part.skip_small,
        progress=progress,
    )


class _Run:
    """Model, optimizer, log and step of one run; everything a checkpoint holds."""

    def __init__(self, net: nn.Module, recipe: Recipe, out: Path) -> None:
        self.recipe, self.out, self.net = recipe, out, net
        self.fabric = Fabric(accelerator="auto", devices=1, precision=recipe.run.precision)
        memory_format = torch.channels_last if recipe.run.channels_last else torch.contiguous_format
        net.to(memory_format=memory_format)  # pyright: ignore[reportCallIssue]
        optim = torch.optim.Adam(net.parameters(), lr=recipe.optim.lr, betas=recipe.optim.betas)
        self.model, self.optim = self.fabric.setup(net, optim)
        self.step = 0
        self.log: list[dict[str, float]] = []
        state = load_checkpoint(out)
        if state is not None:
            self._restore(state)

    def _restore(self, state: dict[str, Any]) -> None:
        if state["recipe"] != self.recipe.to_json():
            raise RecipeError(
                f"{self.out} holds a run of another recipe",
                fix="choose another out=, or delete that folder",
            )
        self.net.load_state_dict(state["model"])
        self.optim.load_state_dict(state["optimizer"])
        self.step, self.log = state["step"], state["log"]

    def checkpoint(self) -> None:
        save_checkpoint(
            self.out,
            {
                "step": self.step,
                "model": self.net.state_dict(),
                "optimizer": self.optim.state_dict(),
                "recipe": self.recipe.to_json(),
                "log": self.log,
            },
        )

    def go(self, pool: PatchPool, progress: bool) -> None:
        run = self.recipe.run
        self.model.train()
        window = _Window()
        bar = tqdm(total=run.steps, initial=self.step, desc=self.out.name, disable=not progress)
        with bar, _stop_signals() as stopped:
            while self.step < run.steps:
                window.add(*self._advance(pool))
                bar.update()
                stop = stopped.is_set()  # asked once: a signal may come at any time below
                keep = stop or self.step % run.checkpoint_every == 0
                keep = keep or self.step == run.steps
                if keep or self.step % run.log_every == 0:
                    # A checkpoint is written only after a look at the loss: never a broken one.
                    window.refuse_non_finite(self.step)
                if self.step % run.log_every == 0 or self.step == run.steps:
                    self.log.append(window.row(self.step, self.optim.param_groups[0]["lr"]))
                    bar.set_postfix(loss=f"{self.log[-1]['loss']:.3f}")
                    window = _Window()
                if keep:
                    self.checkpoint()
                if stop and self.step < run.steps:
                    raise Interrupted(f"stopped at step {self.step}; run the same call to resume")

    def _advance(self, pool: PatchPool) -> tuple[Tensor, float, float]:
        part, start = self.recipe.data, time.perf_counter()
        low, high = pool.batch(part.batch, part.patch, seed=self.recipe.run.seed, step=self.step)
        lr, hr = (self.fabric.to_device(torch.from_numpy(a)).float() for a in (low, high))
        ready = time.perf_counter()
        for group in self.optim.param_groups:
            group["lr"] = one_cycle(self.step, self.recipe.run.steps, self.recipe.optim)
        self.optim.zero_grad(set_to_none=True)
        loss = (self.model(lr).float() - hr).abs().mean()
        self.fabric.backward(loss)
        self.optim.step()
        self.step += 1
        return loss.detach(), ready - start, time.perf_counter() - start

    def finish(self) -> pd.DataFrame:
        self.net.eval()
        save_weights(self.net, self.out / "model.safetensors")
        log = pd.DataFrame(self.log)
        write_table(log.round(9), self.out / "log.csv")
        return log


class _Window:
    """Means over the steps since the last log line."""

    def __init__(self) -> None:
        self.losses: list[Tensor] = []
        self.data_s = self.step_s = 0.0

    def add(self, loss: Tensor, data_s: float, step_s: float) -> None:
        self.losses.append(loss)
        self.data_s += data_s
        self.step_s += step_s

    def refuse_non_finite(self, step: int) -> None:
        finite = torch.stack(self.losses).isfinite()
        if not finite.all():
            bad = step - len(self.losses) + 1 + int(finite.int().argmin())
            raise NonFiniteError(
                f"the loss is not finite at step {bad}",
                fix="lower optim.lr; the last checkpoint is from before that step",
            )

    def row(self, step: int, lr: float) -> dict[str, float]:
        n = len(self.losses)
        loss = float(torch.stack(self.losses).mean())
        means = {"step_s": self.step_s / n, "data_s": self.data_s / n}
        return {"step": step, "loss": loss, "lr": lr, **means}


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Turn SIGINT and SIGTERM into a flag, so a step is never torn in half."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped  # signals reach the main thread only
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt  # a second Ctrl-C does not wait for the step
        stopped.set()

    old = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for s, handler in old.items():
            signal.signal(s, handler)
