"""The public names: all there, loaded lazily, verbs not hidden by the rooms of the same name."""

from __future__ import annotations

import subprocess
import sys

import pytest

import srviz as sv


@pytest.mark.parametrize("name", sv.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(sv, name) is not None
    assert name in dir(sv)


@pytest.mark.parametrize("verb", ["capture", "unfitness", "report", "explore"])
def test_a_room_does_not_hide_its_verb(verb: str) -> None:
    code = (
        f"import srviz, importlib\nimportlib.import_module('srviz.{verb}')\n"
        f"from srviz import {verb}\nassert callable({verb}), {verb}\n"
        f"assert callable(srviz.{verb})"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_srviz_loads_nothing_heavy() -> None:
    code = "import srviz, sys; print([m for m in ('torch','pandas','numpy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'captur'"):
        _ = sv.captur
