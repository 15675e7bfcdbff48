"""Losses of quantization-aware training: L1 and structured knowledge transfer (PAMS)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def l1(sr: Tensor, hr: Tensor) -> Tensor:
    """Mean absolute error of two tensors of one shape, computed in float32.

    Returns
    -------
    Tensor, shape ()
        In the units of the tensors: grey levels of 0..255.
    """
    return (sr.float() - hr.float()).abs().mean()


def attention(features: Tensor) -> Tensor:
    """Spatial attention of each sample: the mean over channels of F^2, as a unit vector.

    Parameters
    ----------
    features : Tensor, shape (N, C, h, w)

    Returns
    -------
    Tensor, shape (N, h * w)
        float32, of Euclidean norm 1 (0 where the features are all 0).
    """
    return F.normalize(features.float().square().mean(1).flatten(1), dim=1)


def skt(student: Tensor, teacher: Tensor) -> Tensor:
    """Structured knowledge transfer: mean squared difference of the two attentions.

    Parameters
    ----------
    student, teacher : Tensor, shape (N, C, h, w)
        Features after the global skip. The numbers of channels may differ.

    Returns
    -------
    Tensor, shape ()
        The mean runs over h * w entries of unit vectors, so the value, and what a weight of 1000
        means, shrinks as 1 / (h * w): it depends on the patch.

    Notes
    -----
    Li et al., PAMS (ECCV 2020, arXiv 2011.04212), used with the weight 1000 beside L1.
    """
    return (attention(student) - attention(teacher)).square().mean()
