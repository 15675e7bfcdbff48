"""Activation and weight quantizers, and their insertion into networks."""

from srviz.quantizers.base import Quantizer
from srviz.quantizers.calibration import calibrate_on
from srviz.quantizers.ddtb import DDTB
from srviz.quantizers.dynamic import apply_gates, gate_loss, select_gates
from srviz.quantizers.gate import Gate
from srviz.quantizers.insert import placement_of, quantize
from srviz.quantizers.minmax import MinMax
from srviz.quantizers.pams import PAMS
from srviz.quantizers.weight import PercentileWeight, SymmetricWeight, quantize_weight
from srviz.quantizers.within import bound_parameters, clamp_bounds, read_grids

__all__ = [
    "DDTB",
    "PAMS",
    "Gate",
    "MinMax",
    "PercentileWeight",
    "Quantizer",
    "SymmetricWeight",
    "apply_gates",
    "bound_parameters",
    "calibrate_on",
    "clamp_bounds",
    "gate_loss",
    "placement_of",
    "quantize",
    "quantize_weight",
    "read_grids",
    "select_gates",
]
