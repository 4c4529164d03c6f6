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
def lines_named(*places: str) -> Iterator[None]:
    """Errors about a line of an entry name the input that the line came from.

    `places` are the fields of the entry's first lines in order; the last one is the list whose
    members the remaining lines are. With `"bank_transaction_id", "lines"` the line 0 is the
    bank's own, and line 3 is `("lines", "2", …)`.
    """
    try:
        yield
    except CounterfoilError as refused:
        refused.field = _placed(refused.field, places)
        raise


def _placed(path: Path, places: Sequence[str]) -> Path:
    if path[:1] != ("lines",) or len(path) < 2:
        return path
    number, single = int(path[1]), len(places) - 1
    if number < single:
        return (places[number],)
    return (places[-1], str(number - single), *path[2:])
