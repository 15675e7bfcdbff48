"""What a network is fed: images of any accepted kind as (N, C, h, w) float32 in [0, 255]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from srviz.errors import ArgumentError, DataError


def network_inputs(net: nn.Module, images: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield (name, tensor) for each image, on the network's device.

    Parameters
    ----------
    net : nn.Module
        Its first parameter tells the device.
    images : iterable
        Objects with ``.lr`` and ``.name``; arrays (h, w, 3), uint8 or float in [0, 255];
        tensors (C, h, w) or (N, C, h, w).

    Raises
    ------
    ArgumentError
        An image is of another kind.
    DataError
        There is no image.
    """
    if isinstance(images, np.ndarray | Tensor):
        images = [images]
    parameter = next(net.parameters(), None)
    device = torch.device("cpu") if parameter is None else parameter.device
    found = False
    for index, image in enumerate(_iterate(images)):
        found = True
        name = str(getattr(image, "name", None) or f"image{index}")  # a Tensor's name is None
        yield name, _tensor(getattr(image, "lr", image), name).to(device)
    if not found:
        raise DataError("no image to run the network on", fix="pass at least one")


def _iterate(images: Any) -> Iterable[Any]:
    if isinstance(images, str) or not isinstance(images, Iterable):
        raise ArgumentError(
            f"images of type {type(images).__name__}",
            allowed="an ImageSet or a list of images, arrays or tensors",
            fix="sv.load_images(...)",
        )
    return images


def _tensor(value: Any, name: str) -> Tensor:
    if isinstance(value, np.ndarray):
        if value.ndim == 2:
            value = value[..., None]
        if value.ndim == 3:
            return torch.tensor(np.ascontiguousarray(value)).permute(2, 0, 1)[None].float()
    elif isinstance(value, Tensor) and value.ndim in (3, 4):
        return (value[None] if value.ndim == 3 else value).float()
    raise ArgumentError(
        f"{name} is a {type(value).__name__} of shape {tuple(getattr(value, 'shape', ()))}",
        allowed="an array (h, w, 3), or a tensor (C, h, w) or (N, C, h, w)",
    )
