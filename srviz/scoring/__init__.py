"""Scoring: named protocols, PSNR, SSIM, inference modes, sensitivity per site."""

from srviz.scoring.evaluate import evaluate
from srviz.scoring.metrics import psnr, ssim
from srviz.scoring.sensitivity import sensitivity

__all__ = ["evaluate", "psnr", "sensitivity", "ssim"]
