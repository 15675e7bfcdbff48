"""Trains a small quantized network in FOLDER; run by test_distributed, alone and by torchrun."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from training import small

from srviz.training import build_student, train


def main(out: str) -> None:
    recipe = small.recipe(4, data={"folders": ["unused"], "patch": 8, "batch": 4})
    teacher = small.net(None).eval()
    student = build_student(teacher, recipe, small.pool())
    train(student, recipe, data=small.pool(), out=out, teacher=teacher, progress=False)


if __name__ == "__main__":
    main(sys.argv[1])
