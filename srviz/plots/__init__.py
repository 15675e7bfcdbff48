"""Figures in matplotlib and seaborn: tables and profiles in, Axes or Figure out."""

from srviz.plots.bounds import plot_bounds
from srviz.plots.crops import figure_crops
from srviz.plots.distributions import figure_distributions, plot_distributions
from srviz.plots.exhibits import exhibits
from srviz.plots.gain import figure_bn_gain, plot_bn_gain
from srviz.plots.intervals import plot_intervals
from srviz.plots.levels import figure_levels, plot_levels
from srviz.plots.save import save_figure
from srviz.plots.scores import plot_psnr_bits
from srviz.plots.sensitivity import plot_sensitivity
from srviz.plots.unfitness import figure_unfitness, plot_unfitness
from srviz.plots.waterfall import plot_waterfall

__all__ = [
    "exhibits",
    "figure_bn_gain",
    "figure_crops",
    "figure_distributions",
    "figure_levels",
    "figure_unfitness",
    "plot_bn_gain",
    "plot_bounds",
    "plot_distributions",
    "plot_intervals",
    "plot_levels",
    "plot_psnr_bits",
    "plot_sensitivity",
    "plot_unfitness",
    "plot_waterfall",
    "save_figure",
]
