"""Sweeps: a plan of training runs, done one after the other or on a Ray cluster."""

from srviz.sweep.plan import Plan, Run, load_plan
from srviz.sweep.sweep import runs_table, sweep

__all__ = ["Plan", "Run", "load_plan", "runs_table", "sweep"]
