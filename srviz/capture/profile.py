"""Profile: what a capture found, in numpy and pandas alone; saved, loaded and merged exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from srviz.capture import store
from srviz.capture.sparse import SparseHistogram
from srviz.errors import ArgumentError, UnknownNameError
from srviz.histogram import Histogram

IMAGE_M = 5
"""Mantissa bits of the histograms kept per image: bins 3 % wide, a few KiB a channel."""

QUANTILES = {"q001": 0.001, "q01": 0.01, "q50": 0.5, "q99": 0.99, "q999": 0.999}


@dataclass(frozen=True, eq=False)
class Profile:
    """Activation histograms of a network, per site and channel, pooled and per image.

    Attributes
    ----------
    label : str
        Name of the network in tables and figures.
    sites : DataFrame
        ``site, depth, kind, module, call, channels`` in execution order.
    meta : dict
        Versions, network, configuration, sha256 of weights and images, ``complete``.
    image_names : list of str
        Images with statistics of their own; empty unless captured with ``per_image``.
    """

    label: str
    sites: pd.DataFrame
    meta: dict[str, Any]
    image_names: list[str]
    _pooled: dict[str, SparseHistogram] = field(repr=False)
    _images: dict[tuple[str, int], SparseHistogram] = field(repr=False)

    @classmethod
    def build(
        cls,
        *,
        label: str,
        sites: pd.DataFrame,
        histograms: Mapping[str, Histogram],
        images: Mapping[tuple[str, int], SparseHistogram] | None = None,
        image_names: Sequence[str] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> Profile:
        """Assemble a profile; ``images`` is keyed by (site, index into ``image_names``)."""
        sites = sites.loc[sites["site"].isin(list(histograms))].reset_index(drop=True)
        names = list(sites["site"])
        sites = sites.assign(site=pd.Categorical(names, categories=names, ordered=True))
        pooled = {name: SparseHistogram.of(histograms[name]) for name in names}
        return cls(label, sites, dict(meta or {}), list(image_names), pooled, dict(images or {}))

    @property
    def site_names(self) -> list[str]:
        """Sites in execution order."""
        return list(self._pooled)

    def histogram(self, site: str, image: int | str | None = None) -> Histogram:
        """Histogram of a site, (C, B); of one image, at a coarser m, if ``image`` is given.

        Raises
        ------
        UnknownNameError
            No such site or image.
        ArgumentError
            The profile was captured without ``per_image``.
        """
        if site not in self._pooled:
            raise UnknownNameError.of("site", site, self._pooled)
        if image is None:
            return self._pooled[site].dense()
        return self._images[site, self._image_index(image)].dense()

    def _image_index(self, image: int | str) -> int:
        if not self.image_names:
            raise ArgumentError(
                f"{self.label} has no statistics per image", fix="capture(..., per_image=True)"
            )
        if isinstance(image, str):
            if image not in self.image_names:
                raise UnknownNameError.of("image", image, self.image_names)
            return self.image_names.index(image)
        if not -len(self.image_names) <= image < len(self.image_names):
            raise ArgumentError(f"image {image}", allowed=f"0 to {len(self.image_names) - 1}")
        return image % len(self.image_names)

    @property
    def channels(self) -> pd.DataFrame:
        """Statistics per site and channel.

        ``site, depth, channel, n, min, max, mean, std, zeros, nan, inf`` and the quantiles
        ``q001, q01, q50, q99, q999`` (0.1 % to 99.9 %), in the units of the activations.
        """
        return self._channels

    @property
    def images(self) -> pd.DataFrame:
        """The same per image: ``image`` (index) and ``name`` come after ``depth``."""
        return self._images_table

    @cached_property
    def _channels(self) -> pd.DataFrame:
        rows = [
            _statistics(self._pooled[site].dense(), site=site, depth=depth)
            for site, depth in self._depths()
        ]
        return self._stack(rows)

    @cached_property
    def _images_table(self) -> pd.DataFrame:
        rows = [
            _statistics(self._images[site, i].dense(), site=site, depth=depth, image=i, name=name)
            for site, depth in self._depths()
            for i, name in enumerate(self.image_names)
        ]
        if not rows:
            return self.channels.iloc[:0].assign(
                image=pd.Series(dtype="int64"), name=pd.Series(dtype="str")
            )
        return self._stack(rows)

    def _depths(self) -> Iterator[tuple[str, int]]:
        return zip(self.sites["site"], self.sites["depth"], strict=True)

    def _stack(self, rows: list[pd.DataFrame]) -> pd.DataFrame:
        table = pd.concat(rows, ignore_index=True)
        names = self.site_names
        return table.assign(site=pd.Categorical(table["site"], categories=names, ordered=True))

    def save(self, path: str | Path) -> Path:
        """Write the profile as a folder, atomically: a reader never sees half of it.

        Raises
        ------
        OutputError
            The folder cannot be written, or is there and is not a profile.
        """
        return store.save(
            Path(path),
            {"label": self.label, "image_names": self.image_names, "meta": self.meta},
            self.sites,
            self._pooled,
            self._images,
        )

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """Read a profile written by :meth:`save`; exactly what was saved.

        Raises
        ------
        FileFormatError
            The folder is missing, half-written, foreign or of another version.
        """
        head, sites, pooled, images = store.load(Path(path))
        names = list(sites["site"])
        sites = sites.assign(site=pd.Categorical(names, categories=names, ordered=True))
        return cls(head["label"], sites, head["meta"], head["image_names"], pooled, images)

    def __repr__(self) -> str:
        images = len(self.image_names) or self.meta.get("images_count", "?")
        return f"<Profile {self.label!r}: {len(self.site_names)} sites, {images} images>"


def load_profile(path: str | Path) -> Profile:
    """Read a profile from disk; see :meth:`Profile.load`."""
    return Profile.load(path)


def merge(profiles: Sequence[Profile], *, label: str | None = None) -> Profile:
    """Join profiles of the same network on different images; exact, in any order.

    Raises
    ------
    ArgumentError
        There is no profile, or the networks or sites differ.
    """
    if not profiles:
        raise ArgumentError("nothing to merge", allowed="at least one profile")
    first = profiles[0]
    for other in profiles[1:]:
        if other.site_names != first.site_names:
            raise ArgumentError(f"{other.label} has other sites than {first.label}")
        if other.meta.get("weights_sha256") != first.meta.get("weights_sha256"):
            raise ArgumentError(
                f"{other.label} was captured with other weights than {first.label}",
                fix="merge profiles of one network only",
            )
    pooled = {
        site: sum((p.histogram(site) for p in profiles[1:]), first.histogram(site))
        for site in first.site_names
    }
    names, images = [], {}
    if all(p.image_names for p in profiles):
        for p in profiles:
            offset = len(names)
            images |= {(site, offset + i): h for (site, i), h in p._images.items()}
            names += p.image_names
    meta = dict(first.meta)
    meta["images_count"] = sum(p.meta.get("images_count", 0) for p in profiles)
    meta["merged"] = [p.meta.get("images_sha256") for p in profiles]
    return Profile.build(
        label=label or first.label,
        sites=first.sites.assign(site=first.sites["site"].astype(str)),
        histograms=pooled,
        images=images,
        image_names=names,
        meta=meta,
    )


def _statistics(h: Histogram, **keys: Any) -> pd.DataFrame:
    quantiles = h.quantile(list(QUANTILES.values()))
    finite = h.finite > 0
    table = pd.DataFrame(
        {
            "channel": np.arange(h.channels),
            "n": h.n,
            "min": np.where(finite, h.min, np.nan),
            "max": np.where(finite, h.max, np.nan),
            "mean": h.mean,
            "std": h.std,
            "zeros": h.zeros,
            "nan": h.nan,
            "inf": h.posinf + h.neginf,
            **{name: quantiles[:, i] for i, name in enumerate(QUANTILES)},
        }
    )
    for position, (name, value) in enumerate(keys.items()):
        table.insert(position, name, value)
    return table
