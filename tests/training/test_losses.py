"""The losses against values worked out by hand."""

from __future__ import annotations

import pytest
import torch

from srviz.training.losses import attention, l1, skt


def test_l1_is_the_mean_absolute_error_in_float32() -> None:
    sr, hr = torch.tensor([1.0, 5.0], dtype=torch.bfloat16), torch.tensor([4.0, 4.5])
    assert l1(sr, hr).item() == pytest.approx((3 + 0.5) / 2)
    assert l1(sr, hr).dtype == torch.float32


def test_attention_is_the_unit_vector_of_mean_squares() -> None:
    # Two channels, two pixels: means of squares (9 + 16 + ...) worked out per pixel.
    features = torch.tensor([[[[3.0, 0.0]], [[1.0, 4.0]]]])  # (1, 2, 1, 2)
    a, b = (9 + 1) / 2, (0 + 16) / 2
    norm = (a * a + b * b) ** 0.5
    torch.testing.assert_close(attention(features), torch.tensor([[a / norm, b / norm]]))


def test_skt_of_orthogonal_attentions_is_two_over_the_number_of_pixels() -> None:
    # Unit vectors e0 and e1 of length 4: squared distance 2, mean over 4 entries 1/2.
    student, teacher = torch.zeros(1, 1, 2, 2), torch.zeros(1, 3, 2, 2)
    student[..., 0, 0], teacher[..., 0, 1] = 7.0, 0.5
    assert skt(student, teacher).item() == pytest.approx(2 / 4)


def test_skt_ignores_the_scale_of_the_features_and_is_a_mean_over_samples() -> None:
    torch.manual_seed(0)
    x, y = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    assert skt(x, 5 * x).item() == pytest.approx(0, abs=1e-12)
    each = [skt(x[i : i + 1], y[i : i + 1]).item() for i in range(2)]
    assert skt(x, y).item() == pytest.approx(sum(each) / 2)


def test_the_gradient_of_skt_is_that_of_the_written_out_formula() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, 4, requires_grad=True, dtype=torch.float32)
    y = torch.randn(2, 3, 4, 4)
    skt(x, y).backward()
    z = x.detach().clone().requires_grad_()
    total = torch.zeros(())
    for s, t in zip(z, y, strict=True):
        p, q = (s**2).sum(0) / 3, (t**2).sum(0) / 3
        total = total + ((p / (p**2).sum().sqrt() - q / (q**2).sum().sqrt()) ** 2).sum()
    (total / 32).backward()
    torch.testing.assert_close(x.grad, z.grad)


def test_features_of_zero_give_a_finite_gradient() -> None:
    x = torch.zeros(1, 2, 2, 2, requires_grad=True)
    skt(x, torch.ones(1, 2, 2, 2)).backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
