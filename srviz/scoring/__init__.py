"""Scoring: named protocols, PSNR, SSIM, inference modes, sensitivity per site."""

from srviz.scoring.bicubic import Bicubic
from srviz.scoring.evaluate import evaluate
from srviz.scoring.metrics import psnr, ssim
from srviz.scoring.sensitivity import sensitivity

__all__ = ["Bicubic", "evaluate", "psnr", "sensitivity", "ssim"]
