"""Quantization unfitness: how badly a grid fits the values of a layer, and why."""

from __future__ import annotations

from srviz.unfitness.best import best_bounds
from srviz.unfitness.calibrate import DEFAULT_CRITERION, calibrate
from srviz.unfitness.fan import quantile_fan
from srviz.unfitness.intervals import interval, interval_table
from srviz.unfitness.lloyd import lloyd_max
from srviz.unfitness.optimum import optimum
from srviz.unfitness.table import unfitness
from srviz.unfitness.waterfall import waterfall

__all__ = [
    "DEFAULT_CRITERION",
    "best_bounds",
    "calibrate",
    "interval",
    "interval_table",
    "lloyd_max",
    "optimum",
    "quantile_fan",
    "unfitness",
    "waterfall",
]
