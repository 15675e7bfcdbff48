"""``evaluate``: networks and image sets in, one row per image out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm.auto import tqdm

from srviz.data import Image, ImageSet, imresize, load_images
from srviz.errors import ArgumentError, DataError, NonFiniteError
from srviz.networks.forward import scale_of
from srviz.scoring.inference import Mode, upscale
from srviz.scoring.metrics import psnr, ssim
from srviz.scoring.protocols import protocol as find_protocol
from srviz.scoring.protocols import studio_luma

COLUMNS = (
    "network", "method", "bits", "dataset", "image", "scale", "protocol", "mode", "psnr", "ssim"
)  # fmt: skip


def evaluate(
    networks: nn.Module | Mapping[str, nn.Module],
    datasets: ImageSet | str | Path | Sequence[ImageSet | str | Path],
    *,
    protocol: str = "y",
    mode: Mode = "whole",
    progress: bool = True,
) -> pd.DataFrame:
    """Score networks on image sets.

    Parameters
    ----------
    networks : nn.Module or mapping of str to nn.Module
        The keys name the networks in the table. A network that :func:`srviz.quantize` made
        carries a ``placement``, from which ``method`` and ``bits`` are read. A network of one
        channel (IDN as published) is scored by its own protocol, named "idn-y": the luma of the
        HR image is reduced in floating point and compared as rounded luma.
    datasets : ImageSet, name or folder, or several
        What :func:`srviz.load_images` takes; every image needs an HR.
    protocol : {"y", "y-edsr", "y-full", "rgb"}
        See :func:`srviz.psnr`.
    mode : {"whole", "patch"}
        See :func:`srviz.scoring.inference.upscale`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DataFrame
        One row per network and image: ``network, method, bits, dataset, image, scale, protocol,
        mode, psnr (dB), ssim``. ``method`` is "none" and ``bits`` 32 without quantization;
        ``bits`` is the mean over the quantized sites where they differ.

    Raises
    ------
    DataError
        An image has no HR to compare with, or there is no image.
    NetworkError
        A network failed on an image, which is named.
    NonFiniteError
        A network gave NaN or Inf; the image is named.
    """
    find_protocol(protocol)
    named = {type(networks).__name__: networks} if isinstance(networks, nn.Module) else networks
    if not named:
        raise ArgumentError("no network to score", allowed="at least one")
    if isinstance(datasets, ImageSet | str | Path):
        datasets = [datasets]
    jobs = [(name, net, images) for name, net in named.items() for images in _sets(net, datasets)]
    rows: list[dict[str, Any]] = []
    with tqdm(total=sum(len(i) for *_, i in jobs), desc="evaluate", disable=not progress) as bar:
        for name, net, images in jobs:
            for row in _rows(net, images, protocol, mode):
                rows.append({"network": name, **_quantization(net), **row})
                bar.update()
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sets(net: nn.Module, datasets: Sequence[Any]) -> Iterator[ImageSet]:
    scale = scale_of(net)
    for source in datasets:
        images = source if isinstance(source, ImageSet) else load_images(source, scale)
        if images.scale != scale:
            raise ArgumentError(
                f"{images.name} is x{images.scale}, the network x{scale}",
                fix=f"sv.load_images(..., scale={scale})",
            )
        if not len(images):
            raise DataError(f"{images.name} holds no image")
        yield images


def _quantization(net: nn.Module) -> dict[str, Any]:
    placement = getattr(net, "placement", None)
    if placement is None:
        return {"method": "none", "bits": 32}
    bits = float(placement["bits"].mean())
    methods = "+".join(sorted(set(placement["quantizer"])))
    return {"method": methods, "bits": int(bits) if bits.is_integer() else bits}


def _rows(net: nn.Module, images: ImageSet, protocol: str, mode: Mode) -> Iterator[dict[str, Any]]:
    luma_only = getattr(getattr(net, "config", None), "channels", 3) == 1
    training = net.training
    net.eval()
    try:
        for image in images:
            lr, hr = _luma_pair(image) if luma_only else _rgb_pair(image)
            sr = upscale(net, _tensor(lr, net), mode, name=image.name)
            if not torch.isfinite(sr).all():
                raise NonFiniteError(f"the network gave NaN or Inf on image {image.name}")
            pixels = sr[0].permute(1, 2, 0).float().cpu().numpy()
            pixels = pixels[..., 0] if luma_only else pixels
            settings = {"scale": images.scale, "protocol": protocol}
            yield {
                "dataset": images.name,
                "image": image.name,
                "mode": mode,
                "psnr": psnr(pixels, hr, **settings),
                "ssim": ssim(pixels, hr, **settings),
                **settings,
                **({"protocol": "idn-y"} if luma_only else {}),
            }
    finally:
        net.train(training)


def _rgb_pair(image: Image) -> tuple[NDArray[Any], NDArray[Any]]:
    hr = image.hr
    if hr is None:
        raise DataError(f"image {image.name} has no HR to compare with")
    return image.lr, hr


def _luma_pair(image: Image) -> tuple[NDArray[Any], NDArray[Any]]:
    """IDN's own protocol: luma rounded to uint8, reduced in double precision, never rounded.

    A grey file is its own luma, of full range, as in the authors' MATLAB code.
    """
    _, hr = _rgb_pair(image)
    luma = np.floor(studio_luma(hr.astype(np.float64)) + 0.5)[..., 0]
    if image.is_grey:
        luma = hr[..., 0].astype(np.float64)
    return np.asarray(imresize(luma, 1 / image.scale))[..., None], luma


def _tensor(pixels: NDArray[Any], net: nn.Module) -> Tensor:
    parameter = next(net.parameters(), None)
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float()
    return x if parameter is None else x.to(parameter.device)
