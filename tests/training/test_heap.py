"""Kept memory is not faulted in again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from srviz.training import heap

CODE = """
import resource, runpy, sys
import numpy as np
keep_heap = runpy.run_path(sys.argv[1])["keep_heap"]
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        [np.ones(300_000) for _ in range(40)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
print(keep_heap())
faults()
print(faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_a_repeated_step_has_no_page_faults() -> None:
    command = [sys.executable, "-c", CODE, heap.__file__]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    default, kept, faults = run.stdout.split()
    assert kept == "True"
    assert int(faults) < 1000 < 20_000 < int(default)
