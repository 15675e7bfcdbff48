"""One run of a sweep: what is left to do of it, and doing it."""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pandas as pd
from torch import nn

from srviz.data.patches import PatchPool
from srviz.scoring import evaluate
from srviz.scoring.inference import Mode
from srviz.sweep.plan import Run
from srviz.tables import read_table, write_table
from srviz.training import build_network, load_pool, load_quantized, train_recipe
from srviz.training.checkpoint import LAST
from srviz.training.recipe import DataPart

State = Literal["finished", "failed", "started", "waiting"]
MODEL = "model.safetensors"
"""The trained network in the folder of its run."""

_ERROR = "error.json"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A run, the folder it lives in, its training data and what it is scored on.

    The state is read off the files, each of which appears whole or not at all; nothing else has
    to be kept in step with them.
    """

    run: Run
    folder: Path
    data: str
    datasets: tuple[str, ...]
    protocol: str
    mode: Mode

    @property
    def state(self) -> State:
        """ "failed" until the run is tried again; "started" when there is something to resume."""
        if (self.folder / _ERROR).exists():
            return "failed"
        if not self.unscored:  # the network itself may have been cleared away since
            return "finished"
        return "started" if (self.folder / LAST).exists() else "waiting"

    @property
    def is_trained(self) -> bool:
        """Is the network there? A full-precision one always is."""
        return not self.run.trained or (self.folder / MODEL).exists()

    @property
    def unscored(self) -> list[str]:
        """The data sets without scores."""
        return [name for name in self.datasets if not self._scores(name).exists()]

    @property
    def error(self) -> str:
        """Why the run failed, in one line; empty if it did not."""
        path = self.folder / _ERROR
        return json.loads(path.read_text())["error"] if path.exists() else ""

    def attempt(self) -> None:
        """Do what is left; a failure is recorded in the folder, not raised.

        Raises
        ------
        KeyboardInterrupt
            Ctrl-C or SIGTERM; the next attempt goes on where this one stopped.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _ERROR).unlink(missing_ok=True)
        try:
            if self.unscored:
                self._train()
                self._score()
        except Exception as error:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Record why the run failed."""
        line = " ".join(f"{type(error).__name__}: {error}".split())
        trace = "".join(traceback.format_exception(error))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _ERROR).write_text(json.dumps({"error": line, "traceback": trace}))

    def scores(self) -> pd.DataFrame:
        """The scores there are: those of :func:`srviz.evaluate`, and ``norm, seed, run``."""
        tables = [
            read_table(self._scores(name), "scores")
            for name in self.datasets
            if self._scores(name).exists()
        ]
        run = self.run
        keys = {"norm": run.norm, "seed": run.seed, "run": run.id}
        return pd.concat(tables, ignore_index=True).assign(**keys) if tables else pd.DataFrame()

    def _train(self) -> None:
        if self.is_trained:
            return
        recipe = self.run.recipe
        assert recipe.network is not None
        pool = _pool(self.data, recipe.data.model_dump_json(), recipe.network.scale)
        train_recipe(recipe, data=pool, out=self.folder)

    def _score(self) -> None:
        net = self._network()
        for name in self.unscored:
            table = evaluate(
                {self.run.label: net}, name, protocol=self.protocol, mode=self.mode, progress=False
            )
            write_table(table, self._scores(name), "scores")

    def _network(self) -> nn.Module:
        if self.run.trained:
            return load_quantized(self.folder / MODEL)
        return build_network(self.run.recipe)

    def _scores(self, name: str) -> Path:
        stem = Path(name).name
        return self.folder / f"scores-{stem}-{self.protocol}-{self.mode}.parquet"


@lru_cache(maxsize=2)
def _pool(data: str, part: str, scale: int) -> PatchPool:
    """The decoded patches: runs of one sweep mostly share them."""
    return load_pool(data, DataPart.model_validate_json(part), scale)
