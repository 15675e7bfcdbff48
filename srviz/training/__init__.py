"""Training of full-precision and quantized networks: recipes, the loop, resumable checkpoints."""

from srviz.training.build import build_network
from srviz.training.loop import train
from srviz.training.pool import load_pool
from srviz.training.recipe import Recipe, load_recipe
from srviz.training.run import train_recipe
from srviz.training.saved import load_quantized, save_network
from srviz.training.student import build_student

__all__ = [
    "Recipe",
    "build_network",
    "build_student",
    "load_pool",
    "load_quantized",
    "load_recipe",
    "save_network",
    "train",
    "train_recipe",
]
