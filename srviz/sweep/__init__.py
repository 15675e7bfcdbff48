"""Sweeps: plans of runs, done here or on a Ray cluster, and the tables that their scores make."""

from srviz.sweep.exhibit import booktabs, exhibits, paper_table
from srviz.sweep.plan import Plan, Run, load_plan
from srviz.sweep.published import published_scores, scores_table
from srviz.sweep.results import Results, load_results
from srviz.sweep.sweep import gather, runs_table, sweep

__all__ = [
    "Plan",
    "Results",
    "Run",
    "booktabs",
    "exhibits",
    "gather",
    "load_plan",
    "load_results",
    "paper_table",
    "published_scores",
    "runs_table",
    "scores_table",
    "sweep",
]
