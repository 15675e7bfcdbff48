from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import pytest

from srviz import doctor


def _levels(topic: str) -> list[str]:
    return [f.level for f in doctor.examine() if f.topic == topic]


def test_versions_and_folders_are_reported() -> None:
    findings = {f.topic: f for f in doctor.examine()}
    assert {"python", "torchvision", "SRVIZ_DATA", "writable"} <= set(findings)
    for package in doctor.PACKAGES:
        assert findings[package].text == version(package)
    bundled = [f for topic, f in findings.items() if topic.endswith(".safetensors")]
    assert len(bundled) >= 2
    assert {f.level for f in bundled} == {"ok"}


def test_a_package_that_is_missing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "srviz-no-such-package"))
    assert _levels("srviz-no-such-package") == ["problem"]


def test_bundled_weights_are_held_against_their_checksums(tmp_path: Path) -> None:
    def levels() -> dict[str, str]:
        return {f.topic: f.level for f in doctor._bundled(tmp_path)}

    assert levels() == {"bundled weights": "problem"}
    (tmp_path / "a.safetensors").write_bytes(b"weights")
    (tmp_path / "b.safetensors").write_bytes(b"wejghts")
    right = hashlib.sha256(b"weights").hexdigest()
    sums = {f"{name}.safetensors": right for name in "abc"}
    (tmp_path / "SHA256.json").write_text(json.dumps(sums))
    assert list(levels().values()) == ["ok", "problem", "problem"]
    (tmp_path / "SHA256.json").write_text("{")
    assert levels() == {"bundled weights": "problem"}


def test_missing_data_is_a_note_and_a_wrong_folder_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SRVIZ_DATA", raising=False)
    assert _levels("SRVIZ_DATA") == ["note"]
    monkeypatch.setenv("SRVIZ_DATA", str(tmp_path))
    assert _levels("SRVIZ_DATA") == ["problem"]


def test_a_set_without_low_resolution_images_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "benchmark" / "MySet" / "HR").mkdir(parents=True)
    monkeypatch.setenv("SRVIZ_DATA", str(tmp_path))
    assert _levels("MySet") == ["problem"]
    assert _levels("SRVIZ_DATA") == ["ok"]
    (tmp_path / "benchmark" / "MySet" / "HR" / "a.png").touch()
    (tmp_path / "benchmark" / "MySet" / "LR_bicubic" / "X2").mkdir(parents=True)
    assert _levels("MySet") == ["ok"]


def test_a_torchvision_of_another_torch_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    class Vision:
        version, requires = "0.1", ["numpy", "torch (==1.0)".replace(" (", "").replace(")", "")]

    monkeypatch.setattr(doctor.importlib.metadata, "distribution", lambda name: Vision())
    finding = doctor._torchvision()
    assert finding.level == "problem"
    assert "torch==1.0" in finding.text


def test_an_unwritable_folder_is_a_problem(tmp_path: Path) -> None:
    assert doctor._writable(tmp_path).level == "ok"
    assert doctor._writable(tmp_path / "missing").level == "problem"
