from __future__ import annotations

from pathlib import Path

import pytest

from srviz import doctor


def _levels(topic: str) -> list[str]:
    return [f.level for f in doctor.examine() if f.topic == topic]


def test_versions_and_folders_are_reported() -> None:
    findings = list(doctor.examine())
    topics = {f.topic for f in findings}
    assert {"python", "torch", "torchvision", "SRVIZ_DATA", "writable"} & topics >= {
        "python",
        "torch",
    }
    assert sum(f.topic.endswith(".safetensors") for f in findings) >= 2


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
