"""Running any network on one image: its scale, and a failure that names the image."""

from __future__ import annotations

from torch import Tensor, nn

from srviz.errors import ArgumentError, NetworkError, SrvizError


def scale_of(net: nn.Module) -> int:
    """The upscaling factor a network states in its attribute ``scale``.

    Raises
    ------
    ArgumentError
        It states none.
    """
    scale = getattr(net, "scale", None)
    if not isinstance(scale, int):
        raise ArgumentError(
            f"{type(net).__name__} has no attribute scale", fix="set net.scale = 4, say"
        )
    return scale


def forward(net: nn.Module, x: Tensor, name: str) -> Tensor:
    """``net(x)``; what the network itself raises becomes one line that names the image.

    Raises
    ------
    NetworkError
        The network failed.
    """
    try:
        return net(x)
    except SrvizError:
        raise
    except Exception as error:
        raise NetworkError(
            f"the network failed on {name} of shape {tuple(x.shape)} "
            f"({type(error).__name__}: {error})",
            fix="check the image's size and channels",
        ) from error
