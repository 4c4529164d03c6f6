"""A small language for what a request may hold, as strict as Plaid's own check. Pure.

A shape is a function from (value, path) to the value; it raises PlaidError with MISSING_FIELDS,
UNKNOWN_FIELDS or INVALID_FIELD and names the path.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from fakebank.plaid.errors import PlaidError

Shape = Callable[[Any, str], Any]


def _refuse(path: str, wanted: str) -> PlaidError:
    return PlaidError("INVALID_FIELD", f"{path} must be {wanted}")


def anything(value: Any, path: str) -> Any:
    """Takes what comes: for fields that the sandbox has no use for."""
    return value


def boolean(value: Any, path: str) -> Any:
    """true or false."""
    if not isinstance(value, bool):
        raise _refuse(path, "a boolean")
    return value


def text(*, shortest: int = 0, longest: int | None = None) -> Shape:
    """A string of so many characters."""

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, str):
            raise _refuse(path, "a string")
        if len(value) < shortest:
            raise _refuse(path, "a non-empty string")
        if longest is not None and len(value) > longest:
            raise _refuse(path, f"at most {longest} characters long")
        return value

    return check


def integer(*, least: int, most: int | None = None) -> Shape:
    """A whole number within bounds."""

    def check(value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refuse(path, "an integer")
        if value < least or (most is not None and value > most):
            raise _refuse(path, f"between {least} and {most}" if most else f"at least {least}")
        return value

    return check


def number(value: Any, path: str) -> Any:
    """A JSON number, whole or not."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refuse(path, "a number")
    return value


def day(value: Any, path: str) -> Any:
    """A date as YYYY-MM-DD; gives a date."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _refuse(path, "a date as YYYY-MM-DD") from None


def url(value: Any, path: str) -> Any:
    """An http or https address with a host."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refuse(path, "a valid URL")
    return value


def one_of(*choices: str) -> Shape:
    """One of these words."""

    def check(value: Any, path: str) -> Any:
        if value not in choices:
            raise _refuse(path, "one of " + ", ".join(choices))
        return value

    return check


def many(each: Shape, *, fewest: int = 0) -> Shape:
    """A list whose members have one shape."""

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise _refuse(path, "an array")
        if len(value) < fewest:
            raise _refuse(path, f"an array with at least {fewest} member")
        return [each(member, f"{path}[{n}]") for n, member in enumerate(value)]

    return check


def nullable(shape: Shape) -> Shape:
    """The shape, or null."""
    return lambda value, path: None if value is None else shape(value, path)


def record(required: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Shape:
    """An object with these fields and no others."""
    known = required | (optional or {})

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _refuse(path or "the body", "an object")
        prefix = f"{path}." if path else ""
        if unknown := [prefix + name for name in value if name not in known]:
            raise PlaidError(
                "UNKNOWN_FIELDS",
                f"the following fields are not recognized by this endpoint: {', '.join(unknown)}",
            )
        if missing := [prefix + name for name in required if name not in value]:
            raise PlaidError(
                "MISSING_FIELDS", "the following required fields are missing: " + ", ".join(missing)
            )
        return {name: known[name](each, prefix + name) for name, each in value.items()}

    return check
