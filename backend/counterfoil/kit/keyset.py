"""Pages by keyset: each begins exactly after a row, whatever was inserted or removed meanwhile.

Nulls come last, in either direction. Ties go by the row's id, in the direction of the last key,
so that the order is total. A cursor holds the keys of its row and a mark of the question that
it belongs to; used with another question it is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from counterfoil.kit.conditions import (
    ALWAYS,
    Column,
    Condition,
    Kind,
    Parameters,
    columns_in,
    folded,
    to_sql,
)
from counterfoil.kit.cursors import pack, unpack
from counterfoil.kit.sql import fetch
from counterfoil.kit.table import Row, Select, Table, fetched

_KEY = "key.{}"
_PLACE = "place"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that rows are ordered by. A `fixed` key ascends in either direction."""

    name: str
    descending: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows of a table, in which order. `scope` is whose they are, and is not the caller's."""

    table: Table
    scope: Condition
    where: Condition = ALWAYS
    order: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The order made total by the row's id."""
        last = Key(
            f"{self.table.alias}.id", descending=bool(self.order) and self.order[-1].descending
        )
        return (*self.order, last)

    @property
    def mark(self) -> str:
        """Tells questions apart; equal ones have equal marks, also in another process."""
        asked = repr((self.table.alias, self.scope, self.where, self.order))
        return hashlib.sha256(asked.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the answer: `size` rows after or before a cursor.

    With `from_after` the row of the cursor `after` itself is the first.
    """

    size: int
    after: str | None = None
    before: str | None = None
    backwards: bool = False
    from_after: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the question's order, and whether there are more on either side."""

    question: Question
    rows: Sequence[Row]
    has_next: bool
    has_previous: bool

    def cursor(self, row: Row) -> str:
        """The cursor of one of the rows; they must have been read with their keys."""
        return _cursor(self.question, row)


def check_cursors(question: Question, part: Slice) -> None:
    """Read a slice's cursors where its rows are not read.

    Raises:
        CursorMismatch: one is not of this question.
    """
    if part.after is not None:
        _keys(question, part.after, "after")
    if part.before is not None:
        _keys(question, part.before, "before")


async def read_page(
    question: Question, part: Slice, *, names: Sequence[str], with_keys: bool
) -> Page:
    """Read one part in one statement; `with_keys` where cursors will be asked for.

    Raises:
        CursorMismatch: a cursor is not one of this question's.
    """
    parameters = Parameters()
    select = _select(question, part, names, with_keys, parameters)
    return _page(question, part, await fetched(select, parameters))


async def read_pages(
    questions: Sequence[Question], part: Slice, *, names: Sequence[str]
) -> Sequence[Page]:
    """The same part of questions of one table in one order, in one statement for all.

    Raises:
        CursorMismatch: a cursor is not one of these questions'.
    """
    parameters = Parameters()
    selects = [_select(each, part, names, True, parameters) for each in questions]
    union = " UNION ALL ".join(
        f"SELECT {place} AS place, part.* FROM ({select.sql}) AS part"  # noqa: S608
        for place, select in enumerate(selects)
    )
    ordered = [
        _Ordered(replace(key.column, sql=f'"{_KEY.format(number)}"'), key.descending)
        for number, key in enumerate(_ordered(questions[0]))
    ]
    together = Select(
        f"SELECT * FROM ({union}) AS parts ORDER BY place, {_order_by(ordered, part.backwards)}",  # noqa: S608
        {_PLACE: Column(_PLACE, Kind.WHOLE, nullable=False), **selects[0].columns},
    )
    found: list[list[Row]] = [[] for _ in questions]
    for row in await fetched(together, parameters):
        found[row[_PLACE]].append(row)
    return [_page(each, part, rows) for each, rows in zip(questions, found, strict=True)]


def _select(
    question: Question, part: Slice, names: Sequence[str], with_keys: bool, parameters: Parameters
) -> Select:
    ordered = _ordered(question)
    return question.table.select(
        names,
        using=[*_compared(question), *(key.column for key in ordered)],
        extra=_key_columns(ordered) if with_keys else None,
        where=" AND ".join(_where(question, part, ordered, parameters)),
        tail=f"ORDER BY {_order_by(ordered, part.backwards)} LIMIT {part.size + 1}",
    )


def _where(
    question: Question, part: Slice, ordered: Sequence[_Ordered], parameters: Parameters
) -> Sequence[str]:
    where = [to_sql(question.scope, parameters), to_sql(question.where, parameters)]
    if part.after is not None:
        values = _keys(question, part.after, "after")
        beyond = _beyond(ordered, values, parameters, backwards=False)
        if part.from_after:
            beyond = f"({beyond} OR {ordered[-1].column.sql} = {parameters.add(values[-1])})"
        where.append(beyond)
    if part.before is not None:
        values = _keys(question, part.before, "before")
        where.append(_beyond(ordered, values, parameters, backwards=True))
    return where


def _page(question: Question, part: Slice, rows: Sequence[Row]) -> Page:
    more, kept = len(rows) > part.size, rows[: part.size]
    if part.backwards:
        return Page(question, kept[::-1], part.before is not None, more)
    return Page(question, kept, more, part.after is not None)


async def cursor_of(question: Question, row_id: UUID) -> str | None:
    """The cursor of the row with this id; None when it is not among the answers."""
    parameters, ordered = Parameters(), _ordered(question)
    where = [to_sql(question.scope, parameters), to_sql(question.where, parameters)]
    where.append(f"{question.table.column(question.keys[-1].name).sql} = {parameters.add(row_id)}")
    rows = await question.table.rows(
        (),
        using=[*_compared(question), *(key.column for key in ordered)],
        extra=_key_columns(ordered),
        where=" AND ".join(where),
        parameters=parameters,
    )
    return _cursor(question, rows[0]) if rows else None


async def counts(questions: Sequence[Question], *, most: int) -> Sequence[int | None]:
    """How many rows answer each question, in one statement; None when more than `most`."""
    parameters = Parameters()
    union = " UNION ALL ".join(
        f"SELECT {place} AS place, count(*) AS number FROM ({inner}) AS part"  # noqa: S608
        for place, inner in enumerate(_countable(each, most, parameters) for each in questions)
    )
    found = {row["place"]: row["number"] for row in await fetch(union, *parameters.values)}
    return [found[place] if found[place] <= most else None for place in range(len(questions))]


def _countable(question: Question, most: int, parameters: Parameters) -> str:
    where = [to_sql(question.scope, parameters), to_sql(question.where, parameters)]
    select = question.table.select(
        (), using=_compared(question), where=" AND ".join(where), tail=f"LIMIT {most + 1}"
    )
    return select.sql


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A key with what the database compares: a text folded, anything else as it is."""

    column: Column
    descending: bool


def _compared(question: Question) -> Sequence[Column]:
    return [*columns_in(question.scope), *columns_in(question.where)]


def _ordered(question: Question) -> Sequence[_Ordered]:
    return [
        _Ordered(_sortable(question.table.column(key.name)), key.descending and not key.fixed)
        for key in question.keys
    ]


def _sortable(column: Column) -> Column:
    return replace(column, sql=folded(column.sql)) if column.kind is Kind.TEXT else column


def _key_columns(ordered: Sequence[_Ordered]) -> Mapping[str, Column]:
    return {_KEY.format(place): key.column for place, key in enumerate(ordered)}


def _order_by(ordered: Sequence[_Ordered], backwards: bool) -> str:
    terms = []
    for key in ordered:
        if key.column.nullable:
            terms.append(f"({key.column.sql} IS NULL) {'DESC' if backwards else 'ASC'}")
        terms.append(f"{key.column.sql} {'DESC' if key.descending is not backwards else 'ASC'}")
    return ", ".join(terms)


def _beyond(
    ordered: Sequence[_Ordered],
    values: Sequence[Hashable],
    parameters: Parameters,
    *,
    backwards: bool,
) -> str:
    """The rows that come after (or before) the one whose keys are `values`."""
    downward = {key.descending is not backwards for key in ordered}
    columns = [key.column for key in ordered]
    if len(downward) == 1 and not any(column.nullable for column in columns):
        left = ", ".join(column.sql for column in columns)
        places = [parameters.add(value) for value in values]
        sign = "<" if downward.pop() else ">"
        beyond = f"({left}) {sign} ({', '.join(places)})"
        if len({column.alias for column in columns}) == 1:
            return beyond
        return f"{columns[0].sql} {sign}= {places[0]} AND {beyond}"  # for an index on the first
    return _one_key_at_a_time(ordered, values, parameters, backwards=backwards)


def _one_key_at_a_time(
    ordered: Sequence[_Ordered],
    values: Sequence[Hashable],
    parameters: Parameters,
    *,
    backwards: bool,
) -> str:
    places = [None if value is None else parameters.add(value) for value in values]
    ways, equal = [], list[str]()
    for key, place in zip(ordered, places, strict=True):
        if (further := _further(key, place, backwards=backwards)) is not None:
            ways.append(" AND ".join([*equal, further]))
        equal.append(_same(key.column, place))
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"


def _same(column: Column, place: str | None) -> str:
    return f"{column.sql} IS NULL" if place is None else f"{column.sql} = {place}"


def _further(key: _Ordered, place: str | None, *, backwards: bool) -> str | None:
    """Rows beyond a value of this key; beyond null there are none, before it all that are not."""
    column = key.column
    if place is None:
        return f"{column.sql} IS NOT NULL" if backwards else None
    beyond = f"{column.sql} {'<' if key.descending is not backwards else '>'} {place}"
    return f"({beyond} OR {column.sql} IS NULL)" if column.nullable and not backwards else beyond


def _cursor(question: Question, row: Row) -> str:
    return pack(question.mark, [row[_KEY.format(place)] for place in range(len(question.keys))])


def _keys(question: Question, cursor: str, argument: str) -> Sequence[Hashable]:
    columns = [question.table.column(key.name) for key in question.keys]
    return unpack(cursor, mark=question.mark, columns=columns, argument=argument)
