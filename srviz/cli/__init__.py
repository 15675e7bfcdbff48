"""The command line: thin verbs over the functions of the Python interface.

The verbs register themselves; they are imported in the order of the help page.
"""

from srviz.cli import reporting, measuring, training  # noqa: F401, I001
from srviz.cli.app import app, main

__all__ = ["app", "main"]
