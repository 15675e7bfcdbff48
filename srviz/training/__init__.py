"""Training of full-precision networks: recipes, the loop, resumable checkpoints."""

from srviz.training.build import build_network
from srviz.training.loop import train
from srviz.training.recipe import Recipe, load_recipe

__all__ = ["Recipe", "build_network", "load_recipe", "train"]
