"""The main job on a tiny pair: every table there, consistent with each other, page written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import srviz as sv
from srviz.data import Image, ImageSet
from srviz.errors import ArgumentError
from srviz.networks import load_network
from srviz.study import Pair, Study, run_study, write_figures, write_report

SITES = 6


def _pair_and_images() -> tuple[Pair, ImageSet]:
    torch.manual_seed(0)
    nets = [load_network("edsr", n_blocks=2, n_feats=4, norm=n) for n in (None, "batch")]
    rng = np.random.default_rng(0)
    high = [rng.integers(0, 256, (72, 64, 3), dtype=np.uint8) for _ in range(2)]
    images = ImageSet(
        "noise", 4, tuple(Image(name=f"n{i}", scale=4, high=h) for i, h in enumerate(high))
    )
    return Pair(name="EDSR", plain=nets[0], normed=nets[1]), images


@pytest.fixture(scope="module")
def study() -> Study:
    pair, images = _pair_and_images()
    return run_study([pair], images, score_bits=(8, 3), bits=3, progress=False)


def test_every_network_has_profile_grids_and_rows(study: Study) -> None:
    labels = {"EDSR", "EDSR + BN"}
    assert set(study.profiles) == set(study.grids) == labels
    assert study.pairs == [("EDSR", "EDSR + BN")]
    for name in ("unfitness", "layers", "waterfall", "intervals"):
        assert set(study.tables[name]["label"]) == labels, name
    assert len(study.tables["waterfall"]) == len(study.tables["layers"]) == 2 * SITES
    assert len(study.tables["unfitness"]) == 2 * SITES * 4


def test_scores_cover_every_width_and_agree_with_evaluate(study: Study) -> None:
    scores = study.tables["scores"]
    assert sorted(scores["bits"].unique()) == [3, 8, 32]
    assert set(scores["method"]) == {"none", "pams", "pams, best bounds"}
    # Two networks and bicubic in full precision; two widths as calibrated, one with best bounds.
    assert len(scores) == 2 * (3 + 2 * 2 + 2 * 1)
    assert np.isnan(scores["psnr"]).sum() == 0
    at8 = scores.query("bits == 8 and network == 'EDSR'")["psnr"].mean()
    full = scores.query("bits == 32 and network == 'EDSR'")["psnr"].mean()
    assert abs(full - at8) < abs(full - scores.query("bits == 3")["psnr"].min())


def test_sensitivity_ends_agree_with_each_other(study: Study) -> None:
    table = study.tables["sensitivity"].query("label == 'EDSR'")
    assert len(table) == SITES
    assert table["dataset"].unique().tolist() == ["noise, centre 128 px"]
    assert table["images"].unique().tolist() == [2]
    assert table["psnr_fp"].nunique() == table["psnr_all"].nunique() == 1


def test_intervals_follow_from_the_profiles(study: Study) -> None:
    table = study.tables["intervals"].query("label == 'EDSR' and criterion == 'max'")
    channels = study.profiles["EDSR"].channels
    expected = channels.groupby("site", observed=True, sort=False)["max"].max() / 3
    np.testing.assert_allclose(table["interval"], expected)


def test_page_tables_figures_and_profiles_are_written(study: Study, tmp_path: Path) -> None:
    page = write_report(study, tmp_path)
    assert page == tmp_path / "index.html"
    assert "<html" in page.read_text()[:500]
    assert (tmp_path / "tables" / "scores.csv").exists()
    again = sv.load_profile(tmp_path / "profiles" / "edsr_bn.profile")
    site = again.site_names[0]
    assert again.histogram(site) == study.profiles["EDSR + BN"].histogram(site)
    written = write_figures(study, tmp_path / "figures")
    assert {p.suffix for p in written} == {".pdf", ".png", ".json"}
    assert all(p.stat().st_size for p in written)


def test_every_method_is_placed_as_asked() -> None:
    pair, images = _pair_and_images()
    options = {"score_bits": (), "with_sensitivity": False, "progress": False}
    other = run_study([pair], images[:1], method="minmax", **options)
    assert set(other.tables["placement"]["quantizer"]) == {"minmax"}
    assert set(other.tables["scores"]["method"]) == {"none", "minmax", "minmax, best bounds"}


def test_a_capture_cut_short_ends_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    pair, images = _pair_and_images()
    part = sv.capture(pair.plain, images[:1], progress=False)
    part.meta["complete"] = False
    monkeypatch.setattr("srviz.study.capture", lambda *args, **kwargs: part)
    with pytest.raises(KeyboardInterrupt, match="stopped during the capture"):
        run_study([pair], images, progress=False)


def test_a_study_of_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="at least one Pair"):
        run_study([], progress=False)
