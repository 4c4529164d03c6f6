"""Reading of decoded JSON by its described shape: what is missing or ill-typed is refused.

Unknown fields are left alone: Plaid adds some without a new version of its API. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

Document = Mapping[str, object]
Translated = TypeVar("Translated")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ID = re.compile(r"[!-~]{1,128}", re.ASCII)


class Malformed(Exception):
    """`path` leads to the field that breaks the described shape; its value is not repeated."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} {problem}")


def document_of(value: object, path: str) -> Document:
    """`value` as an object."""
    if not isinstance(value, dict):
        raise Malformed(path, "is not an object")
    return value


def member(document: Document, name: str) -> Document:
    """The object under `name`."""
    return document_of(document.get(name), name)


def member_or_none(document: Document, name: str) -> Document | None:
    """The object under `name`; None where it is absent or null."""
    return None if document.get(name) is None else member(document, name)


def each(
    document: Document, name: str, translate: Callable[[Document], Translated]
) -> Sequence[Translated]:
    """Every object of the list under `name`, translated; a problem names its index."""
    listed = document.get(name)
    if not isinstance(listed, list):
        raise Malformed(name, "is not a list")
    return [_at(f"{name}[{at}]", entry, translate) for at, entry in enumerate(listed)]


def _at(path: str, entry: object, translate: Callable[[Document], Translated]) -> Translated:
    try:
        return translate(document_of(entry, ""))
    except Malformed as problem:
        inner = f".{problem.path}" if problem.path else ""
        raise Malformed(path + inner, problem.problem) from None


def text(document: Document, name: str) -> str:
    """The text under `name`; may be empty."""
    value = document.get(name)
    if not isinstance(value, str):
        raise Malformed(name, "is not a text")
    return value


def text_or_none(document: Document, name: str) -> str | None:
    """The text under `name`; None where it is absent or null."""
    return None if document.get(name) is None else text(document, name)


def identifier(document: Document, name: str) -> str:
    """An id: 1 to 128 visible ASCII characters, kept as it is (ids are case-sensitive)."""
    value = text(document, name)
    if not _ID.fullmatch(value):
        raise Malformed(name, "is not an id")
    return value


def identifier_or_none(document: Document, name: str) -> str | None:
    """An id; None where it is absent or null."""
    return None if document.get(name) is None else identifier(document, name)


def flag(document: Document, name: str) -> bool:
    """The boolean under `name`."""
    value = document.get(name)
    if not isinstance(value, bool):
        raise Malformed(name, "is neither true nor false")
    return value


def number(document: Document, name: str) -> Decimal:
    """The number under `name`, exact. Texts that look like numbers are none."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Malformed(name, "is not a number")
    return Decimal(value)


def number_or_none(document: Document, name: str) -> Decimal | None:
    """The number under `name`; None where it is absent or null."""
    return None if document.get(name) is None else number(document, name)


def day(document: Document, name: str) -> date:
    """A date in the one form YYYY-MM-DD."""
    value = text(document, name)
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else _no_day(name)
    except ValueError:
        raise Malformed(name, "is not a date") from None


def day_or_none(document: Document, name: str) -> date | None:
    """A date; None where it is absent or null."""
    return None if document.get(name) is None else day(document, name)


def moment_or_none(document: Document, name: str) -> datetime | None:
    """An RFC 3339 moment as aware UTC; None where it is absent or null.

    Without an offset it is taken as UTC, as Plaid's documentation says of its moments.
    """
    if document.get(name) is None:
        return None
    try:
        moment = datetime.fromisoformat(text(document, name))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(name, "is not a moment") from None


def _no_day(name: str) -> date:
    raise Malformed(name, "is not a date")
