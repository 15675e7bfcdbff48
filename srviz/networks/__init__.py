"""Networks: EDSR, IDN, SRResNet, CIFAR ResNets; their weights and normalization."""

from srviz.networks.load import load_network
from srviz.networks.registry import list_networks
from srviz.networks.weights import save_weights

__all__ = ["list_networks", "load_network", "save_weights"]
