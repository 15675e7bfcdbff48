"""Networks: EDSR, IDN, SRResNet, CIFAR ResNets; their weights and normalization."""

from srviz.networks.load import load_network
from srviz.networks.norm import add_norm, fold_norm, freeze_norm
from srviz.networks.registry import list_networks
from srviz.networks.weights import save_weights

__all__ = ["add_norm", "fold_norm", "freeze_norm", "list_networks", "load_network", "save_weights"]
