"""Capture: sites, hooks, counting kernels and the Profile they fill.

Loaded lazily: ``srviz.capture.profile`` works on a machine without torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srviz.capture.profile import Profile, load_profile, merge
    from srviz.capture.run import capture
    from srviz.capture.site import sites

_HOME = {
    "Profile": "profile",
    "capture": "run",
    "load_profile": "profile",
    "merge": "profile",
    "sites": "site",
}

__all__ = ["Profile", "capture", "load_profile", "merge", "sites"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'srviz.capture' has no attribute {name!r}")
    return getattr(importlib.import_module(f"srviz.capture.{_HOME[name]}"), name)
