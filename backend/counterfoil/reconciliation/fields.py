"""Letting an error of a lower room name the input that it is about: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from counterfoil.errors import CounterfoilError

Path = tuple[str, ...]


@contextmanager
def renamed(names: Mapping[str, str]) -> Iterator[None]:
    """Errors about one of these fields name the field that the caller's input has for it."""
    try:
        yield
    except CounterfoilError as refused:
        if refused.field:
            first, *rest = refused.field
            refused.field = (names.get(first, first), *rest)
        raise


@contextmanager
def lines_named(*places: Path) -> Iterator[None]:
    """Errors about a line of an entry name the input that the line came from.

    `places` are the paths of all lines in order. What an error says of a member of a list is kept
    below it: with `("bank_transaction_id",), ("lines", "0")` line 0 is the bank's own, and the
    amount of line 1 is `("lines", "0", "amount")`.
    """
    try:
        yield
    except CounterfoilError as refused:
        refused.field = _placed(refused.field, places)
        raise


def members(name: str, count: int) -> list[Path]:
    """The paths of the members of a list."""
    return [(name, str(place)) for place in range(count)]


def _placed(path: Path, places: Sequence[Path]) -> Path:
    if path[:1] != ("lines",) or len(path) < 2:
        return path
    place = places[int(path[1])]
    return (*place, *path[2:]) if len(place) > 1 else place
