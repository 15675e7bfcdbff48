"""The frame of the command line: whatever goes wrong is one line, never a traceback."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import typer
from typer.core import TyperGroup

from srviz.errors import SrvizError


class _Stopped(Exception):
    """Ctrl-C and what was kept; typer would keep the exit code alone."""


class _Verbs(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise _Stopped(str(stop) or "interrupted") from None


app = typer.Typer(
    cls=_Verbs,
    help="See why a low-bit quantizer fits a super-resolution layer badly.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point: whatever goes wrong is one line on stderr, never a traceback.

    The exit code is 2 for bad input or output that cannot be written, and 130 after Ctrl-C.
    """
    warnings.showwarning = lambda message, *rest: _say(f"warning: {message}")
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="srviz", standalone_mode=False))
    except (_Stopped, KeyboardInterrupt) as stop:
        _say(str(stop) or "interrupted")
        sys.exit(130)
    except typer.TyperException as error:  # an unknown verb, a missing option, ...
        context = getattr(error, "ctx", None)
        verb = context.command_path if context else "srviz"
        _say(f"{error.format_message().rstrip('.')}; fix: {verb} --help")
    except (SrvizError, OSError) as error:
        _say(str(error))
    sys.exit(2)


def _say(line: str) -> None:
    print("srviz:", " ".join(line.split()), file=sys.stderr)
