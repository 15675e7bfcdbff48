"""Synthetic networks for the report: profiles from drawn values, tables made by hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser_page import SITES

from srviz.histogram import Histogram
from srviz.report import ReportData, report

WIDTHS = (8, 6, 4, 3, 2)
PSNR_DROP = {8: 0.02, 6: 0.1, 4: 1.26, 3: 2.93, 2: 8.1}
GAPS = ("bounds", "symmetry", "channel", "input", "grid")


@dataclass
class FakeProfile:
    """The part of a profile that the report reads, from values per site and image."""

    values: dict[str, list[np.ndarray]]
    image_names: list[str]

    @property
    def site_names(self) -> list[str]:
        return list(self.values)

    @property
    def channels(self) -> pd.DataFrame:
        frames = []
        for depth, (site, images) in enumerate(self.values.items()):
            x = np.concatenate(images, axis=1)
            finite = np.where(np.isfinite(x), x, np.nan)
            columns = {
                f"q{name}": np.nanquantile(finite, p, axis=1)
                for name, p in (("001", 0.001), ("01", 0.01), ("99", 0.99), ("999", 0.999))
            }
            frames.append(
                pd.DataFrame(
                    {
                        "site": site,
                        "depth": depth,
                        "channel": np.arange(len(x)),
                        "min": np.nanmin(finite, axis=1),
                        "max": np.nanmax(finite, axis=1),
                        "mean": np.nanmean(finite, axis=1),
                        "std": np.nanstd(finite, axis=1),
                        "nan": np.isnan(x).sum(axis=1),
                        "inf": np.isinf(x).sum(axis=1),
                        **columns,
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    def histogram(self, site: str, image: Any = None) -> Histogram:
        if isinstance(image, str):
            image = self.image_names.index(image)
        images = self.values[site]
        return Histogram.from_values(
            np.concatenate(images, axis=1) if image is None else images[image]
        )


def symmetric(alpha: float, bits: int) -> SimpleNamespace:
    """A PAMS grid: 2^b - 1 levels in [-alpha, alpha]."""
    n = 2 ** (bits - 1) - 1
    levels = np.arange(-n, n + 1) * alpha / n
    edges = (levels[1:] + levels[:-1]) / 2
    return SimpleNamespace(
        levels=levels, edges=edges, lo=-alpha, hi=alpha, interval=alpha / n, bits=bits
    )


def draw(sites: list[str], channels: int, spread: float, seed: int) -> FakeProfile:
    """Normal channels of unequal spread and offset; every third site is rectified."""
    rng = np.random.default_rng(seed)
    values = {}
    for k, site in enumerate(sites):
        scale = spread * np.exp(0.6 * rng.standard_normal((channels, 1))) * (1 + 0.2 * k)
        offset = 0.5 * spread * rng.standard_normal((channels, 1))
        images = [
            offset + scale * (1 + 0.4 * i) * rng.standard_normal((channels, 1500)) for i in range(2)
        ]
        relu = k % 3 == 1
        values[site] = [(np.maximum(x, 0) if relu else x).astype(np.float32) for x in images]
    return FakeProfile(values, ["baby", "bird"])


def site_tables(prof: FakeProfile, label: str, bits: int, fit: float, rng: Any) -> dict[str, Any]:
    """Hand-made tables of one network; ``fit`` in 0..1 makes it fit better."""
    sites, channels = prof.site_names, prof.channels
    ends = channels.groupby("site", sort=False)[["min", "max"]].agg({"min": "min", "max": "max"})
    n = 2 ** (bits - 1) - 1
    keys = {"label": label, "site": sites, "depth": range(len(sites)), "method": "pams"}
    gaps = {
        f"gap_{gap}_db": rng.uniform(0.1, top, len(sites)) * (1 - fit)
        for gap, top in zip(GAPS, (9, 3, 4, 1, 2), strict=True)
    }
    unfit = rng.uniform(0, 1, len(channels)) * (1 - fit)
    return {
        "intervals": pd.concat(
            [
                pd.DataFrame(keys).assign(
                    criterion=name, bits=bits, alpha=alpha.to_numpy(), interval=alpha.to_numpy() / n
                )
                for name, alpha in (("max", ends["max"]), ("min", ends["min"].abs()))
            ]
        ),
        "waterfall": pd.DataFrame(keys).assign(bits=bits, sqnr_db=12 + 6 * fit, **gaps),
        "layers": pd.DataFrame(keys).assign(
            bits=bits,
            unfit_mse=rng.uniform(0.2, 1, len(sites)) * (1 - fit),
            effective_bits=rng.uniform(1, 3, len(sites)),
            sqnr_db=12 + 6 * fit,
        ),
        "unfitness": channels[["site", "depth", "channel"]].assign(
            label=label,
            method="pams",
            bits=bits,
            unfit_mse=unfit,
            effective_bits=4 - 3 * unfit,
            levels_in_range=rng.integers(1, 15, len(channels)),
            sqnr_db=np.where(unfit > 0.99, np.nan, 20 - 10 * unfit),
        ),
        "sensitivity": pd.DataFrame(keys).assign(
            bits=bits,
            psnr_fp=30.0,
            psnr_all=27.0,
            psnr_only=30 - rng.uniform(0, 0.5, len(sites)) * (1 - fit),
            psnr_without=27 + rng.uniform(0, 0.4, len(sites)),
        ),
        "placement": pd.DataFrame(keys).assign(
            quantizer="pams", bits=bits, granularity="tensor", weight_bits=bits
        ),
    }


def scores(label: str, full: float, share: float) -> pd.DataFrame:
    """PSNR that drops by ``share`` of PSNR_DROP, for two images around the mean."""
    rows = [
        {
            "network": label,
            "method": "none" if bits == 32 else "pams",
            "bits": bits,
            "dataset": "samples",
            "image": image,
            "scale": 4,
            "protocol": "y",
            "mode": "whole",
            "psnr": full - share * PSNR_DROP.get(bits, 0.0) + shift,
            "ssim": 0.8 - 0.01 * share * PSNR_DROP.get(bits, 0.0),
        }
        for bits in (32, *WIDTHS)
        for image, shift in (("baby", 1.0), ("bird", -1.0))
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def make_data() -> Callable[..., ReportData]:
    """Build report data; ``sites`` names the sites, ``share`` the part of the PSNR drop with BN."""

    def make(
        sites: tuple[str, ...] = ("blocks.0.slot_in:out", "blocks.0.slot_mid:out"),
        names: tuple[str, ...] = ("EDSR",),
        channels: int = 6,
        share: float = 0.45,
        bits: int = 4,
        poison: bool = False,
    ) -> ReportData:
        rng = np.random.default_rng(7)
        profiles, grids, stacks = {}, {}, {}
        for k, name in enumerate(names):
            plain, normed = (name, 8.0, 0.0, 1.0), (f"{name} + BN", 1.6, 0.4, share)
            for label, spread, fit, part in (plain, normed):
                prof = draw(list(sites), channels, spread, seed=k)
                ends = prof.channels.assign(top=lambda t: t[["min", "max"]].abs().max(axis=1))
                alphas = ends.groupby("site", sort=False)["top"].max()
                grids[label] = {
                    b: [
                        SimpleNamespace(
                            site=s, channel=None, image=None, grid=symmetric(alphas[s], b)
                        )
                        for s in sites
                    ]
                    for b in WIDTHS
                }
                for table, rows in site_tables(prof, label, bits, fit, rng).items():
                    stacks.setdefault(table, []).append(rows)
                stacks.setdefault("scores", []).append(scores(label, 27.7, part))
                if poison:
                    prof.values[sites[0]][0][-1, :3] = [np.nan, np.inf, -np.inf]
                profiles[label] = prof
        return ReportData(
            title="Study of <two> networks",
            pairs=[(name, f"{name} + BN") for name in names],
            profiles=profiles,
            grids=grids,
            bits=bits,
            tables={name: pd.concat(t, ignore_index=True) for name, t in stacks.items()},
            provenance={"versions": {"srviz": "0.1.0"}, "seed": 0, "images": ["baby", "bird"]},
        )

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; without it this is skipped, but not in CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        reason = "needs Chromium: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(
    browser: Any, make_data: Callable[..., ReportData], tmp_path: Path
) -> Iterator[Callable[..., Any]]:
    """Open a report at a width, wait for all charts; at the end no complaint may be left."""
    complaints: list[str] = []
    contexts = []

    def opened(width: int = 1280, data: ReportData | None = None) -> Any:
        path = report(data or make_data(sites=SITES, names=("EDSR", "IDN")), tmp_path)
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(f"console {m.type}: {m.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith("file:") else complaints.append(f"GET {r.url}"),
        )
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    # Blobs and data URLs are made by the page itself; anything else would be the network.
    assert [c for c in complaints if not c.startswith(("GET blob:", "GET data:"))] == []
