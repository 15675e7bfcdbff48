from __future__ import annotations

from pathlib import Path

import pytest

from srviz.errors import OutputError
from srviz.output import writable


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = writable(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert not list(folder.iterdir())
    assert writable(folder) == folder


@pytest.mark.parametrize("place", ["below a file", "a file", "/proc"])
def test_a_place_that_takes_no_file_is_one_clear_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    folder = {
        "below a file": tmp_path / "file" / "out",
        "a file": tmp_path / "file",
        "/proc": Path("/proc/srviz"),
    }[place]
    with pytest.raises(OutputError, match=r"cannot be written .*choose another folder") as caught:
        writable(folder)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_found_before_the_work(tmp_path: Path, monkeypatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(OutputError, match="No space left"):
        writable(tmp_path)
