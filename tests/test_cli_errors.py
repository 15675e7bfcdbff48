"""The command line on bad input: one clear line on stderr, exit code 2, never a traceback."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from srviz import cli
from srviz.networks import load_network, save_weights

Fails = Callable[..., str]


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fails:
    """Run the entry point and return the one line it says on stderr."""

    def run(*arguments: object, code: int = 2) -> str:
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main replaces it
        monkeypatch.setattr(sys, "argv", ["srviz", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == code
        said = capsys.readouterr().err
        lines = [line for line in said.splitlines() if line and "%|" not in line]  # no bars
        assert len(lines) == 1, said
        assert lines[0].startswith("srviz: ")
        return lines[0]

    return run


def _image(path: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set in EDSR-PyTorch's layout, of one image."""
    root = tmp_path / "set"
    _image(root / "HR" / "a.png", (48, 64))
    _image(root / "LR_bicubic" / "X4" / "ax4.png", (12, 16))
    return root


def _capture(folder: Path, **options: object) -> list[object]:
    words: list[object] = ["capture", "edsr", "--images", folder, "--out", folder.parent / "p"]
    for name, value in options.items():
        words += [f"--{name}", value]
    return words


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("captur",), "Did you mean 'capture'"),
        (("--verbose",), "No such option: --verbose"),
        (("capture", "edsr"), "Missing option '--out'; fix: srviz capture --help"),
        (("capture", "edsr", "--out"), "requires an argument"),
        (("evaluate", "edsr", "--bits", "four"), "Invalid value for '--bits'"),
        (("evaluate", "edsr", "--mode", "tiles"), "not one of 'whole', 'patch'"),
        (("evaluate", "edsr", "--bits", "9"), "2 to 8"),
        (("evaluate", "edsr", "--protocol", "ycbcr"), "y, y-edsr, y-full, rgb"),
        (("evaluate", "edsr", "--scale", "3"), "no bundled weights 'edsr_s_x3'"),
        (("evaluate", "resnet20"), "has no attribute scale"),
        (("sites", "edssr"), "did you mean 'edsr'"),
        (("sites", "edsr", "--scale", "0"), "whole numbers from 1"),
        (("sites", "edsr", "--norm", "layer"), "None or 'batch'"),
        (("capture", "edsr", "--limit", "0", "--out", "x"), "limit 0"),
        (("unfitness", "no-such.profile"), "no-such.profile"),
        (("train", "no.toml", "--data", ".", "--out", "x"), "no.toml cannot be read"),
    ],
)
def test_wrong_words(
    fails: Fails, arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in fails(*arguments)


@pytest.mark.parametrize("case", ["missing", "empty", "names", "sizes", "no set"])
def test_folders_of_images(fails: Fails, folder: Path, case: str, monkeypatch) -> None:
    said = {
        "missing": "no folder",
        "empty": "no image found",
        "names": "have no partner in",
        "sizes": "needs 16 x 12 at x4",
        "no set": "set SRVIZ_DATA",
    }[case]
    monkeypatch.delenv("SRVIZ_DATA", raising=False)
    if case == "missing":
        folder = folder / "nowhere"
    elif case == "empty":
        folder = folder.parent / "empty"
        folder.mkdir()
    elif case == "names":
        _image(folder / "HR" / "b.png", (48, 64))
    elif case == "sizes":
        _image(folder / "LR_bicubic" / "X4" / "ax4.png", (11, 16))
    else:
        folder = Path("Set5")
    words = ["evaluate", "edsr", "--images", folder]
    assert said in fails(*words)


@pytest.mark.parametrize("case", ["16 bits", "transparent", "truncated", "text", "CMYK"])
def test_images_that_cannot_be_used_are_named(fails: Fails, folder: Path, case: str) -> None:
    path = folder / "HR" / "a.png"
    said = "more than 8 bits"
    if case == "16 bits":
        Image.fromarray(np.zeros((48, 64), np.uint16)).save(path)
    elif case == "transparent":
        Image.fromarray(np.zeros((48, 64, 4), np.uint8)).save(path)
        said = "is transparent"
    elif case == "truncated":
        path.write_bytes(path.read_bytes()[:-3000])
        said = "cannot be decoded"
    elif case == "text":
        path.write_text("not an image")
        said = "cannot be opened"
    else:
        path.unlink()
        path = _image(folder / "HR" / "a.jpg", (48, 64), "CMYK")
        said = "colour model CMYK"
    line = fails("evaluate", "edsr", "--images", folder)
    assert said in line
    assert str(path) in line


def test_grey_and_opaque_images_are_taken(folder: Path, monkeypatch, capsys) -> None:
    _image(folder / "HR" / "a.png", (48, 64), "L")
    _image(folder / "LR_bicubic" / "X4" / "ax4.png", (12, 16), "RGBA")
    monkeypatch.setattr(sys, "argv", ["srviz", "evaluate", "edsr", "--images", str(folder)])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert not stopped.value.code
    assert "mean over images" in capsys.readouterr().out


class Code:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("case", ["architecture", "scale", "norm", "truncated", "code", "missing"])
def test_checkpoints(fails: Fails, folder: Path, tmp_path: Path, case: str) -> None:
    path, marker = tmp_path / "net_x4.pt", tmp_path / "ran"
    torch.save(load_network("edsr", n_blocks=2, n_feats=4).state_dict(), path)
    words = ["evaluate", "edsr", "--images", folder, "--weights", path]
    said = "net_x4.pt: this is EDSR 2 x 4, x4"
    if case == "architecture":
        words[1] = "idn"
    elif case == "scale":
        words += ["--scale", 2]
    elif case == "norm":
        words += ["--norm", "batch"]
    elif case == "truncated":
        path.write_bytes(path.read_bytes()[:-500])
        said = "net_x4.pt is truncated"
    elif case == "code":
        path.write_bytes(pickle.dumps({"w": Code(marker)}, protocol=2))
        said = "refused (nothing was executed)"
    else:
        path.unlink()
        said = "no file"
    assert said in fails(*words)
    assert not marker.exists()


def test_a_sites_pattern_that_matches_nothing(fails: Fails, folder: Path) -> None:
    line = fails(*_capture(folder, sites="block.0.slot_in:out"))
    assert "did you mean 'blocks.0.slot_in:out'" in line
    assert not (folder.parent / "p").exists()


def test_a_network_that_throws_names_the_image(fails: Fails, folder: Path, tmp_path: Path) -> None:
    net = load_network("idn", channels=1, n_blocks=1, n_feats=16, distilled=4)
    weights = save_weights(net, tmp_path / "luma.safetensors")
    words = _capture(folder, weights=weights)
    words[1] = "idn"
    line = fails(*words)
    assert "the network failed on a of shape (1, 3, 12, 16)" in line
    assert "check the image's size and channels" in line


def _broken(tmp_path: Path) -> Path:
    """Weights whose second block gives NaN."""
    net = load_network("edsr", n_blocks=2, n_feats=4)
    nn.init.constant_(net.blocks[1].conv1.bias, torch.nan)
    return save_weights(net, tmp_path / "nan.safetensors")


def test_nan_in_the_result_names_network_and_image(
    fails: Fails, folder: Path, tmp_path: Path
) -> None:
    words = ["evaluate", "edsr", "--images", folder, "--weights", _broken(tmp_path)]
    assert "NaN or Inf on image a" in fails(*words)


def test_nan_in_a_capture_is_counted_named_and_kept(folder: Path, tmp_path: Path) -> None:
    words = [*_capture(folder, weights=_broken(tmp_path)), "--label", "EDSR"]
    command = [sys.executable, "-m", "srviz.cli", *map(str, words)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = result.stderr.splitlines()
    assert len(lines) == 2  # slot_mid and slot_out of the block
    assert lines[0] == "srviz: warning: EDSR, blocks.1.slot_mid:out: 768 NaN and 0 Inf"
    assert "6 sites" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        "capture edsr --images {set} --out {file}/p",
        "capture edsr --images {set} --out {file}",
        "capture edsr --images {set} --out /proc/p",
        "evaluate edsr --images {set} --csv {file}/t.csv",
        "evaluate edsr --images {set} --csv {file}/t.xlsx",
        "sites edsr --csv {file}/t.csv",
        "report --images {set} --out {file}/r",
        "train {recipe} --data {set} --out {file}/r",
    ],
)
def test_output_that_cannot_be_written(
    fails: Fails, folder: Path, tmp_path: Path, words: str
) -> None:
    file, recipe = tmp_path / "file", tmp_path / "r.toml"
    file.write_text("")
    recipe.write_text(RECIPE)
    line = fails(*words.format(set=folder, file=file, recipe=recipe).split())
    assert any(words in line for words in ("cannot", "is not a profile", "allowed: .parquet"))


RECIPE = """
[network]
name = "edsr"
options = { n_blocks = 1, n_feats = 4 }
[data]
folders = ["HR"]
patch = 8
batch = 1
[run]
steps = 2
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("steps = 2", "steps = 2\nstepz = 2", "run.stepz"),
        ("n_feats = 4", 'n_feats = "many"', "whole numbers from 1"),
        ('name = "edsr"', 'name = "edrs"', "did you mean 'edsr'"),
        ('["HR"]', '["train"]', "does not exist"),
        ("patch = 8", "patch = 80", "is 64 x 48 pixels"),
        ("[run]", "[run", "not TOML"),
    ],
)
def test_recipes(fails: Fails, folder: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE.replace(old, new))
    assert said in fails("train", recipe, "--data", folder, "--out", tmp_path / "run")


def test_an_error_of_the_system_is_one_line_too(fails: Fails, monkeypatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", "/secret")

    monkeypatch.setattr("srviz.networks.load_network", broken)
    assert "Permission denied: '/secret'" in fails("sites", "edsr")
