"""The published families of checkpoints: how to recognise their keys and rename them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from srviz.errors import WeightsError
from srviz.networks.edsr import DIV2K_MEAN

State = dict[str, Tensor]
Rules = list[tuple[str, str | None]]

_ANY = r"(weight|bias)"
_NORM = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


@dataclass(frozen=True, kw_only=True)
class Format:
    """One family of key names.

    ``sign`` are patterns of keys that all its files have and ``without`` ones that none has;
    ``rules`` gives (pattern, replacement) pairs for a file, of which the first that matches a
    whole key wins (a replacement of None drops the key). ``also`` are hyper-parameters the
    family fixes though no shape shows them; ``rearrange`` changes tensors in place at the end.
    """

    name: str
    network: str
    sign: tuple[str, ...]
    without: tuple[str, ...] = ()
    rules: Callable[[State], Rules] = field(default=lambda state: [])
    also: dict[str, Any] = field(default_factory=dict)
    rearrange: Callable[[State], None] = field(default=lambda state: None)

    def matches(self, state: State) -> bool:
        """Does this file look like one of the family?"""

        def has(sign: str) -> bool:
            return any(re.fullmatch(sign, key) for key in state)

        return all(map(has, self.sign)) and not any(map(has, self.without))

    def convert(self, state: State) -> State:
        """Tensors under srviz's keys; a key no pattern knows is kept, to fail strictly later."""
        rules, out = self.rules(state), {}
        for key, value in state.items():
            new: str | None = key
            for pattern, replacement in rules:
                if match := re.fullmatch(pattern, key):
                    new = None if replacement is None else match.expand(replacement)
                    break
            if new is not None:
                out[new] = value
        self.rearrange(out)
        return out


def _edsr_pytorch(state: State) -> Rules:
    _check_mean(state)
    has_bn = any(re.fullmatch(r"body\.0\.body\.1\.running_mean", key) for key in state)
    parts = {0: "conv1", 1: "norm1", 3: "conv2", 4: "norm2"} if has_bn else {0: "conv1", 2: "conv2"}
    rules: Rules = [(r"(sub|add)_mean\.(weight|bias)", None)]
    rules += [
        (rf"body\.(\d+)\.body\.{i}\.{_NORM}", rf"blocks.\1.{name}.\2") for i, name in parts.items()
    ]
    return [
        *rules,
        (rf"head\.0\.{_ANY}", r"head.\1"),
        (rf"body\.\d+\.{_ANY}", r"body_tail.\1"),
        (rf"tail\.0\.(\d+)\.{_ANY}", r"upsampler.\1.\2"),
        (rf"tail\.1\.{_ANY}", r"tail.\1"),
    ]


def _check_mean(state: State) -> None:
    """EDSR-PyTorch stores the mean it subtracts; it must be the one srviz subtracts."""
    bias = state.get("sub_mean.bias")
    if bias is None:
        return
    mean = torch.tensor(DIV2K_MEAN)
    if torch.allclose(-bias.float(), mean, atol=1e-3):
        raise WeightsError("the weights were trained with rgb_range 1", allowed="rgb_range 255")
    if not torch.allclose(-bias.float(), 255 * mean, atol=0.05):
        raise WeightsError(
            f"the weights subtract the mean {(-bias).tolist()}",
            allowed=f"DIV2K's {[round(255 * m, 3) for m in DIV2K_MEAN]}",
        )


def _basicsr(state: State) -> Rules:
    return [
        (rf"conv_first\.{_ANY}", r"head.\1"),
        (rf"body\.(\d+)\.(conv1|conv2)\.{_ANY}", r"blocks.\1.\2.\3"),
        (rf"conv_after_body\.{_ANY}", r"body_tail.\1"),
        (rf"upsample\.(\d+)\.{_ANY}", r"upsampler.\1.\2"),
        (rf"conv_last\.{_ANY}", r"tail.\1"),
    ]


def _idn_caffe(state: State) -> Rules:
    rules: Rules = [(rf"conv([12])\.{_ANY}", r"fblock.conv\1.\2")]
    for block in range(sum(re.fullmatch(r"down\d+\.weight", key) is not None for key in state)):
        rules.append((rf"down{block + 1}\.{_ANY}", rf"blocks.{block}.compress.\1"))
        for unit in range(6):
            half = ("top", "bottom")[unit // 3]
            new = rf"blocks.{block}.{half}.{unit % 3}.conv.\1"
            rules.append((rf"conv{block + 3}_{unit + 1}\.{_ANY}", new))
    return [*rules, (rf"upsample\.{_ANY}", r"deconv.\1")]


def _keep_first(state: State) -> None:
    """IDN-Caffe keeps the *first* channels of the slice for the concatenation, srviz the last."""
    for key in [key for key in state if re.fullmatch(rf"blocks\.\d+\.top\.2\.conv\.{_ANY}", key)]:
        bottom = re.sub(r"top\.2\.conv\..*", "bottom.0.conv.weight", key)
        kept = len(state[key]) - state[bottom].shape[1]
        state[key] = state[key].roll(-kept, 0)


def _srgan(state: State) -> Rules:
    n = sum(re.fullmatch(r"block\d+\.conv1\.weight", key) is not None for key in state)
    rules: Rules = [(rf"block1\.0\.{_ANY}", r"head.\1"), (r"block1\.1\.weight", "head_act.weight")]
    for block in range(n):
        old, new = rf"block{block + 2}", rf"blocks.{block}"
        rules += [
            (rf"{old}\.(conv[12])\.{_ANY}", rf"{new}.\1.\2"),
            (rf"{old}\.bn([12])\.{_NORM}", rf"{new}.norm\1.\2"),
            (rf"{old}\.prelu\.weight", f"{new}.act.weight"),
        ]
    rules += [
        (rf"block{n + 2}\.0\.{_ANY}", r"body_tail.conv.\1"),
        (rf"block{n + 2}\.1\.{_NORM}", r"body_tail.norm.\1"),
    ]
    for stage in range(3):
        old = rf"block{n + 3}\.{stage}"
        rules += [
            (rf"{old}\.conv\.{_ANY}", rf"upsampler.{3 * stage}.\1"),
            (rf"{old}\.prelu\.weight", f"upsampler.{3 * stage + 2}.weight"),
        ]
    return [*rules, (rf"block{n + 3}\.\d\.{_ANY}", r"tail.\1")]


def _resnet_cifar(state: State) -> Rules:
    n = sum(re.fullmatch(r"layer1\.\d+\.conv1\.weight", key) is not None for key in state)
    rules: Rules = [("conv1.weight", "conv.weight"), (rf"bn1\.{_NORM}", r"norm.\1")]
    for stage in range(3):
        for index in range(n):
            old, new = rf"layer{stage + 1}\.{index}", rf"blocks.{stage * n + index}"
            rules += [
                (rf"{old}\.(conv[12])\.weight", rf"{new}.\1.weight"),
                (rf"{old}\.bn([12])\.{_NORM}", rf"{new}.norm\1.\2"),
            ]
    return rules


FORMATS = [
    Format(
        name="srviz EDSR",
        network="edsr",
        sign=(r"head\.weight", r"body_tail\.weight", r"blocks\.0\.conv1\.weight"),
    ),
    Format(
        name="srviz IDN", network="idn", sign=(r"fblock\.conv1\.weight", r"blocks\.0\.top\.0\..*")
    ),
    Format(name="srviz SRResNet", network="srresnet", sign=(r"head_act\.weight", r"blocks\.0\..*")),
    Format(
        name="srviz ResNet",
        network="resnet",
        sign=(r"conv\.weight", r"linear\.weight", r"blocks\.0\.conv1\.weight"),
    ),
    Format(
        name="EDSR-PyTorch",
        network="edsr",
        sign=(r"head\.0\.weight", r"body\.0\.body\.0\.weight", r"tail\.1\.weight"),
        rules=_edsr_pytorch,
    ),
    Format(
        name="BasicSR EDSR",
        network="edsr",
        sign=(r"conv_first\.weight", r"conv_after_body\.weight", r"body\.0\.conv1\.weight"),
        rules=_basicsr,
    ),
    Format(
        name="IDN-Caffe",
        network="idn",
        sign=(r"conv3_1\.weight", r"down1\.weight", r"upsample\.weight"),
        rules=_idn_caffe,
        also={"rgb_range": 1.0, "align": "last"},
        rearrange=_keep_first,
    ),
    Format(
        name="leftthomas/SRGAN",
        network="srresnet",
        sign=(r"block1\.0\.weight", r"block2\.conv1\.weight", r"block2\.prelu\.weight"),
        rules=_srgan,
        also={"rgb_range": 1.0, "output": "tanh"},
    ),
    Format(
        name="CIFAR ResNet",
        network="resnet",
        sign=(r"conv1\.weight", r"layer3\.0\.conv1\.weight", r"linear\.weight"),
        without=(r"layer4\..*",),
        rules=_resnet_cifar,
    ),
]
"""In the order of trial; the signs exclude each other."""
