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
    below = _below(hist, np.asarray(cuts, dtype=np.float64))
    # Values under the smallest bin are, at the scale of any drawing, zeros that are not exact.
    atom = np.asarray(hist.underflow, dtype=np.float64)
    if zeros:
        atom = atom + np.asarray(hist.zeros)
    below += atom[:, None] * (np.asarray(cuts) > 0)
    return np.diff(below, axis=1)


def _below(hist: HistogramLike, cuts: np.ndarray) -> np.ndarray:
    """Elements in bins below each cut, (C, K); of the bin that holds the cut, its share."""
    lo, hi = np.asarray(hist.lo), np.asarray(hist.hi)
    bins = np.maximum(np.searchsorted(lo, cuts, side="right") - 1, 0)
    # Under the first bin the share is 0; in the gap around zero and over the last bin it is 1.
    share = (np.clip(cuts, lo[bins], hi[bins]) - lo[bins]) / (hi[bins] - lo[bins])
    counts = np.asarray(hist.counts)
    upto = np.cumsum(counts, axis=1)[:, bins]
    return upto - counts[:, bins] * (1.0 - share)
