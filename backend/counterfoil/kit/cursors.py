"""Cursors: the keys of a row as an opaque text, with a mark of the question they belong to."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from counterfoil.errors import CounterfoilError
from counterfoil.kit.conditions import Column, Kind


class CursorMismatch(CounterfoilError):
    """A cursor of another question: other filters, another order, or no cursor at all."""

    code = "CURSOR_MISMATCH"

    def __init__(self, argument: str) -> None:
        self.field = (argument,)
        super().__init__(
            "This cursor belongs to other filters or another order. Begin at the first page."
        )


def pack(mark: str, values: Sequence[object]) -> str:
    """A cursor of the question with this mark; values as the database's driver gives them."""
    packed = orjson.dumps([mark, values], default=str)
    return urlsafe_b64encode(packed).decode().rstrip("=")


def unpack(
    cursor: str, *, mark: str, columns: Sequence[Column], argument: str
) -> Sequence[Hashable]:
    """The keys in a cursor, one for each column. `argument` is how the caller named it.

    Raises:
        CursorMismatch: it was made for another question, or not by us.
    """
    try:
        found, values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = [_value(column, value) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        raise CursorMismatch(argument) from None
    if found != mark:
        raise CursorMismatch(argument)
    return read


def _value(column: Column, value: Any) -> Hashable:
    return None if value is None and column.nullable else _READERS[column.kind](value)


def _text(value: Any) -> str:
    if type(value) is not str or "\0" in value:
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise TypeError
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise TypeError
    return moment.astimezone(UTC)


_READERS: Mapping[Kind, Callable[[Any], Hashable]] = {
    Kind.UUID: UUID,
    Kind.DATE: date.fromisoformat,
    Kind.MOMENT: _moment,
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
}
"""How each kind that can be ordered by comes out of a cursor."""
