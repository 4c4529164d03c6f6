"""Typed filters, and how they become conditions.

Each operator that is given must hold. A comparison with a missing value is false, also `ne`'s
opposite `eq`; `not` turns a filter round exactly, so that rows without a value come in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry import UNSET

from counterfoil.api import ids
from counterfoil.api.enums import (
    AccountType,
    BankTransactionState,
    EntrySource,
    JournalEntryState,
    LedgerAccountType,
    LinkStatusCode,
)
from counterfoil.errors import InvalidInput
from counterfoil.kit.conditions import AllOf, AnyOf, Compare, Condition, Not, Operator
from counterfoil.kit.table import Table

T = TypeVar("T")

_DEEPEST = 8
_MOST_COMPARISONS = 100
_MOST_VALUES = 1000
_LONGEST_TEXT = 500
LONGEST_SEARCH = 200
ANY_TYPE = "Node"
"""For `Filterable.of`, where the id may be of any object."""
_MOST_STEPS = 4


class FilterTooLarge(InvalidInput):
    """More nested, or with more parts, than any list needs."""

    def __init__(self) -> None:
        super().__init__(
            f"This filter is too large: at most {_DEEPEST} levels, {_MOST_COMPARISONS} comparisons,"
            f" {_MOST_VALUES:,} values.",
            field=("where",),
        )


class TextTooLong(InvalidInput):
    """A text to look for that is longer than any that is found."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"A text to look for has at most {limit} characters.")


class OrderTooLong(InvalidInput):
    """More steps than an order needs."""

    def __init__(self) -> None:
        super().__init__(f"An order has at most {_MOST_STEPS} steps.", field=("order_by",))


class OperatorIsNull(InvalidInput):
    """An operator was given null, which compares with nothing."""

    def __init__(self) -> None:
        super().__init__(
            "An operator of a filter is null. Leave it out, or ask for rows without a value "
            "with `isNull: true`.",
            field=("where",),
        )


class TextNotStorable(InvalidInput):
    """A text with NUL or half a character in it, which no row can hold."""

    def __init__(self) -> None:
        super().__init__("A text holds characters that no text here can hold.", field=("where",))


def operator(description: str, *, name: str | None = None) -> Any:
    """An optional operator of a filter."""
    return strawberry.field(default=UNSET, description=description, name=name)


@strawberry.input(description="Compares a text. Every operator that is given must hold.")
class StringFilter:
    eq: str | None = operator("Exactly this text, in this case.")
    ne: str | None = operator("Any other text, or none.")
    in_: list[str] | None = operator("One of these texts, at most 1,000.", name="in")
    contains: str | None = operator("Has this within; ASCII letters match in either case.")
    starts_with: str | None = operator("Begins with this; ASCII letters match in either case.")
    is_null: bool | None = operator("True: has no value. False: has one.")


@strawberry.input(description="Compares an id. Ids that belong to nothing match nothing.")
class IDFilter:
    eq: strawberry.ID | None = operator("This object.")
    in_: list[strawberry.ID] | None = operator("One of these, at most 1,000.", name="in")
    is_null: bool | None = operator("True: there is none. False: there is one.")


@strawberry.input(description="Compares a day of the calendar, without time zones.")
class DateFilter:
    eq: date | None = operator("On this day.")
    gte: date | None = operator("On this day or later.")
    lte: date | None = operator("On this day or earlier.")
    gt: date | None = operator("Later than this day.")
    lt: date | None = operator("Earlier than this day.")
    is_null: bool | None = operator("True: has no value. False: has one.")


@strawberry.input(description="Compares a moment.")
class DateTimeFilter:
    eq: datetime | None = operator("At this very moment.")
    gte: datetime | None = operator("At this moment or later.")
    lte: datetime | None = operator("At this moment or earlier.")
    gt: datetime | None = operator("Later.")
    lt: datetime | None = operator("Earlier.")
    is_null: bool | None = operator("True: has no value. False: has one.")


@strawberry.input(
    description=(
        "Compares an amount in units of its own currency (12.5 is 12.50 USD, and 12.5 JPY never "
        "occurs). Filter by currency as well where several are in use."
    )
)
class DecimalFilter:
    eq: Decimal | None = operator("This amount.")
    gte: Decimal | None = operator("This amount or more; signs count, -5 is less than 3.")
    lte: Decimal | None = operator("This amount or less.")
    gt: Decimal | None = operator("More.")
    lt: Decimal | None = operator("Less.")
    is_null: bool | None = operator("True: has no value. False: has one.")


@strawberry.input(description="Compares a yes or no.")
class BooleanFilter:
    eq: bool | None = operator("This one.")


@strawberry.input(description="Compares the type of a bank account.")
class BankAccountTypeFilter:
    eq: AccountType | None = operator("This type.")
    in_: list[AccountType] | None = operator("One of these types.", name="in")
    ne: AccountType | None = operator("Any other type.")


@strawberry.input(description="Compares the status of a login; an account without one is MANUAL.")
class LinkStatusCodeFilter:
    eq: LinkStatusCode | None = operator("This status.")
    in_: list[LinkStatusCode] | None = operator("One of these.", name="in")
    ne: LinkStatusCode | None = operator("Any other status.")


@strawberry.input(description="Compares the type of a ledger account.")
class LedgerAccountTypeFilter:
    eq: LedgerAccountType | None = operator("This type.")
    in_: list[LedgerAccountType] | None = operator("One of these types.", name="in")


@strawberry.input(description="Compares the state of a bank line.")
class BankTransactionStateFilter:
    eq: BankTransactionState | None = operator("This state.")
    in_: list[BankTransactionState] | None = operator("One of these states.", name="in")
    ne: BankTransactionState | None = operator("Any other state.")


@strawberry.input(description="Compares the state of a journal entry.")
class JournalEntryStateFilter:
    eq: JournalEntryState | None = operator("This state.")
    in_: list[JournalEntryState] | None = operator("One of these states.", name="in")


@strawberry.input(description="Compares where a journal entry came from.")
class EntrySourceFilter:
    eq: EntrySource | None = operator("This source.")
    in_: list[EntrySource] | None = operator("One of these sources.", name="in")


_OPERATORS = {
    "eq": Operator.EQ,
    "in_": Operator.IN,
    "contains": Operator.CONTAINS,
    "starts_with": Operator.STARTS_WITH,
    "gt": Operator.GT,
    "gte": Operator.GTE,
    "lt": Operator.LT,
    "lte": Operator.LTE,
    "is_null": Operator.IS_NULL,
}


@dataclass(frozen=True, slots=True)
class Filterable:
    """What a filter's field compares: a column, for ids with the type that they must have.

    Where `only` is given nothing matches unless that column is true as well.
    """

    column: str
    of: str | None = None
    only: str | None = None


@dataclass(slots=True)
class Conditions:
    """Builds the condition of one `where`."""

    table: Table
    fields: Mapping[str, Filterable]
    _comparisons: int = 0
    _values: int = 0

    def of(self, where: Any, depth: int = 0) -> Condition:
        """The condition that a `where` input states; without one, always true.

        Raises:
            FilterTooLarge, OperatorIsNull, TextNotStorable: see there.
        """
        if where is None or where is UNSET:
            return AllOf(())
        if depth > _DEEPEST:
            raise FilterTooLarge
        parts = [
            self._part(entry.name, value, depth)
            for entry in dataclasses.fields(where)
            if (value := getattr(where, entry.name)) is not UNSET and value is not None
        ]
        return AllOf(tuple(parts))

    def _part(self, name: str, value: Any, depth: int) -> Condition:
        match name:
            case "and_":
                return AllOf(tuple(self.of(each, depth + 1) for each in value))
            case "or_":
                return AnyOf(tuple(self.of(each, depth + 1) for each in value))
            case "not_":
                return Not(self.of(value, depth + 1))
            case _:
                return self._comparison(self.fields[name], value)

    def _comparison(self, field: Filterable, given: Any) -> Condition:
        parts = []
        for entry in dataclasses.fields(given):
            value = getattr(given, entry.name)
            if value is not UNSET:
                parts.append(self._one(field, entry.name, value))
        self._comparisons += len(parts)
        if self._comparisons > _MOST_COMPARISONS:
            raise FilterTooLarge
        if field.only is not None:
            parts.append(Compare(self.table.column(field.only), Operator.EQ, True))
        return AllOf(tuple(parts))

    def _one(self, field: Filterable, name: str, value: Any) -> Condition:
        if value is None:
            raise OperatorIsNull
        column = self.table.column(field.column)
        if name == "ne":
            return Not(Compare(column, Operator.EQ, _plain(value)))
        operation = _OPERATORS[name]
        if operation is Operator.IS_NULL:
            return Compare(column, operation, bool(value))
        self._bound(value)
        if field.of is not None:
            return _ids(field.of, column, value)
        if operation is Operator.IN:
            return Compare(column, operation, tuple(_plain(each) for each in value))
        return Compare(column, operation, _plain(value))

    def _bound(self, value: Any) -> None:
        self._values += len(value) if isinstance(value, list) else 1
        if self._values > _MOST_VALUES:
            raise FilterTooLarge


def _ids(type_name: str, column: Any, value: Any) -> Condition:
    given = value if isinstance(value, list) else [value]
    parsed = [ids.parse(each) for each in given]
    known = tuple(found[1] for found in parsed if found and type_name in (ANY_TYPE, found[0]))
    return Compare(column, Operator.IN, known)


def _plain(value: Any) -> object:
    """A value as the database knows it: an enum's name, a text that can be stored."""
    if isinstance(value, Enum):
        return value.value
    return storable(value) if isinstance(value, str) else value


def storable(text: str, *, limit: int = _LONGEST_TEXT) -> str:
    """The text, if a row could hold it.

    Raises:
        TextNotStorable: NUL, or half a character. TextTooLong: longer than `limit` characters.
    """
    if len(text) > limit:
        raise TextTooLong(limit)
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise TextNotStorable
    return text


def steps(order_by: list[T] | None) -> list[T]:
    """The steps of an order, of which there may be none.

    Raises:
        OrderTooLong: more than four.
    """
    if order_by is not None and len(order_by) > _MOST_STEPS:
        raise OrderTooLong
    return order_by or []


def searching(table: Table, names: tuple[str, ...], text: str | None) -> Condition:
    """Every word of `text` occurs in one of the columns `names`.

    Raises:
        TextNotStorable, TextTooLong: see `storable`.
    """
    words = storable(text or "", limit=LONGEST_SEARCH).split()
    columns = [table.column(name) for name in names]
    return AllOf(
        tuple(
            AnyOf(tuple(Compare(column, Operator.CONTAINS, word) for column in columns))
            for word in words
        )
    )
