"""Errors that teach: what was wrong, what is allowed, how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SrvizError(Exception):
    """Base of every error srviz raises on purpose.

    Parameters
    ----------
    what : str
        What was wrong, naming the offending value.
    allowed : str, optional
        What would have been accepted.
    fix : str, optional
        The next thing to type or change.

    Notes
    -----
    ``str(error)`` is a single line, so a terminal or a notebook shows all of it.
    """

    def __init__(self, what: str, *, allowed: str | None = None, fix: str | None = None) -> None:
        self.what, self.allowed, self.fix = what, allowed, fix
        parts = [what.rstrip(".")]
        if allowed:
            parts.append(f"allowed: {allowed.rstrip('.')}")
        if fix:
            parts.append(f"fix: {fix.rstrip('.')}")
        super().__init__("; ".join(" ".join(part.split()) for part in parts))


class ArgumentError(SrvizError, ValueError):
    """An argument is outside its domain (bits, scale, criterion, protocol, ...)."""


class UnknownNameError(SrvizError, LookupError):
    """A name is not registered (network, method, protocol, site, ...)."""

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
        """Build the error for ``name``, suggesting the closest of the ``known`` names."""
        known = list(known)
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        part = name.strip("*?")
        close = close or [k for k in known if part and part in k][:3]
        shown = known if len(known) <= 12 else [*known[:12], f"... ({len(known)} in all)"]
        fix = f"did you mean {' or '.join(repr(c) for c in close)}?" if close else None
        return cls(f"unknown {kind} {name!r}", allowed=", ".join(shown), fix=fix)


class DataError(SrvizError):
    """Images or folders are missing, empty, unequal, truncated or of a wrong kind."""


class WeightsError(SrvizError):
    """A checkpoint is foreign, truncated, unsafe, or of another architecture or scale."""


class NetworkError(SrvizError):
    """A network failed while it ran; the message names the image."""


class SiteError(SrvizError):
    """A site pattern matches nothing, or a network cannot be captured."""


class NonFiniteError(SrvizError):
    """NaN or Inf where a finite value is required; the message names the site."""


class FileFormatError(SrvizError):
    """A file or folder written by srviz is half-written, foreign or of another version."""


class RecipeError(SrvizError, ValueError):
    """A training recipe has an unknown key or a value outside its domain."""


class OutputError(SrvizError):
    """A result cannot be written (no permission, full disk, a file where a folder should be)."""
