"""Conditions on rows as values, and the one SQL that says them on both databases.

A condition is true or false, never unknown: a comparison with null is false, and `Not` of it is
true. Texts compare by code point after ASCII letters are folded to lower case, which is what
SQLite's `lower` and PostgreSQL's `lower` under the collation "C" both do, so that no installed
locale changes an answer.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from typing import Any

from counterfoil.kit.sql import on_sqlite

_MOST_DIGITS = 18  # of a currency, and of an amount in minor units
_LARGEST = 2**63 - 1


class Kind(StrEnum):
    """How a column's values are stored, compared and written into a cursor."""

    TEXT = "TEXT"
    UUID = "UUID"
    DATE = "DATE"
    MOMENT = "MOMENT"
    WHOLE = "WHOLE"
    BOOLEAN = "BOOLEAN"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Column:
    """An SQL expression over a row, and the `alias` of the table that it needs.

    `exponent_sql` is set where it counts minor units.
    """

    sql: str
    kind: Kind
    nullable: bool
    exponent_sql: str | None = None
    alias: str = ""


class Operator(StrEnum):
    """How a column is compared. CONTAINS and STARTS_WITH fold ASCII letters, EQ does not."""

    EQ = "EQ"
    IN = "IN"
    GT = "GT"
    GTE = "GTE"
    LT = "LT"
    LTE = "LTE"
    CONTAINS = "CONTAINS"
    STARTS_WITH = "STARTS_WITH"
    IS_NULL = "IS_NULL"


@dataclass(frozen=True, slots=True)
class Compare:
    """One column against one value: for IN a tuple, against minor units a Decimal."""

    column: Column
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; true without parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; false without parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Compare | AllOf | AnyOf | Not
ALWAYS = AllOf(())


def columns_in(condition: Condition) -> Iterator[Column]:
    """Every column that a condition compares, as often as it does."""
    match condition:
        case Compare(column):
            yield column
        case Not(part):
            yield from columns_in(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from columns_in(part)


@dataclass(slots=True)
class Parameters:
    """The values of a statement, each named `$n` in the order of arrival; equal ones once."""

    values: list[object] = field(default_factory=list)
    _places: dict[object, str] = field(default_factory=dict)

    def add(self, value: Hashable) -> str:
        """The place of a value."""
        known = (type(value), value)
        if known not in self._places:
            self.values.append(value)
            self._places[known] = f"${len(self.values)}"
        return self._places[known]


def fold(text: str) -> str:
    """`text` with its ASCII letters in lower case, as the databases' `folded` has it."""
    return text.encode().lower().decode()


def folded(sql: str) -> str:
    """The expression by which a text is ordered and searched."""
    return f"lower({sql})" if on_sqlite() else f'lower({sql} COLLATE "C")'


def to_sql(condition: Condition, parameters: Parameters, *, negated: bool = False) -> str:
    """The condition as SQL that is never unknown where it decides.

    `Not` is pushed down to the comparisons: above them only AND and OR remain, under which
    unknown counts as false.
    """
    match condition:
        case Not(part):
            return to_sql(part, parameters, negated=not negated)
        case AllOf(parts):
            return _joined(parts, parameters, negated, "OR" if negated else "AND")
        case AnyOf(parts):
            return _joined(parts, parameters, negated, "AND" if negated else "OR")
        case Compare():
            return _comparison(condition, parameters, negated)


def _joined(parts: Sequence[Condition], parameters: Parameters, negated: bool, word: str) -> str:
    if not parts:
        return "1 = 1" if word == "AND" else "1 = 0"
    return "(" + f" {word} ".join(to_sql(p, parameters, negated=negated) for p in parts) + ")"


def _comparison(compare: Compare, parameters: Parameters, negated: bool) -> str:
    column = compare.column
    if compare.operator is Operator.IS_NULL:
        wanted = bool(compare.value) is not negated
        return f"{column.sql} IS {'' if wanted else 'NOT '}NULL"
    test = _positive(compare, parameters)
    if not negated:
        return test
    return f"(NOT ({test}) OR {column.sql} IS NULL)" if column.nullable else f"NOT ({test})"


_SIGNS = {
    Operator.EQ: "=",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
}


def _positive(compare: Compare, parameters: Parameters) -> str:
    column, value = compare.column, compare.value
    match compare.operator:
        case Operator.IN:
            places = ", ".join(parameters.add(each) for each in value)
            return f"{column.sql} IN ({places})" if places else "1 = 0"
        case Operator.CONTAINS:
            place = parameters.add(fold(str(value)))
            within = "instr" if on_sqlite() else "strpos"
            return f"{within}({folded(column.sql)}, {place}) > 0"
        case Operator.STARTS_WITH:
            start = fold(str(value))
            place, length = parameters.add(start), len(start)
            return f"substr({folded(column.sql)}, 1, {length}) = {place}"
        case Operator.EQ if column.kind is Kind.BOOLEAN:
            return column.sql if value else f"NOT {column.sql}"  # bare: EXISTS can be joined
        case operator if column.exponent_sql is not None:
            return _amount(column, operator, value, parameters)
        case operator:
            return f"{column.sql} {_SIGNS[operator]} {parameters.add(value)}"


def _amount(column: Column, operator: Operator, value: Decimal, parameters: Parameters) -> str:
    """Compare minor units with a decimal: exactly, whatever digits each row's currency has."""
    cases = " ".join(
        f"WHEN {digits} THEN CAST({parameters.add(bound(value, digits, operator))} AS BIGINT)"
        for digits in range(_MOST_DIGITS + 1)
    )
    return f"{column.sql} {_SIGNS[operator]} CASE {column.exponent_sql} {cases} END"


def bound(value: Decimal, digits: int, operator: Operator) -> int:
    """The whole number of minor units that decides `amount <operator> value`.

    A value between two minor units equals none: it becomes a number that no amount reaches.
    """
    if value and value.adjusted() + digits >= _MOST_DIGITS:
        return _LARGEST if value > 0 else -_LARGEST
    exact = Context(prec=len(value.as_tuple().digits) + _MOST_DIGITS)
    scaled = exact.scaleb(value, digits)
    upward = operator in (Operator.GTE, Operator.LT)
    whole = scaled.to_integral_value(ROUND_CEILING if upward else ROUND_FLOOR, exact)
    if operator is Operator.EQ and whole != scaled:
        return _LARGEST
    return int(whole)
