"""The panel of crops: the pixels given are the pixels shown, each over its own name and score."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

import srviz as sv
from srviz.errors import ArgumentError, UnknownNameError

NAMES = ["HR", "full precision", "4 bits", "bicubic", "full precision + BN", "4 bits + BN"]
BOX = (10, 30, 12, 18)


def below(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


@pytest.fixture
def whole() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


@pytest.fixture
def crops(whole: np.ndarray) -> dict[str, np.ndarray]:
    return {name: np.roll(whole[10:22, 30:48], i, axis=0) for i, name in enumerate(NAMES)}


def test_names_and_scores_stand_under_their_pixels(crops: dict[str, np.ndarray]) -> None:
    figure = sv.figure_crops(crops, scores={"4 bits": 27.654, "bicubic": 25.0})
    shown = {below(ax): ax.images[0].get_array() for ax in figure.axes}
    assert list(shown) == [*NAMES[:2], "4 bits\n27.65 dB", "bicubic\n25.00 dB", *NAMES[4:]]
    for pixels, name in zip(shown.values(), NAMES, strict=True):
        np.testing.assert_array_equal(pixels, crops[name])


def test_a_drawn_pixel_is_a_square_of_its_own_colour(crops: dict[str, np.ndarray]) -> None:
    figure = sv.figure_crops({"HR": crops["HR"]}, rows=1)
    figure.set_dpi(100)
    figure.canvas.draw()
    drawn = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # pyright: ignore[reportAttributeAccessIssue]
    left, bottom, width, height = figure.axes[0].bbox.bounds
    rows, columns = crops["HR"].shape[:2]
    for y, x in ((0, 0), (5, 7), (rows - 1, columns - 1)):
        for part in (0.2, 0.8):  # off the middle: smoothing would mix in the neighbours
            down = len(drawn) - bottom - height + (y + part) / rows * height
            across = left + (x + part) / columns * width
            assert drawn[int(down), int(across)].tolist() == crops["HR"][y, x].tolist()


def test_rows_are_filled_from_left_to_right(crops: dict[str, np.ndarray]) -> None:
    figure = sv.figure_crops(crops)
    places = [ax.get_position() for ax in figure.axes]
    assert [p.y0 > 0.5 for p in places] == [True] * 3 + [False] * 3
    assert [p.x0 for p in places[:3]] == sorted(p.x0 for p in places[:3])
    assert places[0].x0 == pytest.approx(0)
    assert places[2].x1 == pytest.approx(1), "as wide as the page"


def test_pictures_keep_their_proportions_and_do_not_overlap(
    whole: np.ndarray, crops: dict[str, np.ndarray]
) -> None:
    figure = sv.figure_crops(crops, scores={"4 bits": 27.0}, overview=(whole, BOX))
    width, height = figure.get_size_inches()
    boxes = [ax.get_position() for ax in figure.axes]
    for i, (box, ax) in enumerate(zip(boxes, figure.axes, strict=True)):
        high, wide = ax.images[0].get_array().shape[:2]
        assert box.width * width / (box.height * height) == pytest.approx(wide / high)
        others = [other for k, other in enumerate(boxes) if k != i]
        assert not any(box.overlaps(other) for other in others)
    assert boxes[0].y0 == pytest.approx(boxes[-1].y0), "the overview ends with the last row"
    assert boxes[0].y1 == pytest.approx(boxes[1].y1), "and begins with the first"


def test_the_text_stays_on_the_page(whole: np.ndarray, crops: dict[str, np.ndarray]) -> None:
    scores = dict.fromkeys(crops, 27.0)
    figure = sv.figure_crops(crops, scores=scores, overview=(whole, BOX), caption="one\ntwo")
    figure.canvas.draw()
    assert below(figure.axes[0]) == "one\ntwo"
    for ax in figure.axes:
        extents = [text.get_window_extent() for text in ax.texts]
        assert min(extent.y0 for extent in extents) >= 0
        assert max(extent.y1 for extent in extents) <= ax.bbox.y0


def test_the_box_frames_the_pixels_of_the_crop(
    whole: np.ndarray, crops: dict[str, np.ndarray]
) -> None:
    figure = sv.figure_crops(crops, overview=(whole, BOX))
    first = figure.axes[0]
    frames = [p for p in first.patches if isinstance(p, Rectangle)]
    for frame in frames:
        left, top = frame.get_xy()
        rows = slice(round(top + 0.5), round(top + 0.5 + frame.get_height()))
        columns = slice(round(left + 0.5), round(left + 0.5 + frame.get_width()))
        np.testing.assert_array_equal(first.images[0].get_array()[rows, columns], crops["HR"])
    assert len(frames) == 2


def test_what_is_asked_wrongly_is_refused(whole: np.ndarray, crops: dict[str, np.ndarray]) -> None:
    with pytest.raises(ArgumentError, match="no crop"):
        sv.figure_crops({})
    with pytest.raises(ArgumentError, match="crop HR is float64"):
        sv.figure_crops({"HR": crops["HR"] / 255})
    with pytest.raises(ArgumentError, match="all of one shape"):
        sv.figure_crops(crops | {"HR": whole})
    with pytest.raises(UnknownNameError, match="did you mean '4 bits'"):
        sv.figure_crops(crops, scores={"4 bit": 27.0})
    with pytest.raises(ArgumentError, match=r"box .* in an image of 60 x 90"):
        sv.figure_crops(crops, overview=(whole, (50, 30, 12, 18)))
    with pytest.raises(ArgumentError, match="rows 0"):
        sv.figure_crops(crops, rows=0)
    assert not plt.get_fignums(), "nothing half drawn is left behind"
