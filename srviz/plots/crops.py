"""A detail of a super-resolved image by several networks, side by side, as SR papers show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from srviz.errors import ArgumentError, UnknownNameError
from srviz.plots.style import PAGE, style

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]

YELLOW = "#F0E442"
_GAP, _LINE = 0.06, 0.14
"""Between pictures, and the height of a line of text, in inches."""


def figure_crops(
    crops: Mapping[str, Pixels],
    *,
    scores: Mapping[str, float] | None = None,
    overview: tuple[Pixels, Box] | None = None,
    caption: str = "",
    rows: int = 2,
) -> Figure:
    """Draw crops of one image with their names and scores, pixel by pixel.

    Parameters
    ----------
    crops : mapping of str to array, shape (h, w, 3), uint8
        Name to pixels, laid out row by row; all of one shape.
    scores : mapping of str to float, optional
        Name to PSNR in dB, printed under the name; a crop without (HR itself) has none.
    overview : (array, (top, left, height, width)), optional
        The whole image, (H, W, 3) uint8, drawn on the left with the box in pixels that the crops
        show.
    caption : str
        Printed under the overview.
    rows : int
        How many rows the crops fill.

    Returns
    -------
    Figure
        As wide as a page. Pixels are squares of one colour: nothing is smoothed.

    Raises
    ------
    ArgumentError
        There is no crop, they are not of one shape or not uint8, or the box lies outside.
    UnknownNameError
        A score of no crop.
    """
    scores = scores or {}
    height, width = _checked(crops, rows)
    for name in scores:
        if name not in crops:
            raise UnknownNameError.of("crop of the scores", name, crops)
    columns = -(-len(crops) // rows)
    page = _Page(
        rows=rows,
        columns=columns,
        text=_LINE * (2 if scores else 1) + 0.04,
        crop=width / height,
        whole=_whole(overview),
    )
    with style():
        figure = plt.figure(figsize=(PAGE, page.height))
        if overview is not None:
            ax = _picture(figure, page.overview, overview[0], caption)
            _mark(ax, overview[1])
        for i, (name, pixels) in enumerate(crops.items()):
            below = f"{name}\n{scores[name]:.2f} dB" if name in scores else name
            _picture(figure, page.cell(*divmod(i, columns)), pixels, below)
    return figure


@dataclass(frozen=True, kw_only=True)
class _Page:
    """Where the pictures lie, in inches: all crops of one size, the overview as high as the rows.

    ``crop`` and ``whole`` are width over height of a crop and of the overview (0 without one).
    """

    rows: int
    columns: int
    text: float
    crop: float
    whole: float

    @property
    def side(self) -> float:
        """Height of a crop, so that everything together is as wide as the page."""
        gaps = _GAP * (self.columns - (0 if self.whole else 1))
        between = (self.rows - 1) * self.text * self.whole
        return (PAGE - gaps - between) / (self.rows * self.whole + self.columns * self.crop)

    @property
    def height(self) -> float:
        return self.rows * (self.side + self.text)

    @property
    def overview(self) -> tuple[float, float, float, float]:
        high = self.height - self.text
        return self._share(0, self.text, high * self.whole, high)

    def cell(self, row: int, column: int) -> tuple[float, float, float, float]:
        wide = self.side * self.crop
        start = (self.height - self.text) * self.whole + _GAP if self.whole else 0.0
        bottom = self.height - (row + 1) * (self.side + self.text) + self.text
        return self._share(start + column * (wide + _GAP), bottom, wide, self.side)

    def _share(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """From inches to shares of the figure."""
        return left / PAGE, bottom / self.height, width / PAGE, height / self.height


def _picture(figure: Figure, place: Any, pixels: Pixels, below: str) -> Axes:
    ax = figure.add_axes(place)
    ax.imshow(pixels, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    for i, line in enumerate(below.splitlines()):
        # By the baseline: else a name without ascenders would lie higher than its neighbours.
        down = (0, -9 - 72 * _LINE * i)
        ax.annotate(
            line,
            (0.5, 0),
            down,
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="baseline",
        )
    ax.spines[:].set_visible(False)
    return ax


def _mark(ax: Axes, box: Box) -> None:
    """A yellow frame on a black one: seen on bright and on dark images."""
    top, left, height, width = box
    for colour, thick in (("black", 2.4), (YELLOW, 1.2)):
        # Pixel centres lie on whole numbers, their edges half-way.
        corner = (left - 0.5, top - 0.5)
        ax.add_patch(Rectangle(corner, width, height, fill=False, ec=colour, lw=thick))


def _whole(overview: tuple[Pixels, Box] | None) -> float:
    if overview is None:
        return 0.0
    pixels, (top, left, height, width) = overview
    high, wide = pixels.shape[:2]
    if not (0 <= top < top + height <= high and 0 <= left < left + width <= wide):
        raise ArgumentError(
            f"box {overview[1]} in an image of {high} x {wide} pixels",
            allowed="(top, left, height, width) inside the image",
        )
    return wide / high


def _checked(crops: Mapping[str, Pixels], rows: int) -> tuple[int, int]:
    """Height and width of the crops."""
    if not crops:
        raise ArgumentError("no crop to draw", allowed="at least one")
    if rows < 1:
        raise ArgumentError(f"rows {rows}", allowed="at least 1")
    shapes = {pixels.shape for pixels in crops.values()}
    for name, pixels in crops.items():
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise ArgumentError(
                f"crop {name} is {pixels.dtype} of shape {pixels.shape}",
                allowed="uint8 of shape (h, w, 3)",
            )
    if len(shapes) > 1:
        raise ArgumentError(
            f"crops of shapes {', '.join(map(str, sorted(shapes)))}", allowed="all of one shape"
        )
    return next(iter(crops.values())).shape[:2]
