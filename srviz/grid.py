"""Grid: the levels and decision thresholds of a quantizer; Grids: one per site, channel, image."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportMissingTypeStubs=false
# pandas' own stubs are partly unknown to pyright.
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from srviz.errors import ArgumentError, UnknownNameError

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Levels and thresholds of one scalar quantizer.

    Attributes
    ----------
    levels : float64 (L,)
        The values it can produce, strictly ascending.
    edges : float64 (L - 1,)
        Decision thresholds: ``edges[i] <= x < edges[i + 1]`` becomes ``levels[i + 1]``.
    lo, hi : float
        Clipping bounds; values beyond them are overload.
    interval : float
        Distance of neighbouring levels (their mean if uneven); NaN for a single level.
    bits : int
        Nominal width; PAMS has 2^bits - 1 levels.

    Raises
    ------
    ArgumentError
        The numbers are not finite, not ascending or of unequal lengths.

    Notes
    -----
    A value exactly on a threshold goes up, whereas rounding to the nearest even code may send it
    down; both are at the same distance.
    """

    levels: Values
    edges: Values
    lo: float
    hi: float
    interval: float
    bits: int

    def __post_init__(self) -> None:
        numbers = np.concatenate([self.levels, self.edges, [self.lo, self.hi]])
        if not np.isfinite(numbers).all():
            raise ArgumentError("a grid with NaN or Inf", allowed="finite levels and bounds")
        if len(self.edges) != len(self.levels) - 1:
            raise ArgumentError(
                f"a grid of {len(self.levels)} levels and {len(self.edges)} edges",
                allowed="one level or more, and one edge between each two",
            )
        if self.lo > self.hi or any((np.diff(a) <= 0).any() for a in (self.levels, self.edges)):
            raise ArgumentError("a grid that does not ascend", allowed="lower below upper")
        for name in ("levels", "edges"):
            array = np.array(getattr(self, name), np.float64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def symmetric(cls, alpha: float, bits: int) -> Grid:
        """PAMS: 2^bits - 1 levels in [-alpha, alpha], interval alpha / (2^(bits-1) - 1).

        Li et al., ECCV 2020, arXiv 2011.04212. ``alpha`` > 0, ``bits`` from 2 on.
        """
        if not (np.isfinite(alpha) and alpha > 0):
            raise ArgumentError(f"alpha {alpha}", allowed="a finite number above 0")
        n = (1 << (_bits(bits, 2) - 1)) - 1
        step = float(alpha) / n
        codes = np.arange(-n, n + 1, dtype=np.float64)
        return cls(codes * step, (codes[1:] - 0.5) * step, -float(alpha), float(alpha), step, bits)

    @classmethod
    def affine(cls, lower: float, upper: float, bits: int, zero_point: bool = False) -> Grid:
        """2^bits even levels from ``lower`` to ``upper``.

        With ``zero_point`` the grid of DDTB (Zhong et al., ECCV 2022, arXiv 2203.03844): moved by
        less than a step so that 0 lies on it, hence the outer levels miss the bounds by up to
        half a step.
        """
        lower, upper, n = float(lower), float(upper), (1 << _bits(bits, 1)) - 1
        if not (np.isfinite(lower) and np.isfinite(upper) and lower < upper):
            raise ArgumentError(f"bounds {lower} to {upper}", allowed="finite, lower < upper")
        step = (upper - lower) / n
        if not zero_point:
            codes = np.arange(n + 1, dtype=np.float64)
            edges = lower + (codes[1:] - 0.5) * step
            return cls(lower + codes * step, edges, lower, upper, step, bits)
        scale = n / (upper - lower)
        zero = round(scale * lower) + (1 << (bits - 1))
        # At an exact tie both ends round inwards and a level is lost: so it is in the paper.
        first, last = round(scale * lower - zero), round(scale * upper - zero)
        codes = np.arange(first, last + 1, dtype=np.float64) + zero
        return cls(codes / scale, (codes[1:] - 0.5) / scale, lower, upper, step, bits)

    @classmethod
    def midrise(cls, step: float, bits: int, mean: float = 0.0) -> Grid:
        """DAQ: 2^bits levels at odd multiples of step / 2 about ``mean``, none at the mean.

        Hong et al., WACV 2022, arXiv 2012.11230 (two-sided tensors).
        """
        if not (np.isfinite(step) and step > 0 and np.isfinite(mean)):
            raise ArgumentError(f"step {step} about {mean}", allowed="a finite step above 0")
        half = 1 << (_bits(bits, 1) - 1)
        codes = np.arange(-half, half, dtype=np.float64)
        levels, edges = mean + (codes + 0.5) * step, mean + codes[1:] * step
        return cls(levels, edges, float(levels[0]), float(levels[-1]), float(step), bits)

    @classmethod
    def from_levels(cls, levels: ArrayLike, bits: int | None = None) -> Grid:
        """Any levels, in any order; thresholds half-way, bounds at the outer levels."""
        q = np.unique(np.asarray(levels, np.float64).ravel())
        if not q.size:
            raise ArgumentError("a grid without levels", allowed="at least one level")
        interval = float(q[-1] - q[0]) / (len(q) - 1) if len(q) > 1 else float("nan")
        width = bits if bits is not None else max(1, (len(q) - 1).bit_length())
        return cls(q, q[:-1] + np.diff(q) / 2, float(q[0]), float(q[-1]), interval, width)

    def __call__(self, x: ArrayLike) -> Values:
        """Quantize an array of any shape; infinities are clipped and NaN stays NaN."""
        values = np.asarray(x, np.float64)
        out = self.levels[np.searchsorted(self.edges, values, side="right")]
        return np.where(np.isnan(values), np.nan, out)

    def scaled(self, k: float) -> Grid:
        """The grid of k * x: every number times ``k``; a negative ``k`` mirrors it."""
        if not (np.isfinite(k) and k != 0):
            raise ArgumentError(f"scale {k}", allowed="a finite number other than 0")
        way = 1 if k > 0 else -1
        lo, hi = sorted((self.lo * k, self.hi * k))
        levels, edges = (self.levels * k)[::way], (self.edges * k)[::way]
        return Grid(levels, edges, lo, hi, self.interval * abs(k), self.bits)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Grid):
            return NotImplemented
        return (
            (self.lo, self.hi, self.bits) == (other.lo, other.hi, other.bits)
            and np.array_equal(self.levels, other.levels)
            and np.array_equal(self.edges, other.edges)
        )

    def __hash__(self) -> int:
        return hash((self.lo, self.hi, self.bits, self.levels.tobytes(), self.edges.tobytes()))

    def __repr__(self) -> str:
        return (
            f"<Grid {self.bits} bits: {len(self.levels)} levels in {self.lo:g} .. {self.hi:g}, "
            f"interval {self.interval:g}>"
        )


class GridRow(NamedTuple):
    """One grid and where it is used; ``channel`` and ``image`` are None where shared."""

    site: str
    channel: int | None
    image: int | None
    method: str
    bits: int
    grid: Grid


class Grids(Sequence[GridRow]):
    """The grids of a network: an ordered table (site, channel, image, method, bits, grid).

    Examples
    --------
    >>> grids = Grids.build([("a:out", None, None, "pams", 2, Grid.symmetric(3.0, 2))])
    >>> grids["a:out"].interval
    3.0
    """

    def __init__(self, rows: Iterable[GridRow] = ()) -> None:
        self._rows = tuple(rows)
        self._by_site: dict[str, list[GridRow]] = {}
        for row in self._rows:
            self._by_site.setdefault(row.site, []).append(row)
        for site, found in self._by_site.items():
            if len({row[:5] for row in found}) < len(found):
                raise ArgumentError(f"two grids for the same place, method and bits at {site}")

    @classmethod
    def build(cls, rows: Iterable[tuple[str, int | None, int | None, str, int, Grid]]) -> Grids:
        """Grids from tuples ``(site, channel, image, method, bits, grid)``.

        Raises
        ------
        ArgumentError
            Two rows are for the same place, method and bits.
        """
        return cls(GridRow(*row) for row in rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[GridRow]:
        return iter(self._rows)

    @overload
    def __getitem__(self, key: int) -> GridRow: ...
    @overload
    def __getitem__(self, key: slice) -> Grids: ...
    @overload
    def __getitem__(self, key: str) -> Grid: ...
    def __getitem__(self, key: int | slice | str) -> GridRow | Grids | Grid:
        """The row at a position, the rows of a slice, or the grid of a site that has one."""
        if isinstance(key, str):
            return self.get(key)
        return Grids(self._rows[key]) if isinstance(key, slice) else self._rows[key]

    def __add__(self, other: Grids) -> Grids:
        return Grids([*self._rows, *other._rows])

    def __repr__(self) -> str:
        return f"<Grids: {len(self)} at {len(self._by_site)} sites>"

    @property
    def sites(self) -> list[str]:
        """Sites in the order of their first row."""
        return list(self._by_site)

    def at(self, site: str) -> list[GridRow]:
        """The rows of a site.

        Raises
        ------
        UnknownNameError
            There are none.
        """
        if site not in self._by_site:
            raise UnknownNameError.of("site of the grids", site, self._by_site)
        return list(self._by_site[site])

    def get(self, site: str, channel: int | None = None, image: int | None = None) -> Grid:
        """The grid that serves a channel and image: its own, or the one it shares.

        Raises
        ------
        UnknownNameError
            The site has no grids.
        ArgumentError
            None of its grids serves that channel and image, or grids of several methods or bits
            do.
        """
        rows = self.at(site)
        wanted = [(channel, image), (channel, None), (None, image), (None, None)]
        for place in dict.fromkeys(wanted):
            found = [row for row in rows if (row.channel, row.image) == place]
            if len(found) > 1:
                kinds = ", ".join(f"{row.method} {row.bits} bits" for row in found)
                raise ArgumentError(
                    f"{len(found)} grids at {site} ({kinds})", fix="filter() to one of them first"
                )
            if found:
                return found[0].grid
        raise ArgumentError(
            f"no grid at {site} for channel {channel}, image {image}",
            fix="name one of the channels or images that have a grid of their own",
        )

    def filter(self, keep: Callable[[GridRow], bool]) -> Grids:
        """The rows for which ``keep(row)`` is true."""
        return Grids(row for row in self._rows if keep(row))

    @property
    def frame(self) -> pd.DataFrame:
        """``site, channel, image, method, bits, lo, hi, interval, n_levels``, one row per grid."""
        rows = [
            (*row[:5], row.grid.lo, row.grid.hi, row.grid.interval, len(row.grid.levels))
            for row in self._rows
        ]
        names = ("site", "channel", "image", "method", "bits", "lo", "hi", "interval", "n_levels")
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        table = pd.DataFrame(dict(zip(names, columns, strict=True)))
        kinds = {"channel": "Int64", "image": "Int64", "bits": "int64", "n_levels": "int64"}
        kinds |= dict.fromkeys(("lo", "hi", "interval"), "float64")
        site = pd.Categorical(table["site"], categories=self.sites, ordered=True)
        return table.astype(kinds).assign(site=site)


def _bits(bits: int, least: int) -> int:
    """``bits`` as a shift, or the error that names what it may be."""
    if isinstance(bits, bool) or not isinstance(bits, int | np.integer) or not least <= bits <= 16:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"bits={bits!r}", allowed=f"whole numbers from {least} to 16")
    return int(bits)
