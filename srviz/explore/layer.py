"""Layer: the numbers of one site of one network that the figures draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from srviz.errors import ArgumentError
from srviz.grid import Grid, Grids
from srviz.histogram import Histogram
from srviz.unfitness.density import Density
from srviz.unfitness.distortion import Distortion, distortion
from srviz.unfitness.occupancy import Occupancy, level_mass, occupancy
from srviz.unfitness.source import ProfileLike
from srviz.unfitness.stacked import Stacked

Values = NDArray[np.float64]
Profiles = ProfileLike | Sequence[ProfileLike]
GridSets = Grids | Sequence[Grids | None] | None


@dataclass(frozen=True, eq=False)
class Layer:
    """Channels and grids of one site.

    Attributes
    ----------
    label, site : str
    histogram : Histogram
        Of all images or of one, C channels.
    grids : list of Grid
        None, one for all channels, or one per channel.
    """

    label: str
    site: str
    histogram: Histogram
    grids: list[Grid]

    @classmethod
    def of(
        cls, prof: ProfileLike, grids: Grids | None, site: str, image: int | str | None = None
    ) -> Layer:
        """The layer of a profile.

        Raises
        ------
        UnknownNameError
            No such site or image, or the grids lack the site.
        ArgumentError
            The grids are those of another channel count or image, or of several methods or bits.
        """
        found = prof.histogram(site, image)
        index = list(prof.image_names).index(image) if isinstance(image, str) else image
        return cls(
            prof.label, site, found, _grids(grids, site, found.channels, index) if grids else []
        )

    @cached_property
    def density(self) -> Density:
        """The values as a distribution per channel."""
        return Density.of(self.histogram)

    @cached_property
    def low(self) -> Values:
        """Smallest finite value of each channel, (C,); NaN where there is none."""
        return np.where(self.is_finite, self.histogram.min, np.nan)

    @cached_property
    def high(self) -> Values:
        """Largest finite value of each channel, (C,); NaN where there is none."""
        return np.where(self.is_finite, self.histogram.max, np.nan)

    @cached_property
    def is_finite(self) -> NDArray[np.bool_]:
        """Which channels have any finite value, (C,)."""
        return self.histogram.finite > 0

    @cached_property
    def broken(self) -> NDArray[np.int64]:
        """How many values of each channel are NaN or infinite, (C,)."""
        return self.histogram.n - self.histogram.finite

    @cached_property
    def occupancy(self) -> Occupancy:
        """How each channel uses its grid; only with grids."""
        return occupancy(self.density, Stacked.of(self.grids))

    @cached_property
    def distortion(self) -> Distortion:
        """The error of each channel; only with grids."""
        return distortion(self.density, Stacked.of(self.grids))

    @cached_property
    def sqnr_db(self) -> float:
        """Signal to quantization noise of the whole layer in dB; NaN for a layer of zeros."""
        power, error = (
            float((x * self.density.n).sum()) for x in (self.density.power, self.distortion.mse)
        )
        return float(10 * np.log10(power / max(error, 1e-12 * power))) if power > 0 else np.nan

    @cached_property
    def shares(self) -> list[Values]:
        """Share of the values on each level, 0 to 1; of each grid, hence of all channels or one."""
        mass = level_mass(self.density, Stacked.of(self.grids))
        if len(self.grids) > 1 or len(mass) == 1:
            return list(mass)
        weight = self.density.n / max(self.density.n.sum(), 1)
        return [weight @ mass]


def pair_up(prof: Profiles, grids: GridSets) -> list[tuple[ProfileLike, Grids | None]]:
    """Each profile with its grids, in order.

    Raises
    ------
    ArgumentError
        There is no profile, or not one set of grids per profile.
    """
    profiles = list(prof) if isinstance(prof, Sequence) else [prof]
    sets = [grids] if grids is None or isinstance(grids, Grids) else list(grids)
    if grids is None:
        sets *= len(profiles)
    if not profiles:
        raise ArgumentError("no profile to draw", allowed="one profile or a list of them")
    if len(profiles) != len(sets):
        raise ArgumentError(
            f"profiles and grids differ in number: {len(profiles)} and {len(sets)}",
            fix="give one set of grids per profile, None where there is none",
        )
    return list(zip(profiles, sets, strict=True))


def grid_name(grids: Grids, site: str) -> str | None:
    """The site whose grids serve a site; calls of a shared module (``path:in#1``) share them."""
    return next((name for name in (site, site.partition("#")[0]) if name in grids.sites), None)


def _grids(grids: Grids, site: str, channels: int, image: int | None) -> list[Grid]:
    """The grids that serve a site: one, or one per channel."""
    name = grid_name(grids, site) or site
    of_channels = [row.channel for row in grids.at(name) if row.channel is not None]
    if not of_channels:
        return [grids.get(name, image=image)]
    if max(of_channels) >= channels:
        raise ArgumentError(
            f"grids for {max(of_channels) + 1} channels at {site}, which has {channels}",
            fix="give the grids that were calibrated on this profile",
        )
    return [grids.get(name, channel, image) for channel in range(channels)]
