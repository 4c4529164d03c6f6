"""A measured figure beside its bound, and how figures are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import orjson


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and what the machine can do at best in the same run.

    `measured`, `bound` and `target` share `unit`, except that `target` is a ratio: the most that
    `measured` may be of `bound`. None where there is none.
    """

    figure: str
    measured: float
    unit: str
    bound: float | None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        return round(self.measured / self.bound, 2) if self.bound else None

    @property
    def met(self) -> bool | None:
        if self.target is None or self.ratio is None:
            return None
        return self.ratio <= self.target


def as_json(figures: Iterable[Figure]) -> str:
    """A list of {figure, measured, unit, bound, ratio, target, met}."""
    rows = [
        {
            "figure": figure.figure,
            "measured": round(figure.measured, 1),
            "unit": figure.unit,
            "bound": None if figure.bound is None else round(figure.bound, 1),
            "ratio": figure.ratio,
            "target": figure.target,
            "met": figure.met,
        }
        for figure in figures
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


def as_table(figures: Iterable[Figure]) -> str:
    """The same for people, in columns."""
    head = ("figure", "measured", "bound", "", "ratio", "target", "met")
    return _aligned([head, *map(_cells, figures)])


def _cells(figure: Figure) -> tuple[str, ...]:
    met = {True: "yes", False: "no", None: "–"}[figure.met]
    return (
        figure.figure,
        f"{figure.measured:,.1f}",
        "–" if figure.bound is None else f"{figure.bound:,.1f}",
        figure.unit,
        "–" if figure.ratio is None else f"{figure.ratio:.2f}",
        "–" if figure.target is None else f"{figure.target:.2f}",
        met,
    )


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in (0, 3) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
