"""How much of a histogram lies between given cuts, spreading each bin evenly."""

from __future__ import annotations

import numpy as np

from srviz.report.data import HistogramLike


def mass_between(hist: HistogramLike, cuts: np.ndarray, *, zeros: bool = True) -> np.ndarray:
    """Count the values of each channel between neighbouring cuts.

    Parameters
    ----------
    hist : Histogram
        Counts of C channels.
    cuts : (K,) array
        Ascending; -inf and inf are allowed.
    zeros : bool
        Whether exact zeros count. They all lie at one point, which a density cannot show.

    Returns
    -------
    (C, K - 1) array
        Elements in [cuts[k], cuts[k + 1]); fractions of a bin count as that fraction.
        NaN and infinite elements are left out.
    """
    counts = np.asarray(hist.counts, dtype=np.float64)
    bounds, below = _steps(np.asarray(hist.lo), np.asarray(hist.hi), counts)
    cuts = np.asarray(cuts, dtype=np.float64)
    finite = np.clip(cuts, bounds[0], bounds[-1])
    cumulative = np.stack([np.interp(finite, bounds, row) for row in below])
    # Values under the smallest bin are, at the scale of any drawing, zeros that are not exact.
    atom = np.asarray(hist.underflow, dtype=np.float64)
    if zeros:
        atom = atom + np.asarray(hist.zeros)
    cumulative += atom[:, None] * (cuts > 0)
    return np.diff(cumulative, axis=1)


def _steps(lo: np.ndarray, hi: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bin bounds ascending, and the counts below each: (K,) and (C, K).

    The bins leave a gap around zero; it becomes a stretch in which the cumulative count is flat.
    """
    bounds = np.empty(2 * len(lo))
    bounds[0::2], bounds[1::2] = lo, hi
    below = np.zeros((len(counts), 2 * len(lo)))
    total = np.cumsum(counts, axis=1)
    below[:, 1::2] = total
    below[:, 2::2] = total[:, :-1]
    return bounds, below
