"""Features beside the output: what a distillation loss looks at."""

from __future__ import annotations

from torch import Tensor, nn

from srviz.errors import ArgumentError


class Tapped(nn.Module):
    """A network that returns ``(output, features)``; one forward pass gives both.

    A module rather than a call of two methods, so that Fabric and DDP see one forward pass.

    Parameters
    ----------
    net : nn.Module
        Used as it is; its parameters are shared, not copied.
    features : bool
        Whether features are wanted. The networks of srviz give them by ``features(x)``, and the
        output from them by ``reconstruct(features, x)``; without features any network will do.

    Raises
    ------
    ArgumentError
        Features are wanted of a network that has no such methods.
    """

    def __init__(self, net: nn.Module, *, features: bool) -> None:
        super().__init__()
        if features:
            check_features(net)
        self.net, self.wanted = net, features

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """(N, 3, h, w) to (N, 3, scale * h, scale * w), and (N, C, h, w) or None."""
        if not self.wanted:
            return self.net(x), None
        features = self.net.features(x)  # pyright: ignore[reportCallIssue]
        return self.net.reconstruct(features, x), features  # pyright: ignore[reportCallIssue]


def check_features(net: nn.Module) -> None:
    """Refuse a network without ``features`` and ``reconstruct``."""
    if not all(callable(getattr(net, name, None)) for name in ("features", "reconstruct")):
        raise ArgumentError(
            f"{type(net).__name__} shows no features for loss.skt",
            allowed="a network with features(x) and reconstruct(features, x)",
            fix="loss.skt = 0",
        )
