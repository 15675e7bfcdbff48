"""Sweeps: plans of runs, done here or on a Ray cluster, and the tables that their scores make."""

from srviz.sweep.exhibit import booktabs, paper_table, write_exhibits
from srviz.sweep.plan import Plan, Run, load_plan
from srviz.sweep.published import published_scores, scores_table
from srviz.sweep.results import Results, load_results
from srviz.sweep.sweep import runs_table, sweep

__all__ = [
    "Plan",
    "Results",
    "Run",
    "booktabs",
    "load_plan",
    "load_results",
    "paper_table",
    "published_scores",
    "runs_table",
    "scores_table",
    "sweep",
    "write_exhibits",
]
