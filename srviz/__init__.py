"""srviz: see why a low-bit quantizer fits a super-resolution layer badly.

The verbs below are loaded on first use, so ``import srviz`` stays quick and what lies right of a
saved profile works without importing torch.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Bicubic": "scoring",
    "Grid": "grid",
    "Grids": "grid",
    "Histogram": "histogram",
    "Profile": "capture.profile",
    "Results": "sweep",
    "SrvizError": "errors",
    "add_norm": "networks",
    "calibrate": "unfitness",
    "calibrate_on": "quantizers",
    "capture": "capture",
    "evaluate": "scoring",
    "explore": "explore",
    "figure_bn_gain": "plots",
    "figure_crops": "plots",
    "figure_distributions": "plots",
    "figure_levels": "plots",
    "figure_unfitness": "plots",
    "fold_norm": "networks",
    "freeze_norm": "networks",
    "imresize": "data",
    "interval_table": "unfitness",
    "list_networks": "networks",
    "load_images": "data",
    "load_network": "networks",
    "load_profile": "capture.profile",
    "load_quantized": "training",
    "load_recipe": "training",
    "load_results": "sweep",
    "merge": "capture.profile",
    "paper_table": "sweep",
    "plot_bn_gain": "plots",
    "plot_bounds": "plots",
    "plot_distributions": "plots",
    "plot_intervals": "plots",
    "plot_levels": "plots",
    "plot_psnr_bits": "plots",
    "plot_sensitivity": "plots",
    "plot_unfitness": "plots",
    "plot_waterfall": "plots",
    "psnr": "scoring",
    "quantize": "quantizers",
    "read_grids": "quantizers",
    "report": "report",
    "run_study": "study",
    "save_figure": "plots",
    "save_weights": "networks",
    "scores_table": "sweep",
    "sensitivity": "scoring",
    "sites": "capture",
    "ssim": "scoring",
    "sweep": "sweep",
    "train": "training",
    "train_recipe": "training",
    "unfitness": "unfitness",
    "waterfall": "unfitness",
}

# Computed, so that the names stand in one place.
__all__ = sorted(["__version__", *_HOME])  # pyright: ignore[reportUnsupportedDunderAll]


class _Package(ModuleType):
    """Keeps ``srviz.capture`` and its like the verb, not the room that it lives in.

    Importing a submodule binds it as an attribute of the package; for a room that bears the name
    of its verb that would hide the function as soon as anything imported the room.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'srviz' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"srviz.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
