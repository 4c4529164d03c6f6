"""The scalars of the API: exact in both directions, and refused when they are not.

A value that is refused says what it should have looked like. Money never passes as a JSON number,
because most JSON readers make a binary fraction of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.money import UNOFFICIAL

CurrencyCode = NewType("CurrencyCode", str)
Cursor = NewType("Cursor", str)

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_UNOFFICIAL_CODE = re.compile(r"X:[\x21-\x7e]{1,18}")
_CURSOR_LIMIT = 8000  # characters; a cursor holds the values that the list is sorted by


def _text(value: object, *, expected: str) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"Expected {expected}, as a string.")
    return value


def parse_decimal(value: object) -> Decimal:
    """A plain decimal number with at most 18 digits on each side of the point; never rounded.

    Raises:
        GraphQLError: a JSON number, an exponent, a plus sign, leading zeros, or no number.
    """
    expected = 'a plain decimal number such as "-12.50"'
    text = _text(value, expected=expected)
    if _DECIMAL.fullmatch(text) is None:
        raise GraphQLError(f"Expected {expected}, with at most 18 digits on each side.")
    return Decimal(text)


def serialize_decimal(value: object) -> str:
    """The digits that `value` has, without an exponent and never as a negative zero."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"not a decimal number: {value!r}")
    return f"{value.copy_abs() if value.is_zero() else value:f}"


def parse_date(value: object) -> date:
    """A day of the calendar, which no time zone moves.

    Raises:
        GraphQLError: not `YYYY-MM-DD`, or no such day.
    """
    expected = 'a date such as "2026-01-31"'
    text = _text(value, expected=expected)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise GraphQLError(f"Expected {expected}.")


def parse_moment(value: object) -> datetime:
    """A moment with its offset (RFC 3339, section 5.6), as UTC with at most microseconds.

    Raises:
        GraphQLError: without an offset, or no such moment.
    """
    expected = 'a moment such as "2026-01-31T18:30:00.000Z"'
    found = _MOMENT.fullmatch(_text(value, expected=expected))
    if found is None:
        raise GraphQLError(f"Expected {expected}.")
    day, time, fraction, offset = found.groups()
    try:
        text = f"{day}T{time}{(fraction or '')[:7]}{'+00:00' if offset in 'Zz' else offset}"
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError(f"Expected {expected}.") from None


def serialize_moment(value: object) -> str:
    """UTC with Z and milliseconds: "2026-01-31T18:30:00.000Z"."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"not an aware moment: {value!r}")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_currency(value: object) -> str:
    """An ISO 4217 code in use, or `X:` and an aggregator's own code.

    Raises:
        GraphQLError: neither of them.
    """
    expected = 'a currency code of ISO 4217 such as "EUR"'
    text = _text(value, expected=expected)
    if text in EXPONENTS or (text.startswith(UNOFFICIAL) and _UNOFFICIAL_CODE.fullmatch(text)):
        return text
    raise GraphQLError(f"Expected {expected}.")


def parse_cursor(value: object) -> str:
    """A cursor as it was given out; what is inside is nobody's business but the server's.

    Raises:
        GraphQLError: longer than any cursor, or empty.
    """
    text = _text(value, expected="a cursor that this API gave")
    if not 0 < len(text) <= _CURSOR_LIMIT:
        raise GraphQLError("Expected a cursor that this API gave.")
    return text


def _serialize_date(value: object) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(f"not a date: {value!r}")
    return value.isoformat()


def _scalar(
    name: str,
    *,
    description: str,
    specified_by: str,
    serialize: Callable[[object], object],
    parse: Callable[[object], object],
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=specified_by,
        serialize=serialize,
        parse_value=parse,
    )


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: _scalar(
        "Decimal",
        description=(
            "An exact decimal number as a string, such as `-12.50`. An amount of money has "
            "exactly the digits of its currency; there is never an exponent and never `-0`. "
            "As input a string as well: at most 18 digits on each side of the point, and an "
            "amount with more digits than its currency has is an error, never rounded."
        ),
        specified_by="https://www.w3.org/TR/xmlschema-2/#decimal",
        serialize=serialize_decimal,
        parse=parse_decimal,
    ),
    date: _scalar(
        "Date",
        description=(
            "A day of the calendar, `YYYY-MM-DD`, as a bank prints it. It belongs to no time "
            "zone and is never moved by one."
        ),
        specified_by="https://datatracker.ietf.org/doc/html/rfc3339#section-5.6",
        serialize=_serialize_date,
        parse=parse_date,
    ),
    datetime: _scalar(
        "DateTime",
        description=(
            "A moment in UTC with milliseconds, `2026-01-31T18:30:00.000Z`. As input any offset, "
            "but always one."
        ),
        specified_by="https://datatracker.ietf.org/doc/html/rfc3339#section-5.6",
        serialize=serialize_moment,
        parse=parse_moment,
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        description=(
            "A currency: its ISO 4217 code, or `X:` and an aggregator's own code for what is no "
            "official currency. Amounts in the latter are shown and not bookable."
        ),
        specified_by="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse=parse_currency,
    ),
    Cursor: _scalar(
        "Cursor",
        description=(
            "A place in a list. Pass it back unchanged, with the same `where` and `orderBy`; what "
            "it contains may change at any time."
        ),
        specified_by="https://relay.dev/graphql/connections.htm#sec-Cursor",
        serialize=str,
        parse=parse_cursor,
    ),
}
"""What Python's types are in the schema, for the schema's configuration."""
