"""A profile made of arrays, behind the interface of a captured one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from srviz.histogram import Histogram


@dataclass(frozen=True)
class ArrayProfile:
    """Values (C, images, n) per site, behind the interface of a profile."""

    values: Mapping[str, np.ndarray]
    per_image: bool = False
    label: str = "net"
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def sites(self) -> pd.DataFrame:
        return pd.DataFrame({"site": self.site_names, "depth": range(len(self.values))})

    @property
    def site_names(self) -> list[str]:
        return list(self.values)

    @property
    def image_names(self) -> list[str]:
        count = next(iter(self.values.values())).shape[1]
        return [f"image{i}" for i in range(count)] if self.per_image else []

    def histogram(self, site: str, image: int | str | None = None) -> Histogram:
        x = self.values[site]
        if image is None:
            return Histogram.from_values(x.reshape(len(x), -1))
        return Histogram.from_values(x[:, int(image)], m=5)
