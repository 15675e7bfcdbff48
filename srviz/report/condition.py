"""The scores table, split into what may be compared: one data set, protocol and method each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srviz.report.data import FULL_PRECISION, ReportData

SAME_DB = 0.05
"""PSNR and SQNR differences below this are called no difference (dB)."""

CONDITION = ["dataset", "scale", "protocol", "mode", "method"]
"""Columns of the scores table that must agree before two PSNR may be compared."""


MODES = {"whole": "whole images", "patch": "overlapping patches"}
"""Ways of inference, as they are shown."""


@dataclass(frozen=True)
class Condition:
    """PSNR by network and bit width, means over the images, under one protocol.

    ``psnr[label][bits]`` and ``ssim[label][bits]``; bits 32 is full precision.
    ``images[label][bits][image]`` is the PSNR of one image. ``baselines`` are the networks of
    the table that belong to no pair, such as bicubic interpolation, with their PSNR.
    """

    name: str
    method: str
    n_images: int
    psnr: Mapping[str, Mapping[int, float]]
    ssim: Mapping[str, Mapping[int, float]]
    images: Mapping[str, Mapping[int, Mapping[str, float]]] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)

    def gain(self, plain: str, normed: str) -> dict[int, float]:
        """PSNR with BN minus PSNR without in dB, by the widths both were scored at, widest first.

        A width at which one of them has no finite PSNR is left out.
        """
        one, other = self.psnr.get(plain, {}), self.psnr.get(normed, {})
        gains = {b: other[b] - one[b] for b in sorted(set(one) & set(other), reverse=True)}
        return {b: gain for b, gain in gains.items() if np.isfinite(gain)}

    def image_gains(self, plain: str, normed: str, bits: int) -> dict[str, float]:
        """PSNR with BN minus PSNR without of each image in dB; what is not finite is left out."""
        one, other = (self.images.get(label, {}).get(bits, {}) for label in (plain, normed))
        gains = {name: other[name] - one[name] for name in one if name in other}
        return {name: gain for name, gain in gains.items() if np.isfinite(gain)}


def conditions(data: ReportData) -> list[Condition]:
    """Every combination of data set, protocol and method in the scores, in their order."""
    if not data.has("scores"):
        return []
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    full: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in data.table("scores").to_dict("records"):
        key = tuple(str(row[name]) for name in CONDITION)
        if row["bits"] < FULL_PRECISION:
            groups.setdefault(key, []).append(row)
        else:
            full.setdefault(key[:-1], []).append(row)
    # A network that is not quantized has no method: it stands beside every one.
    return [_condition(data, key, full.get(key[:-1], []) + rows) for key, rows in groups.items()]


def scored(found: Sequence[Condition], pair: tuple[str, str]) -> Condition | None:
    """The first condition under which both networks of a pair were scored."""
    return next((c for c in found if all(label in c.psnr for label in pair)), None)


def _condition(
    data: ReportData, key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> Condition:
    dataset, scale, protocol, mode, method = key
    psnr, ssim = _by_image(rows, "psnr"), _by_image(rows, "ssim")
    means = _means(psnr)
    return Condition(
        name=f"{dataset} ×{scale}, protocol {protocol}, {MODES.get(mode, mode)}",
        method=method,
        n_images=len({str(row["image"]) for row in rows}),
        psnr={label: values for label, values in means.items() if label in data.labels},
        ssim=_means(ssim),
        images=psnr,
        baselines={
            label: values[FULL_PRECISION]
            for label, values in means.items()
            if label not in data.labels and FULL_PRECISION in values
        },
    )


def _by_image(
    rows: Sequence[Mapping[str, Any]], column: str
) -> dict[str, dict[int, dict[str, float]]]:
    """A column by network, bits and image."""
    values: dict[str, dict[int, dict[str, float]]] = {}
    for row in rows:
        by_bits = values.setdefault(str(row["network"]), {})
        by_bits.setdefault(int(row["bits"]), {})[str(row["image"])] = float(row[column])
    return values


def _means(
    values: Mapping[str, Mapping[int, Mapping[str, float]]],
) -> dict[str, dict[int, float]]:
    """Mean over the images, by network and bits."""
    return {
        label: {bits: float(np.mean(list(images.values()))) for bits, images in by_bits.items()}
        for label, by_bits in values.items()
    }
