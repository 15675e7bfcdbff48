"""Bounds stay in their domain, are found among the parameters, and name their site."""

from __future__ import annotations

import pytest
import torch

from srviz.errors import ArgumentError, NonFiniteError, UnknownNameError
from srviz.networks import load_network
from srviz.quantizers import (
    DDTB,
    PAMS,
    MinMax,
    bound_parameters,
    calibrate_on,
    clamp_bounds,
    quantize,
)
from srviz.quantizers.base import EPS


def test_alpha_is_pulled_back_above_0() -> None:
    quantizer = PAMS(bits=4)
    quantizer.set_bounds(1.0)
    quantizer.alpha.data.fill_(-3.0)
    quantizer.clamp_bounds()
    assert quantizer.alpha.item() == pytest.approx(EPS)
    assert quantizer.alpha.requires_grad


@pytest.mark.parametrize("kind", [DDTB, MinMax])
@pytest.mark.parametrize("bounds", [(1.0, 1.5), (-7.0, -7.0), (5000.0, 5001.0)])
def test_bounds_that_crossed_are_separated_about_their_middle(kind, bounds) -> None:
    quantizer = kind(bits=4)
    quantizer.upper.data.fill_(bounds[0])
    quantizer.lower.data.fill_(bounds[1])
    quantizer.clamp_bounds()
    upper, lower = float(quantizer.upper.detach()), float(quantizer.lower.detach())
    assert upper > lower
    assert (upper + lower) / 2 == pytest.approx(sum(bounds) / 2, rel=1e-6)
    assert quantizer(torch.tensor([-1e4, 0.3, 1e4])).isfinite().all()


def test_bounds_in_their_domain_do_not_move() -> None:
    quantizer = DDTB(bits=4)
    quantizer.set_bounds(2.3, -1.1)
    quantizer.clamp_bounds()
    assert quantizer.upper.detach() == torch.tensor(2.3)
    assert quantizer.lower.detach() == torch.tensor(-1.1)


def test_a_nan_names_its_site() -> None:
    net = quantize(load_network("edsr", n_blocks=2, n_feats=4), "ddtb", 4)
    calibrate_on(net, [torch.rand(1, 3, 8, 8) * 255])
    clamp_bounds(net)
    net.blocks[1].slot_mid.upper.data.fill_(torch.nan)
    with pytest.raises(NonFiniteError, match=r"blocks\.1\.slot_mid:out.*upper=nan"):
        clamp_bounds(net)


def test_the_bounds_among_the_parameters() -> None:
    net = load_network("edsr", n_blocks=2, n_feats=4)
    found = bound_parameters(quantize(net, "ddtb", 4))
    assert len(found) == 12
    assert all(bound.shape == () for bound in found)
    assert bound_parameters(quantize(net, "minmax", 4)) == []
    with pytest.raises(ArgumentError, match="not quantized"):
        bound_parameters(net)


def test_options_reach_the_quantizer() -> None:
    net = load_network("edsr", n_blocks=1, n_feats=4)
    assert quantize(net, "pams", 4, alpha_grad="pact").blocks[0].slot_in.alpha_grad == "pact"
    with pytest.raises(UnknownNameError, match="did you mean 'alpha_grad'"):
        quantize(net, "pams", 4, alpha_gard="pact")
    with pytest.raises(ArgumentError, match="'lsq' or 'pact'"):
        quantize(net, "pams", 4, alpha_grad="ste")
