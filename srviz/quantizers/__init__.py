"""Activation and weight quantizers, and their insertion into networks."""

from srviz.quantizers.base import Quantizer
from srviz.quantizers.ddtb import DDTB
from srviz.quantizers.insert import placement_of, quantize, read_grids
from srviz.quantizers.minmax import MinMax
from srviz.quantizers.pams import PAMS
from srviz.quantizers.weight import SymmetricWeight, quantize_weight

__all__ = [
    "DDTB",
    "PAMS",
    "MinMax",
    "Quantizer",
    "SymmetricWeight",
    "placement_of",
    "quantize",
    "quantize_weight",
    "read_grids",
]
