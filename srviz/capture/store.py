"""Profiles on disk: a folder of parquet tables and meta.json, replaced as a whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from srviz.capture.sparse import SparseHistogram
from srviz.errors import FileFormatError, OutputError
from srviz.output import writable

FORMAT, VERSION = "srviz.profile", 1
POOLED = -1  # the "image" of histograms over all images
TABLES = ("sites", "bins", "scalars")


def save(
    path: Path,
    head: Mapping[str, Any],
    sites: pd.DataFrame,
    pooled: Mapping[str, SparseHistogram],
    images: Mapping[tuple[str, int], SparseHistogram],
) -> Path:
    """Write everything beside ``path`` and move it there in one step."""
    prepare(path)
    index = {name: i for i, name in enumerate(pooled)}
    frames = [h.frames(site=index[name], image=POOLED) for name, h in pooled.items()]
    frames += [h.frames(site=index[name], image=i) for (name, i), h in images.items()]
    bins, scalars = (pd.concat(side, ignore_index=True) for side in zip(*frames, strict=True))
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        sites.assign(site=sites["site"].astype(str)).to_parquet(partial / "sites.parquet")
        bins.to_parquet(partial / "bins.parquet")
        scalars.to_parquet(partial / "scalars.parquet")
        meta = {"format": FORMAT, "version": VERSION, **head}
        (partial / "meta.json").write_text(json.dumps(meta, indent=2, default=str))
        partial.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        partial.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error})", fix="free space, or choose another folder"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return path


def prepare(path: Path) -> None:
    """Refuse, before a long capture, a path where its profile could not be written.

    Raises
    ------
    OutputError
        Something else than a profile is there, or the folder above cannot be written.
    """
    if path.exists() and not _is_profile(path):
        raise OutputError(f"{path} exists and is not a profile", fix="choose another name")
    writable(path.parent)


def _is_profile(path: Path) -> bool:
    try:
        return json.loads((path / "meta.json").read_text())["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        return False


def load(
    path: Path,
) -> tuple[
    dict[str, Any], pd.DataFrame, dict[str, SparseHistogram], dict[tuple[str, int], SparseHistogram]
]:
    """Read what :func:`save` wrote."""
    head = _head(path)
    try:
        sites, bins, scalars = (pd.read_parquet(path / f"{name}.parquet") for name in TABLES)
        found = dict(_histograms(list(sites["site"]), bins, scalars))
        pooled = {name: found[name, POOLED] for name in sites["site"]}
    except Exception as error:  # a damaged file makes pyarrow raise a dozen kinds
        raise FileFormatError(
            f"profile {path} is damaged ({error})", fix="capture it again"
        ) from error
    return head, sites, pooled, {key: h for key, h in found.items() if key[1] != POOLED}


def _histograms(
    names: list[str], bins: pd.DataFrame, scalars: pd.DataFrame
) -> Iterator[tuple[tuple[str, int], SparseHistogram]]:
    """((site, image), histogram) of every pair in the tables."""
    by_key = dict(iter(bins.groupby(["site", "image"], sort=False)))
    for key, part in scalars.groupby(["site", "image"], sort=False):
        h = SparseHistogram.from_frames(by_key.get(key, bins.head(0)), part)
        yield (names[part["site"].iloc[0]], int(part["image"].iloc[0])), h


def _head(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise FileFormatError(f"there is no profile at {path}", fix="sv.capture(...).save(path)")
    if not (path / "meta.json").is_file():
        raise FileFormatError(f"{path} is not a profile, or half-written: it has no meta.json")
    try:
        head = json.loads((path / "meta.json").read_text())
    except ValueError as error:
        raise FileFormatError(f"{path / 'meta.json'} is damaged ({error})") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise FileFormatError(f"{path} is not a srviz profile")
    if head.get("version") != VERSION:
        raise FileFormatError(
            f"{path} has profile version {head.get('version')}", allowed=f"version {VERSION}"
        )
    if not {"label", "meta", "image_names"} <= set(head):
        raise FileFormatError(f"{path / 'meta.json'} is incomplete", fix="capture it again")
    return head
