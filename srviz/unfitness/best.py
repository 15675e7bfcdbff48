"""The bounds of least error that a trained quantizer may be compared with, as a table."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from srviz.unfitness.calibrate import calibrate
from srviz.unfitness.optimum import METHOD_FAMILY
from srviz.unfitness.source import ProfileLike

COLUMNS = ("label", "method", "bits", "site", "lower", "upper")


def best_bounds(
    profs: Mapping[str, ProfileLike], runs: Iterable[tuple[str, str, int]]
) -> pd.DataFrame:
    """MSE-optimal bounds of every site, for the methods and widths of some runs.

    Parameters
    ----------
    profs : mapping of str to Profile
        Profiles by label.
    runs : iterable of (str, str, int)
        Label, method and bits of each run; what is twice in it is searched for once. Runs of
        other networks, or of a method that :func:`srviz.calibrate` does not know, are left out.

    Returns
    -------
    DataFrame
        ``label, method, bits, site, lower, upper``, the bounds in the units of the activations.
    """
    known = [run for run in dict.fromkeys(runs) if run[0] in profs and run[1] in METHOD_FAMILY]
    rows = [
        (label, method, bits, row.site, row.grid.lo, row.grid.hi)
        for label, method, bits in known
        for row in calibrate(profs[label], method, bits, criterion="mse")
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
