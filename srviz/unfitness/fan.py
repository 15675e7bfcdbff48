"""The quantile fan: nested bands of a distribution, which a grid's bounds are drawn over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from srviz.histogram import Histogram

FAN = (0.0, 0.001, 0.01, 0.1, 0.25)
"""Each band reaches from this quantile to its mirror image, the outermost from min to max."""


def quantile_fan(histogram: Histogram) -> NDArray[np.float64]:
    """The bands of :data:`FAN` over all channels together, (len(FAN), 2), the widest first."""
    pooled = histogram.pooled()
    inner = [pooled.quantile([p, 1 - p])[0] for p in FAN[1:]]
    return np.asarray([(pooled.min[0], pooled.max[0]), *inner], np.float64)
