from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from srviz.capture import store
from srviz.capture.profile import Profile, load_profile, merge
from srviz.capture.sparse import SparseHistogram
from srviz.errors import ArgumentError, FileFormatError, OutputError, UnknownNameError
from srviz.histogram import Histogram


def _profile(seed: int = 0, images: int = 2, weights: str = "w") -> Profile:
    rng = np.random.default_rng(seed)
    values = {
        s: rng.standard_normal((images, 3, 50)).astype(np.float32) for s in ("b:out", "a:out")
    }
    sites = pd.DataFrame(
        {
            "site": list(values),
            "depth": [4, 9],
            "kind": "Slot",
            "module": ["b", "a"],
            "call": 0,
            "channels": 3,
        }
    )
    per_image = {
        (s, i): SparseHistogram.of(Histogram.from_values(v[i], 5))
        for s, v in values.items()
        for i in range(images)
    }
    pooled = {s: Histogram.from_values(np.concatenate(list(v), 1)) for s, v in values.items()}
    return Profile.build(
        label="net",
        sites=sites,
        histograms=pooled,
        images=per_image,
        image_names=[f"im{i}" for i in range(images)],
        meta={"weights_sha256": weights, "images_count": images},
    )


def test_statistics_equal_numpy_on_the_raw_values() -> None:
    x = np.random.default_rng(0).standard_normal((2, 20_000)).astype(np.float32)
    x[0, :100] = 0
    sites = pd.DataFrame(
        {"site": ["s"], "depth": [0], "kind": "", "module": "s", "call": 0, "channels": 2}
    )
    table = Profile.build(
        label="", sites=sites, histograms={"s": Histogram.from_values(x)}
    ).channels
    np.testing.assert_allclose(table["mean"], x.mean(1, dtype=np.float64), rtol=1e-9)
    np.testing.assert_allclose(table["std"], x.std(1, dtype=np.float64), rtol=1e-9)
    np.testing.assert_array_equal(table[["min", "max"]], np.stack([x.min(1), x.max(1)], 1))
    assert table["zeros"].tolist() == [100, 0]
    for name, p in (("q01", 0.01), ("q99", 0.99), ("q999", 0.999)):
        np.testing.assert_allclose(table[name], np.quantile(x, p, axis=1), rtol=2**-6)


def test_save_and_load_give_the_identical_profile(tmp_path: Path) -> None:
    prof = _profile()
    again = load_profile(prof.save(tmp_path / "p"))
    for site in prof.site_names:
        a, b = prof.histogram(site), again.histogram(site)
        assert a == b
        np.testing.assert_array_equal(a.sumsq, b.sumsq)
        assert prof.histogram(site, "im1") == again.histogram(site, 1)
    pd.testing.assert_frame_equal(prof.channels, again.channels)
    pd.testing.assert_frame_equal(prof.images, again.images)
    pd.testing.assert_frame_equal(prof.sites, again.sites)
    assert (again.meta, again.label) == (prof.meta, prof.label)


def test_sites_sort_in_execution_order() -> None:
    prof = _profile()
    assert prof.site_names == ["b:out", "a:out"]
    assert prof.channels.sort_values("site")["depth"].is_monotonic_increasing


def test_saving_again_replaces_the_whole_folder(tmp_path: Path) -> None:
    _profile(images=3).save(tmp_path / "p")
    _profile(seed=1).save(tmp_path / "p")
    assert load_profile(tmp_path / "p").image_names == ["im0", "im1"]
    assert [p.name for p in tmp_path.iterdir()] == ["p"]


def test_a_foreign_folder_is_neither_overwritten_nor_read(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is not a profile"):
        _profile().save(tmp_path / "mine")
    with pytest.raises(FileFormatError, match=r"no meta\.json"):
        load_profile(tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()


DAMAGE = ["missing table", "cut table", "other table", "beyond", "cut meta", "no label"]


@pytest.mark.parametrize("damage", [*DAMAGE, "version", "gone"])
def test_half_written_profiles_are_refused_in_one_line(tmp_path: Path, damage: str) -> None:
    path = _profile().save(tmp_path / "p")
    if damage == "missing table":
        (path / "bins.parquet").unlink()
    elif damage == "cut table":
        (path / "bins.parquet").write_bytes((path / "bins.parquet").read_bytes()[:50])
    elif damage == "other table":
        pd.DataFrame({"a": [1]}).to_parquet(path / "bins.parquet")
    elif damage == "beyond":
        bins = pd.read_parquet(path / "bins.parquet")
        bins.assign(bin=1 << 20).to_parquet(path / "bins.parquet")
    elif damage == "no label":
        meta = json.loads((path / "meta.json").read_text())
        del meta["label"]
        (path / "meta.json").write_text(json.dumps(meta))
    elif damage == "cut meta":
        (path / "meta.json").write_text((path / "meta.json").read_text()[:30])
    elif damage == "version":
        meta = json.loads((path / "meta.json").read_text())
        (path / "meta.json").write_text(json.dumps(meta | {"version": 99}))
    else:
        shutil.rmtree(path)
    with pytest.raises(FileFormatError) as caught:
        load_profile(path)
    assert "\n" not in str(caught.value)


def test_a_write_that_fails_leaves_the_old_profile(tmp_path: Path, monkeypatch) -> None:
    path = _profile().save(tmp_path / "p")

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OutputError, match="No space left"):
        _profile(seed=1).save(path)
    monkeypatch.undo()
    assert load_profile(path).histogram("a:out") == _profile().histogram("a:out")
    assert os.listdir(tmp_path) == ["p"]


def test_a_place_is_refused_before_the_capture(tmp_path: Path) -> None:
    store.prepare(tmp_path / "new" / "p")
    assert [p.name for p in tmp_path.rglob("*")] == ["new"]
    store.prepare(_profile().save(tmp_path / "p"))
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "p", tmp_path / "new"):
        with pytest.raises(OutputError, match=r"is not a profile|cannot be written"):
            store.prepare(path)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        _profile().save(tmp_path / "file" / "p")


def test_merging_is_exact_and_commutes() -> None:
    a, b = _profile(0), _profile(1)
    ab, ba = merge([a, b]), merge([b, a])
    for site in a.site_names:
        assert ab.histogram(site) == ba.histogram(site) == a.histogram(site) + b.histogram(site)
    assert ab.image_names == ["im0", "im1", "im0", "im1"]
    assert ab.histogram("a:out", image=2) == b.histogram("a:out", image=0)
    assert ab.meta["images_count"] == 4


def test_profiles_of_different_networks_are_not_merged() -> None:
    with pytest.raises(ArgumentError, match="other weights"):
        merge([_profile(), _profile(weights="v")])
    with pytest.raises(ArgumentError, match="at least one"):
        merge([])


def test_unknown_sites_and_images_are_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'a:out'"):
        _profile().histogram("a:outt")
    with pytest.raises(UnknownNameError, match="im0, im1"):
        _profile().histogram("a:out", image="baby")
    with pytest.raises(ArgumentError, match="0 to 1"):
        _profile().histogram("a:out", image=2)
