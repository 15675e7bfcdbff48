from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import srviz as sv
from srviz.capture.run import _Record, capture
from srviz.capture.site import select, sites, trace
from srviz.errors import ArgumentError, DataError, NetworkError, SiteError, UnknownNameError
from srviz.histogram import Histogram
from srviz.networks import load_network


def _net(norm: str | None = "batch") -> nn.Module:
    torch.manual_seed(0)
    return load_network("edsr", scale=2, norm=norm, n_blocks=2, n_feats=6)


def _images(n: int = 3) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(3, 12 + i, 10, generator=generator) * 255 for i in range(n)]


class InPlace(nn.Module):
    """Overwrites what its convolution gave twice: ReLU in place, then += in place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        kept.append(y.clone())
        y = self.act(y)
        y += 1
        return F.pixel_shuffle(torch.relu(y), 2)


kept: list[Tensor] = []


class Shared(nn.Module):
    """One ReLU for two places, as EDSR-PyTorch has."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv(self.act(x - 128)))


def test_counts_equal_brute_force_on_the_tensors_themselves() -> None:
    kept.clear()
    net = InPlace()
    images = _images()
    prof = capture(net, images, sites="conv:out", progress=False)
    values = torch.cat([y.movedim(1, 0).flatten(1) for y in kept[1:]], 1)  # [0] is the trace
    assert prof.histogram("conv:out") == Histogram.from_values(values.detach().numpy())
    assert int(prof.channels["n"].sum()) == values.numel()


def test_module_inputs_outputs_and_functions_are_sites_in_execution_order() -> None:
    table = sites(InPlace())
    names = table["site"].tolist()
    wanted = ["conv:in", "conv:out", "act:in", "act:out", ":add", ":relu", ":pixel_shuffle"]
    assert [n for n in names if n in wanted] == wanted
    assert table["depth"].tolist() == list(range(len(names)))
    assert table.set_index("site").loc["conv:in", "channels"] == 3


def test_functional_sites_hold_what_the_function_gave() -> None:
    x = _images(1)
    net = InPlace().eval()
    prof = capture(net, x, sites=":pixel_shuffle", progress=False)
    with torch.inference_mode():
        y = net(x[0][None])
    assert prof.histogram(":pixel_shuffle") == Histogram.from_values(y[0].flatten(1).numpy())


def test_a_shared_module_has_one_site_per_call() -> None:
    net, x = Shared(), _images(1)
    assert [s for s in sites(net)["site"] if s.startswith("act:out")] == ["act:out#0", "act:out#1"]
    prof = capture(net, x, sites="act:out", progress=False)
    first = torch.relu(x[0] - 128).flatten(1)
    assert prof.histogram("act:out#0") == Histogram.from_values(first.numpy())
    assert prof.histogram("act:out#0") != prof.histogram("act:out#1")


@pytest.mark.parametrize("norm", [None, "batch"])
def test_the_output_and_everything_else_is_untouched(norm: str | None) -> None:
    net, x = _net(norm), _images(1)
    net.train()
    net.blocks[0].eval()  # a mixed mode must come back as it was
    calls: list[int] = []
    handle = net.head.register_forward_hook(lambda *a: calls.append(1))
    before = {k: v.clone() for k, v in net.state_dict().items()}
    modes = [m.training for m in net.modules()]
    hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in net.modules()]
    random_state = torch.get_rng_state()
    capture(net, x, sites="*", progress=False)
    assert calls
    assert [m.training for m in net.modules()] == modes
    assert [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in net.modules()] == hooks
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random_state)
    handle.remove()


def test_the_output_is_bit_equal_during_a_capture() -> None:
    net, x = _net().eval(), _images(1)
    outputs: list[Tensor] = []
    handle = net.register_forward_hook(lambda m, i, y: outputs.append(y.clone()))
    capture(net, x, sites="*", progress=False)
    handle.remove()
    with torch.inference_mode():
        assert torch.equal(outputs[-1], net(x[0][None]))


def test_order_batches_and_merging_do_not_matter() -> None:
    net = _net().eval()
    a, b = torch.rand(2, 4, 3, 9, 8) * 255
    whole = capture(net, [torch.cat([a, b])], progress=False)
    swapped = capture(net, [b, a], progress=False)
    parts = sv.merge([capture(net, [t], progress=False) for t in (a, b)])
    for site in whole.site_names:
        assert swapped.histogram(site) == parts.histogram(site)
        # Convolutions of another batch size may differ in the last bit; counts all arrive.
        np.testing.assert_array_equal(whole.histogram(site).n, swapped.histogram(site).n)


def test_channels_last_and_batches_count_the_same() -> None:
    class Keep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.same = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            return self.same(x)

    x = torch.randn(2, 5, 7, 6)
    plain = capture(Keep(), [x], sites="same:out", progress=False).histogram("same:out")
    last = x.contiguous(memory_format=torch.channels_last)
    again = capture(Keep(), [last], sites="same:out", progress=False).histogram("same:out")
    single = capture(Keep(), list(x), sites="same:out", progress=False).histogram("same:out")
    assert plain == again == single
    assert plain == Histogram.from_values(x.movedim(1, 0).flatten(1).numpy())


def test_per_image_statistics_sum_to_the_whole() -> None:
    prof = capture(_net(), _images(), per_image=True, progress=False)
    site = prof.site_names[1]
    parts = [prof.histogram(site, image=i) for i in range(3)]
    assert parts[0] + parts[1] + parts[2] == prof.histogram(site).coarsen(parts[0].m)
    assert prof.images.groupby("image")["n"].sum().tolist() == [
        6 * 6 * (12 + i) * 10 for i in range(3)
    ]
    with pytest.raises(ArgumentError, match="per_image=True"):
        capture(_net(), _images(), progress=False).histogram(site, image=0)


def test_nan_and_inf_are_counted_and_named() -> None:
    x = _images(1)
    x[0][0, 0, 0] = torch.nan
    x[0][1, 1, 1] = torch.inf
    with pytest.warns(UserWarning, match="head:in: 1 NaN and 1 Inf"):
        prof = capture(_net(), x, sites="head:in", progress=False)
    table = prof.channels.set_index("channel")
    assert table["nan"].tolist() == [1, 0, 0]
    assert table["inf"].tolist() == [0, 1, 0]
    assert np.isfinite(table["max"]).all()


def test_a_pattern_that_matches_nothing_suggests_close_names() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'blocks\.\d\.conv2:out'"):
        capture(_net(), _images(1), sites="blocks.0.conv22:out", progress=False)


def test_a_network_that_fails_half_way_names_the_image_and_leaves_no_hooks() -> None:
    class Picky(Shared):
        def forward(self, x: Tensor) -> Tensor:
            y = super().forward(x)
            if x.shape[-2] == 13:
                raise RuntimeError("too tall")
            return y

    net = Picky()
    with pytest.raises(NetworkError, match=r"image1 .*too tall") as caught:
        capture(net, _images(), sites="act:out", progress=False)
    assert "\n" not in str(caught.value)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_ctrl_c_keeps_the_images_done(tmp_path) -> None:
    net, done, before = Shared(), [], signal.getsignal(signal.SIGINT)

    def interrupt(module: nn.Module, inputs: object, output: Tensor) -> None:
        done.append(1)
        if len(done) == 3:  # the trace, image 0, image 1
            os.kill(os.getpid(), signal.SIGINT)

    net.register_forward_hook(interrupt)
    with pytest.warns(UserWarning, match="stopped after 2 of 5 images"):
        prof = capture(net, _images(5), sites="act:out", per_image=True, progress=False)
    assert prof.meta["complete"] is False
    assert len(sv.load_profile(prof.save(tmp_path / "p")).image_names) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_on_images_of_unknown_number_is_not_called_complete() -> None:
    class Endless:
        def __iter__(self):
            return iter(_images(3))

    net, done = Shared(), []

    def interrupt(module: nn.Module, inputs: object, output: Tensor) -> None:
        done.append(1)
        if len(done) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    net.register_forward_hook(interrupt)
    with pytest.warns(UserWarning, match="stopped after 1 images"):
        prof = capture(net, Endless(), sites="act:out", progress=False)
    assert prof.meta["complete"] is False
    assert capture(Shared(), Endless(), sites="act:out", progress=False).meta["complete"] is True


def test_a_second_ctrl_c_stops_at_once_and_leaves_nothing_behind() -> None:
    net, before = Shared(), signal.getsignal(signal.SIGINT)

    def interrupt(module: nn.Module, inputs: object, output: Tensor) -> None:
        if module._forward_hooks and len(net.act._forward_hooks):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    handle = net.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        capture(net, _images(2), sites="act:out", progress=False)
    handle.remove()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    assert signal.getsignal(signal.SIGINT) is before


def test_the_memory_of_a_capture_does_not_grow_with_the_images() -> None:
    sizes = []
    for n in (1, 6):
        record = _Record(select(trace(_net()), "slots"), m=7, per_image=False)
        for image in _images(n):
            for path, tap, call in record.names_of:
                record.seen(path, tap, call, image[None])
            record.image_done("", image)
        assert not record.images
        sizes.append(sum(state.raw.nbytes for state in record.now.values()))
    assert sizes[0] == sizes[1] > 0


@pytest.mark.parametrize(
    ("images", "error", "said"),
    [
        ([], DataError, "no image"),
        ("Set5", ArgumentError, "load_images"),
        ([3], ArgumentError, "int"),
    ],
)
def test_what_are_no_images_is_said(images: object, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        capture(_net(), images, progress=False)


def test_wrapped_networks_are_refused() -> None:
    with pytest.raises(SiteError, match=r"network\.module"):
        capture(nn.DataParallel(_net()), _images(), progress=False)
    with pytest.raises(SiteError, match="compiled"):
        sites(torch.compile(_net()))


def test_slots_of_a_foreign_network_are_its_convolution_inputs() -> None:
    assert capture(Shared(), _images(1), progress=False).site_names == ["conv:in"]


@pytest.mark.parametrize("net", [_net(), Shared().eval()], ids=["slots", "convolutions"])
def test_slots_of_a_quantized_network_are_what_its_quantizers_get(net: nn.Module) -> None:
    images = _images(2)
    prof = capture(net, images, progress=False)
    quantized = sv.quantize(net, "pams", 3, sv.calibrate(prof, "pams", 3))
    own = capture(quantized, images, progress=False)
    grids = sv.read_grids(quantized, at="inputs")
    assert sorted(grids.sites) == sorted({site.partition("#")[0] for site in own.site_names})
    # Nothing is quantized before the first quantizer: it gets what the slot got.
    first, same = own.site_names[0], prof.site_names[0]
    assert np.array_equal(own.histogram(first).counts, prof.histogram(same).counts)
    table = sv.unfitness(own, grids, per="layer")
    by_hand = sv.unfitness(prof, sv.read_grids(quantized), per="layer")
    assert table["sqnr_db"].iloc[0] == pytest.approx(by_hand["sqnr_db"].iloc[0])
    with pytest.raises(UnknownNameError, match="placement, inputs"):
        sv.read_grids(quantized, at="outputs")
