"""Sweeps: plans of runs, done here or on a Ray cluster, and the tables that their scores make."""

from srviz.sweep.plan import Plan, Run, load_plan
from srviz.sweep.published import published_scores, scores_table
from srviz.sweep.sweep import runs_table, sweep

__all__ = [
    "Plan",
    "Run",
    "load_plan",
    "published_scores",
    "runs_table",
    "scores_table",
    "sweep",
]
