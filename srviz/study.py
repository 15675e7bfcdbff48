"""The main job: pairs of networks and images in; profiles, tables, figures and the page out."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from srviz.capture import capture
from srviz.capture.profile import Profile
from srviz.data import ImageSet, load_images
from srviz.errors import ArgumentError
from srviz.grid import Grids
from srviz.networks import load_network
from srviz.networks.forward import scale_of
from srviz.plots import exhibits, save_figure
from srviz.quantizers import placement_of, quantize
from srviz.report import ReportData, report
from srviz.scoring import Bicubic, evaluate, sensitivity
from srviz.unfitness import DEFAULT_CRITERION, calibrate, interval_table, unfitness, waterfall

BITS = (8, 6, 4, 3, 2)
"""Bit widths at which every network of a study is scored."""

FEW_BITS = 4
"""From this width down the scores are repeated with the MSE-optimal bounds of each layer."""

CROP = 128
"""Sensitivities take two evaluations a site: they are measured on the images' middle, in pixels."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One network twice: without and with batch normalization.

    ``name`` is shown in tables and figures; the networks get the labels ``name`` and
    ``name + BN``.
    """

    name: str
    plain: nn.Module
    normed: nn.Module

    @property
    def labels(self) -> tuple[str, str]:
        return self.name, f"{self.name} + BN"

    def networks(self) -> dict[str, nn.Module]:
        return dict(zip(self.labels, (self.plain, self.normed), strict=True))


@dataclass(frozen=True)
class Study:
    """Everything a study found; :func:`srviz.report` turns it into a page."""

    pairs: list[tuple[str, str]]
    profiles: dict[str, Profile]
    grids: dict[str, dict[int, Grids]]
    tables: dict[str, pd.DataFrame]
    bits: int
    provenance: dict[str, Any] = field(default_factory=dict)

    def report_data(self, title: str) -> ReportData:
        """The study in the form that the report room takes."""
        return ReportData(
            title=title,
            pairs=self.pairs,
            profiles=self.profiles,
            grids=self.grids,
            bits=self.bits,
            tables=self.tables,
            provenance=self.provenance,
        )


def bundled_pairs(names: Sequence[str] = ("edsr", "idn")) -> list[Pair]:
    """The pairs of networks that srviz ships, trained by ``recipes/``."""
    return [
        Pair(
            name=name.upper(),
            plain=load_network(name, weights="bundled"),
            normed=load_network(name, norm="batch", weights="bundled"),
        )
        for name in names
    ]


def run_study(
    pairs: Sequence[Pair] | None = None,
    images: ImageSet | str = "samples",
    *,
    method: str = "pams",
    bits: int = 4,
    score_bits: Sequence[int] = BITS,
    criterion: str | None = None,
    with_sensitivity: bool = True,
    progress: bool = True,
) -> Study:
    """Capture, calibrate, measure and score pairs of networks without and with BN.

    Parameters
    ----------
    pairs : sequence of Pair, optional
        The networks to compare; the bundled ones by default.
    images : ImageSet or str
        What :func:`srviz.load_images` takes; used for capture, calibration and scoring.
    method : str
        Quantizer of the activations: "pams", "minmax" or "ddtb".
    bits : int
        Width shown in detail (levels, unfitness, waterfall, sensitivity), 2 to 8.
    score_bits : sequence of int
        Widths at which PSNR is measured.
    criterion : str, optional
        How the bounds are calibrated; the method's own by default.
    with_sensitivity : bool
        Whether to measure what each site costs; two evaluations per site.
    progress : bool
        Show progress bars.

    Returns
    -------
    Study
        Profiles, grids and tables, keyed by network label.

    Notes
    -----
    The quantized networks are calibrated, not trained, on the images that are scored: the scores
    show what the grids do to the activations, and flatter every method alike. How the bounds are
    set matters as much as BN does, so few bits are scored with the bounds of least error as well
    (method "pams, best bounds"), and bicubic interpolation beside them.
    """
    pairs = bundled_pairs() if pairs is None else list(pairs)
    if not pairs:
        raise ArgumentError("no pair of networks", allowed="at least one Pair")
    start = time.perf_counter()
    if isinstance(images, str):
        images = load_images(images, scale=scale_of(pairs[0].plain))
    nets = {label: net for pair in pairs for label, net in pair.networks().items()}
    profiles = {label: _profile(label, net, images, progress) for label, net in nets.items()}
    widths = sorted({*score_bits, bits}, reverse=True)
    grids = {
        label: {b: calibrate(prof, method, bits=b, criterion=criterion) for b in widths}
        for label, prof in profiles.items()
    }
    tables = _measure(nets, profiles, grids, method, bits)
    few = [b for b in widths if b <= FEW_BITS]
    best = {
        label: {b: calibrate(prof, method, bits=b, criterion="mse") for b in few}
        for label, prof in profiles.items()
    }
    tables["scores"] = pd.concat(
        [
            evaluate({**nets, "bicubic": Bicubic(images.scale)}, [images], progress=progress),
            _scores(nets, grids, images, method, progress),
            _scores(nets, best, images, method, progress).assign(method=f"{method}, best bounds"),
        ],
        ignore_index=True,
    )
    if with_sensitivity:
        middle = images.centre(CROP)
        tables["sensitivity"] = _sensitivity(nets, grids, middle, method, bits, progress)
    provenance = _provenance(profiles, images, method, criterion, time.perf_counter() - start)
    return Study([p.labels for p in pairs], profiles, grids, tables, bits, provenance)


def _profile(label: str, net: nn.Module, images: ImageSet, progress: bool) -> Profile:
    prof = capture(net, images, sites="slots", per_image=True, label=label, progress=progress)
    if not prof.meta["complete"]:
        raise KeyboardInterrupt("stopped during the capture")  # half a study would mislead
    return prof


def _measure(
    nets: Mapping[str, nn.Module],
    profiles: Mapping[str, Profile],
    grids: Mapping[str, Mapping[int, Grids]],
    method: str,
    bits: int,
) -> dict[str, pd.DataFrame]:
    """The tables that follow from the histograms alone, one row set per network."""

    def stacked(rows: Callable[[str, Profile], pd.DataFrame]) -> pd.DataFrame:
        return pd.concat([rows(k, p) for k, p in profiles.items()], ignore_index=True)

    return {
        "sites": stacked(lambda k, p: p.sites.assign(label=k)),
        "intervals": interval_table(list(profiles.values()), bits=bits, criteria=("max", "min")),
        "unfitness": stacked(lambda k, p: unfitness(p, grids[k][bits])),
        "layers": stacked(lambda k, p: unfitness(p, grids[k][bits], per="layer")),
        "waterfall": stacked(lambda k, p: waterfall(p, grids[k][bits])),
        "placement": pd.concat(
            [
                placement_of(quantize(net, method, bits, grids[k][bits])).assign(label=k)
                for k, net in nets.items()
            ],
            ignore_index=True,
        ),
    }


def _scores(
    nets: Mapping[str, nn.Module],
    grids: Mapping[str, Mapping[int, Grids]],
    images: ImageSet,
    method: str,
    progress: bool,
) -> pd.DataFrame:
    """PSNR and SSIM of every network at each width of its grids."""
    runs = [
        evaluate(
            {k: quantize(net, method, bits=b, grids=grids[k][b]) for k, net in nets.items()},
            [images],
            progress=progress,
        )
        for b in next(iter(grids.values()), {})
    ]
    return pd.concat(runs, ignore_index=True) if runs else pd.DataFrame()


def _sensitivity(
    nets: Mapping[str, nn.Module],
    grids: Mapping[str, Mapping[int, Grids]],
    images: ImageSet,
    method: str,
    bits: int,
    progress: bool,
) -> pd.DataFrame:
    """What each site costs alone, for every network."""
    rows = [
        sensitivity(net, grids[k][bits], images, method, bits, progress=progress).assign(label=k)
        for k, net in nets.items()
    ]
    return pd.concat(rows, ignore_index=True)


def _provenance(
    profiles: Mapping[str, Profile],
    images: ImageSet,
    method: str,
    criterion: str | None,
    seconds: float,
) -> dict[str, Any]:
    """Versions, images, weights and settings: enough to say what the numbers rest on."""
    packages = ("srviz", "torch", "numpy", "pandas", "matplotlib", "plotly")
    return {
        "versions": {"python": platform.python_version()} | {p: version(p) for p in packages},
        "images": {"name": images.name, "files_sha256": images.sha256, "count": len(images)},
        "networks": {k: p.meta for k, p in profiles.items()},
        "quantizer": {"method": method, "criterion": criterion or DEFAULT_CRITERION[method]},
        "seconds": round(seconds, 1),
    }


def write_report(study: Study, out: str | Path, *, title: str = "srviz report") -> Path:
    """Write the page, the tables and the profiles of a study below ``out``.

    Returns
    -------
    Path
        ``out/index.html``.
    """
    out = Path(out)
    page = report(study.report_data(title), out)
    for label, prof in study.profiles.items():
        name = label.lower().replace(" + ", "_").replace(" ", "_")
        prof.save(out / "profiles" / f"{name}.profile")
    return page


def write_figures(study: Study, out: str | Path) -> list[Path]:
    """Draw the exhibits of every pair as PDF and PNG, each with its provenance, below ``out``.

    Returns
    -------
    list of Path
        F1 (distributions), F2 and F3 (levels), T1 (intervals), and the maps of unfitness, the
        waterfall, PSNR against bits and, where it was measured, the sensitivity.
    """
    written: list[Path] = []
    for pair in study.pairs:
        profs = [study.profiles[label] for label in pair]
        grids = [study.grids[label][study.bits] for label in pair]
        name = pair[0].lower().replace(" ", "_")
        for exhibit, figure in exhibits(profs, grids, study.tables):
            path = Path(out) / f"{name}_{exhibit}"
            written += save_figure(figure, path, provenance=study.provenance)
    return written
