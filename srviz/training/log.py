"""What a run leaves to read: the log, the bounds' trajectory, and TensorBoard when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from srviz.errors import ArgumentError
from srviz.tables import write_table
from srviz.training.bounds import Trajectory


class Window:
    """Means over the steps since the last row of the log."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._steps = 0

    def add(self, **values: float) -> None:
        """Add one step's losses and times."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._steps += 1

    def means(self) -> dict[str, float]:
        """The means, after which the window is empty again."""
        means = {name: total / self._steps for name, total in self._sums.items()}
        self.__init__()
        return means


class Log:
    """Rows of a run and its bounds, in memory until they are written beside the checkpoint.

    Parameters
    ----------
    net : nn.Module
        Whose bounds are followed.
    out : Path
        Receives ``log.csv``, ``log.parquet`` and, for a quantized network, ``bounds.parquet``.
    tensorboard : bool
        Also write event files to ``out/tensorboard``; needs ``pip install 'srviz[log]'``.
    """

    def __init__(self, net: nn.Module, out: Path, *, tensorboard: bool = False) -> None:
        self.out, self.window = out, Window()
        self.rows: list[dict[str, float]] = []
        self.bounds = Trajectory(net)
        self._board = _summary_writer(out) if tensorboard else None

    @property
    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"log": list(self.rows), "bounds": self.bounds.state}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint's ``state``."""
        self.rows = list(state["log"])
        if "bounds" in state:
            self.bounds.restore(state["bounds"])

    def add_row(self, step: int, values: dict[str, float]) -> None:
        """Close the window: one row of the log, and the bounds as they are now."""
        self.rows.append({"step": step, **values})
        self.bounds.record(step)
        if self._board is not None:
            for name, value in {**values, **self.bounds.latest()}.items():
                self._board.add_scalar(name, value, step)

    def write(self) -> pd.DataFrame:
        """Write the tables; each replaces the old one whole."""
        if self._board is not None:
            self._board.flush()
        log = pd.DataFrame(self.rows).round(9)
        for suffix in ("csv", "parquet"):
            write_table(log, self.out / f"log.{suffix}")
        bounds = self.bounds.table()
        if len(bounds):
            write_table(bounds, self.out / "bounds.parquet", "bounds")
        return log


def _summary_writer(out: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ArgumentError(
            "TensorBoard is not installed", fix="pip install 'srviz[log]', or leave it out"
        ) from error
    return SummaryWriter(str(out / "tensorboard"))
