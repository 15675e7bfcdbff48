"""Ctrl-C, sent as a real signal to a process: what is done is kept, and one line says so."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import srviz as sv
from srviz.training.checkpoint import load_checkpoint

PATIENCE_S = 120
SOME = r" [1-9]\d*/40 \["  # a bar that has some of 40 images done


def _images(folder: Path, count: int, side: int) -> Path:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(count):
        pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:02}.png")
    return folder


@contextmanager
def _started(*words: object) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command line on a terminal, so that it shows its progress; and the terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 150))  # a bar of no width would show nothing
    command = [sys.executable, "-m", "srviz.cli", *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int, wanted: str = "(?!)") -> str:
    """What the process said up to the pattern ``wanted``, or all of it when it has ended."""
    said, end = "", time.monotonic() + PATIENCE_S
    while not re.search(wanted, said) and time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            said += os.read(terminal, 4096).decode()
        except OSError:  # the other side is closed
            break
    return said


def _stop(process: subprocess.Popen[bytes], terminal: int) -> str:
    """Send Ctrl-C, wait for the end, and return the last line."""
    process.send_signal(signal.SIGINT)
    said = _read(terminal)
    assert process.wait(PATIENCE_S) == 130, said
    assert "Traceback" not in said
    return [line for line in re.split(r"[\r\n]+", said) if line.strip()][-1]


def test_an_interrupted_capture_leaves_a_loadable_profile_of_the_images_done(
    tmp_path: Path,
) -> None:
    folder, out, count = _images(tmp_path / "images", 40, 256), tmp_path / "p", 40
    with _started("capture", "edsr", "--images", folder, "--out", out) as (process, terminal):
        assert re.search(SOME, _read(terminal, SOME))
        last = _stop(process, terminal)
    prof = sv.load_profile(out)
    done = prof.meta["images_count"]
    assert 1 <= done < count
    assert prof.meta["complete"] is False
    assert len(prof.image_names) == done
    assert (prof.channels["n"] == done * 64 * 64).all()
    assert last == f"srviz: stopped; {out} holds the {done} of {count} images done"
    # The images that were counted were counted whole: the same as a capture of these alone.
    net = sv.load_network("edsr", weights="bundled")
    some = sv.load_images(folder, limit=done)
    again = sv.capture(net, some, progress=False)
    assert again.histogram("blocks.0.slot_in:out") == prof.histogram("blocks.0.slot_in:out")


def test_an_interrupted_training_leaves_a_loadable_checkpoint(tmp_path: Path) -> None:
    _images(tmp_path / "data" / "HR", 2, 64)
    recipe, out = tmp_path / "r.toml", tmp_path / "run"
    recipe.write_text(
        '[network]\nname = "edsr"\noptions = { n_blocks = 1, n_feats = 4 }\n'
        '[data]\nfolders = ["HR"]\npatch = 8\nbatch = 1\n[run]\nsteps = 1_000_000\n'
    )
    with _started("train", recipe, "--data", tmp_path / "data", "--out", out) as (process, term):
        assert "loss=" in _read(term, "loss=")
        last = _stop(process, term)
    state = load_checkpoint(out)
    assert state is not None
    assert state["step"] >= 50
    assert last == f"srviz: stopped at step {state['step']}; run the same call to resume"
    with _started("train", recipe, "--data", tmp_path / "data", "--out", out) as (process, term):
        assert f"{state['step']}/1000000" in _read(term, "/1000000")


@pytest.mark.parametrize("words", ["evaluate edsr --bits 4", "report"])
def test_a_stop_during_the_capture_stops_the_verb(tmp_path: Path, words: str) -> None:
    folder, out = _images(tmp_path / "images", 40, 256), tmp_path / "out"
    command = [*words.split(), "--images", folder]
    command += ["--out", out] if words == "report" else ["--csv", out]
    with _started(*command) as (process, terminal):
        assert re.search(SOME, _read(terminal, SOME))
        last = _stop(process, terminal)
    assert last == "srviz: stopped during the capture"
