"""T2 and T3: our scores beside the published ones, gains computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from srviz.errors import ArgumentError
from srviz.sweep.published import published_scores, scores_table


def rows(network: str, method: str, bits: int, psnr: float, **more: object) -> pd.DataFrame:
    """Two images whose mean is ``psnr``."""
    table = pd.DataFrame({"image": ["a", "b"], "psnr": [psnr - 1, psnr + 1]})
    same = {"dataset": "Urban100", "scale": 4, "protocol": "y", "mode": "whole"} | more
    return table.assign(network=network, method=method, bits=bits, **same)


def scores() -> pd.DataFrame:
    return pd.concat(
        [
            rows("EDSR", "none", 32, 26.0),
            rows("EDSR + BN", "none", 32, 25.8),
            rows("EDSR", "pams", 3, 23.0),
            rows("EDSR + BN", "pams", 3, 24.2),
            rows("EDSR", "pams", 8, 25.9),
        ]
    )


def test_cells_gains_and_published_numbers() -> None:
    table = scores_table(scores()).set_index("bits")
    assert table.index.tolist() == [32, 8, 3], "widest first"
    assert table.loc[3, "plain"] == pytest.approx(23.0)
    assert table.loc[3, "bn_gain"] == pytest.approx(1.2)
    # PAPER.md: at 3 bits BN gains 1.50 dB on EDSR with PAMS, on Urban100.
    assert table.loc[3, "bn_gain_published"] == pytest.approx(1.50)
    assert table.loc[3, "plain_published"] == 23.50
    assert table.loc[32, "bn_gain"] == pytest.approx(-0.2)
    assert np.isnan(table.loc[8, "bn"])
    assert table.loc[8, "bn_gain_published"] == pytest.approx(-0.18)


def test_a_stand_in_data_set_is_never_beside_a_published_number() -> None:
    photo = scores().assign(dataset="Photo2K")
    table = scores_table(pd.concat([scores(), photo]))
    assert table[table["dataset"] == "Photo2K"]["plain_published"].isna().all()
    assert list(dict.fromkeys(table["dataset"])) == ["Urban100", "Photo2K"]


def test_full_precision_heads_the_table_of_every_method() -> None:
    both = pd.concat([scores(), rows("EDSR", "ddtb", 3, 24.0)])
    table = scores_table(both, published=False)
    assert table.query("bits == 32")["method"].tolist() == ["PAMS", "DDTB"]
    assert "bn_published" not in table


def test_seeds_give_mean_and_deviation() -> None:
    some = [rows("EDSR", "pams", 3, 23.0 + d, seed=i) for i, d in enumerate((-0.1, 0.0, 0.1))]
    table = scores_table(pd.concat(some))
    assert table.loc[0, "plain"] == pytest.approx(23.0)
    assert table.loc[0, "plain_std"] == pytest.approx(0.1)
    assert table.loc[0, "seeds"] == 3


def test_what_may_not_be_averaged_is_refused() -> None:
    with pytest.raises(ArgumentError, match="several protocols"):
        scores_table(pd.concat([scores(), scores().assign(protocol="rgb")]))
    with pytest.raises(ArgumentError, match="lack network"):
        scores_table(pd.DataFrame({"psnr": [1.0]}))


def test_the_published_table_is_whole() -> None:
    table = published_scores()
    assert len(table) == 2 * 2 * 2 * 4 * 3
    assert table["psnr"].between(22, 30).all()
    assert table.query("note != ''")["psnr"].tolist() == [28.49]
