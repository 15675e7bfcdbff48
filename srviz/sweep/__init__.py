"""Sweeps: plans of runs, and the tables that their scores make."""

from srviz.sweep.published import published_scores, scores_table

__all__ = ["published_scores", "scores_table"]
