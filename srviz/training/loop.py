"""The training loop: patches in, losses down, interruptible and resumable at any step."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from srviz.data.patches import PatchPool
from srviz.errors import NonFiniteError, RecipeError, SrvizError
from srviz.networks import freeze_norm
from srviz.networks.forward import scale_of
from srviz.output import writable
from srviz.quantizers import Quantizer, apply_gates, clamp_bounds, gate_loss
from srviz.tables import write_table
from srviz.training import losses
from srviz.training.bounds import bounds_of
from srviz.training.checkpoint import load_checkpoint, save_checkpoint
from srviz.training.diagnose import first_non_finite
from srviz.training.heap import keep_heap
from srviz.training.log import Log
from srviz.training.pool import Data, load_pool
from srviz.training.processes import agree, make_fabric, mean_of, share
from srviz.training.recipe import Recipe, load_recipe, parse_recipe
from srviz.training.saved import save_network
from srviz.training.schedule import rate
from srviz.training.signals import Interrupted, stop_signals
from srviz.training.student import check_quantization
from srviz.training.tap import Tapped
from srviz.training.teacher import frozen_teacher


def train(
    net: nn.Module,
    recipe: str | Path | Recipe,
    *,
    data: Data,
    out: str | Path,
    teacher: nn.Module | None = None,
    progress: bool = True,
    tensorboard: bool = False,
) -> pd.DataFrame:
    """Train ``net`` in place on random patches, resuming from ``out`` if it holds a run.

    Parameters
    ----------
    net : nn.Module
        (N, 3, h, w) float32 in [0, 255] to (N, 3, scale * h, scale * w), with ``scale``;
        full precision, or what :func:`srviz.quantize` returns.
    recipe : path or Recipe
        What to do; see :class:`Recipe`. A run can only be resumed with the recipe it began with.
    data : path, ImageSet or PatchPool
        The parent of the recipe's ``data.folders``; or images instead of them, such as
        ``load_images("samples")[:3]``; or patches already in memory.
    out : path
        Receives ``last.ckpt``, ``log.csv``, ``log.parquet``, ``recipe.json``; for a quantized
        network ``bounds.parquet`` and ``placement.csv``; at the end ``model.safetensors``.
    teacher : nn.Module, optional
        The full-precision network whose features ``loss.skt`` distils; it is copied.
    progress : bool
        Show a progress bar.
    tensorboard : bool
        Also write TensorBoard's event files; needs ``pip install 'srviz[log]'``.

    Returns
    -------
    DataFrame
        The log: ``step, loss, l1, skt, gate, lr, bounds_lr, step_s, data_s, teacher_s``, means over
        ``log_every`` steps. ``l1`` is in grey levels of 0..255, ``gate`` is the loss of DDTB's
        gates during their warm-up; times are seconds a step; ``step_s`` includes ``data_s`` but
        not the teacher's forward pass, ``teacher_s``.

    Raises
    ------
    NonFiniteError
        The loss, a bound or a weight became NaN or Inf, named with its step; the last good
        checkpoint is kept.
    RecipeError
        ``out`` holds a run of another recipe, the recipe quantizes otherwise than ``net`` is, or
        the teacher is missing.
    KeyboardInterrupt
        Ctrl-C or SIGTERM; a checkpoint was written and the same call resumes.
    """
    recipe = load_recipe(recipe)
    check_quantization(net, recipe)
    run = _Run(net, recipe, writable(Path(out)), frozen_teacher(teacher, net, recipe), tensorboard)
    if run.step < recipe.run.steps:
        run.go(load_pool(data, recipe.data, scale_of(net), progress), progress)
    return run.finish()


class _Run:
    """Network, optimizer, log and step of one run; everything a checkpoint holds."""

    def __init__(
        self, net: nn.Module, recipe: Recipe, out: Path, teacher: nn.Module | None, board: bool
    ) -> None:
        self.recipe, self.out, self.net = recipe, out, net
        self.fabric = make_fabric(recipe)
        if recipe.norm.statistics == "freeze":
            freeze_norm(net)
        self._format(net)
        self.model, self.optim = self.fabric.setup(
            Tapped(net, features=teacher is not None), _optimizer(net, recipe)
        )
        self.teacher = None if teacher is None else self.fabric.to_device(self._format(teacher))
        self.quantized = any(isinstance(module, Quantizer) for module in net.modules())
        self.step = 0
        self.log = Log(net, out, tensorboard=board and self.fabric.is_global_zero)
        state = load_checkpoint(out)
        if state is None:
            self.log.bounds.record(0)
        else:
            self._restore(state)
        if self.fabric.is_global_zero:
            (out / "recipe.json").write_text(recipe.to_json())
            if (placement := getattr(net, "placement", None)) is not None:
                write_table(placement, out / "placement.csv", "placement")

    def _format(self, net: nn.Module) -> nn.Module:
        last = self.recipe.run.channels_last
        return net.to(memory_format=torch.channels_last if last else torch.contiguous_format)  # pyright: ignore[reportCallIssue]

    def _restore(self, state: dict[str, Any]) -> None:
        if _parsed(state["recipe"], self.out) != self.recipe:
            raise RecipeError(
                f"{self.out} holds a run of another recipe",
                fix="choose another out=, or delete that folder",
            )
        self.net.load_state_dict(state["model"])
        self.optim.load_state_dict(state["optimizer"])
        self.step = state["step"]
        self.log.restore(state)

    def checkpoint(self) -> None:
        """Write everything, unless a weight is broken: then the last good file stays."""
        for name, tensor in self.net.state_dict().items():
            if tensor.is_floating_point() and not tensor.isfinite().all():
                raise self._broken(name)
        if self.fabric.is_global_zero:
            state = {
                "step": self.step,
                "model": self.net.state_dict(),
                "optimizer": self.optim.state_dict(),
                "recipe": self.recipe.to_json(),
                **self.log.state,
            }
            save_checkpoint(self.out, state)
            self.log.write()
        self.fabric.barrier()

    def go(self, pool: PatchPool, progress: bool) -> None:
        run = self.recipe.run
        keep_heap()
        self.model.train()
        bar = tqdm(
            total=run.steps,
            initial=self.step,
            desc=self.out.name,
            disable=not (progress and self.fabric.is_global_zero),
        )
        with bar, stop_signals() as stopped:
            while self.step < run.steps:
                self._advance(pool)
                bar.update()
                # Asked once a step, and of all processes: a signal may come at any time.
                (stop,) = agree(self.fabric, stopped.is_set())
                last = self.step == run.steps
                if last or self.step % run.log_every == 0:
                    self.log.add_row(self.step, self._row())
                    bar.set_postfix(loss=f"{self.log.rows[-1]['loss']:.3f}")
                if stop or last or self.step % run.checkpoint_every == 0:
                    self.checkpoint()
                if stop and not last:
                    raise Interrupted(f"stopped at step {self.step}; run the same call to resume")

    def _advance(self, pool: PatchPool) -> None:
        """One step of the optimizer."""
        part, start = self.recipe.data, time.perf_counter()
        pair = pool.batch(part.batch, part.patch, seed=self.recipe.run.seed, step=self.step)
        lr, hr = (share(self.fabric, side) for side in pair)
        ready = time.perf_counter()
        target = self._target(lr)
        taught = time.perf_counter()
        self._set_rates()
        self._open_gates()
        self.optim.zero_grad(set_to_none=True)
        loss, parts = self._loss(lr, hr, target)
        (bad,) = agree(self.fabric, not loss.isfinite())
        if bad:
            with self.fabric.autocast():
                raise self._broken(first_non_finite(self.net, lr), self.step + 1)
        self.fabric.backward(loss)
        self.optim.step()
        self.step += 1
        self._clamp()
        teacher_s = taught - ready
        step_s = time.perf_counter() - start - teacher_s
        self.log.window.add(**parts, step_s=step_s, data_s=ready - start, teacher_s=teacher_s)

    def _clamp(self) -> None:
        if not self.quantized:
            return
        try:
            clamp_bounds(self.net)
        except SrvizError as error:  # a NaN bound reads as not finite, or as not calibrated
            raise NonFiniteError(f"{error.what}, after step {self.step}", fix=_FIX) from error

    def _open_gates(self) -> None:
        """End the warm-up of DDTB's gates when it is time."""
        part = self.recipe.quantize
        if part is not None and part.gates is not None and self.step >= part.gates.warmup:
            apply_gates(self.net)

    def _target(self, lr: Tensor) -> Tensor | None:
        if self.teacher is None:
            return None
        with torch.no_grad(), self.fabric.autocast():
            return self.teacher.features(lr)  # pyright: ignore[reportCallIssue]

    def _loss(
        self, lr: Tensor, hr: Tensor, target: Tensor | None
    ) -> tuple[Tensor, dict[str, float]]:
        """The weighted loss, and its parts as numbers."""
        weights = self.recipe.loss
        try:
            sr, features = self.model(lr)
        except NonFiniteError as error:  # a quantizer names its site
            raise NonFiniteError(f"{error.what}, step {self.step + 1}", fix=_FIX) from error
        l1 = losses.l1(sr, hr)
        gate, skt = gate_loss(self.net).to(l1), torch.zeros(())
        loss = weights.l1 * l1 + gate
        if target is not None:
            skt = losses.skt(features, target)
            loss = loss + weights.skt * skt
        parts = {"loss": loss, "l1": l1, "skt": skt, "gate": gate}
        return loss, {name: part.item() for name, part in parts.items()}

    def _set_rates(self) -> None:
        factor = rate(self.step, self.recipe.run.steps, self.recipe.optim)
        for group in self.optim.param_groups:
            group["lr"] = group["base_lr"] * factor

    def _row(self) -> dict[str, float]:
        means = mean_of(self.fabric, self.log.window.means())
        rates = [group["lr"] for group in self.optim.param_groups]
        found = {name: means[name] for name in ("loss", "l1", "skt", "gate")}
        times = {name: means[name] for name in ("step_s", "data_s", "teacher_s")}
        return {**found, "lr": rates[0], "bounds_lr": rates[-1], **times}

    def _broken(self, where: str, step: int | None = None) -> NonFiniteError:
        return NonFiniteError(
            f"the training is not finite at step {step or self.step}: first at {where}", fix=_FIX
        )

    def finish(self) -> pd.DataFrame:
        self.net.eval()
        if not self.fabric.is_global_zero:
            return pd.DataFrame(self.log.rows)
        save_network(self.net, self.out / "model.safetensors")
        return self.log.write()


_FIX = "lower optim.lr or optim.bounds_lr; the last checkpoint is from before that step"


def _optimizer(net: nn.Module, recipe: Recipe) -> torch.optim.Adam:
    """Adam over the weights and, if there are any, the bounds as a group of their own."""
    part = recipe.optim
    bounds = [bound for *_, bound in bounds_of(net)]
    own = {id(bound) for bound in bounds}
    groups: list[dict[str, Any]] = [
        {"params": [p for p in net.parameters() if id(p) not in own], "base_lr": part.lr}
    ]
    if bounds:
        groups.append({"params": bounds, "base_lr": part.bounds_lr or part.lr})
    return torch.optim.Adam(groups, lr=part.lr, betas=part.betas)


def _parsed(text: str, out: Path) -> Recipe:
    """The recipe of a checkpoint; keys that are newer than it get their defaults."""
    return parse_recipe(json.loads(text), f"of {out}")
