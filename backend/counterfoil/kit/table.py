"""A table with its joins, of which a reader fetches only the columns that were asked for.

Columns are named `alias.column` ("bank_account.name"). A join is added only when one of its
columns is asked for, filtered or ordered by. Rows are the driver's own on PostgreSQL and dicts
on SQLite; both are read as `row["bank_account.name"]` and hold the same Python values, except
that JSON is its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import Model, fields

from counterfoil.kit.conditions import Column, Kind, Parameters
from counterfoil.kit.sql import fetch_records, on_sqlite

Row = Mapping[str, Any]

_KINDS: Sequence[tuple[type[Any], Kind]] = (
    (fields.UUIDField, Kind.UUID),
    (fields.DatetimeField, Kind.MOMENT),
    (fields.DateField, Kind.DATE),
    (fields.BooleanField, Kind.BOOLEAN),
    (fields.JSONField, Kind.JSON),
    (fields.IntField, Kind.WHOLE),
    (fields.BigIntField, Kind.WHOLE),
    (fields.SmallIntField, Kind.WHOLE),
    (fields.CharField, Kind.TEXT),
    (fields.TextField, Kind.TEXT),
)
_DECODE: Mapping[Kind, Callable[[Any], object]] = {
    Kind.UUID: UUID,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.DATE: date.fromisoformat,
    Kind.BOOLEAN: bool,
}


class NoSuchColumn(Exception):
    """A column that the table does not have: a mistake in our own code."""


@dataclass(frozen=True, slots=True)
class Join:
    """`model` under `alias`; `on` may name the aliases in `needs`, which are then joined too."""

    alias: str
    model: type[Model]
    on: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Select:
    """A statement, and what its columns hold."""

    sql: str
    columns: Mapping[str, Column]


async def fetched(select: Select, parameters: Parameters) -> Sequence[Row]:
    """The rows of a statement."""
    records = await fetch_records(select.sql, *parameters.values)
    return _decoded(records, select.columns) if on_sqlite() else records


@dataclass(frozen=True, slots=True)
class Table:
    """A base table, what may be joined to each of its rows at most once, and computed columns."""

    base: type[Model]
    joins: tuple[Join, ...] = ()
    computed: Mapping[str, Column] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        return str(self.base._meta.db_table)

    def column(self, name: str) -> Column:
        """The column called `alias.column`.

        Raises:
            NoSuchColumn: there is none.
        """
        alias, _, column = name.partition(".")
        if found := self.computed.get(name):
            return replace(found, alias=alias)
        kind, nullable = _stored_as(self._model(alias), column)
        may_be_null = nullable or alias != self.alias
        return Column(f"{_quoted(alias)}.{column}", kind, may_be_null, alias=alias)

    def _model(self, alias: str) -> type[Model]:
        if alias == self.alias:
            return self.base
        return self._join(alias).model

    def _join(self, alias: str) -> Join:
        for join in self.joins:
            if join.alias == alias:
                return join
        raise NoSuchColumn(alias)

    def _source(self, aliases: set[str]) -> str:
        wanted = set(aliases)
        for join in reversed(self.joins):
            if join.alias in wanted:
                wanted.update(join.needs)
        clauses = (
            f" LEFT JOIN {_quoted(str(join.model._meta.db_table))} AS {_quoted(join.alias)}"
            f" ON {join.on}"
            for join in self.joins
            if join.alias in wanted
        )
        return _quoted(self.alias) + "".join(clauses)

    def select(
        self,
        names: Iterable[str],
        *,
        using: Iterable[Column] = (),
        extra: Mapping[str, Column] | None = None,
        where: str,
        tail: str = "",
    ) -> Select:
        """A statement for the rows that `where` selects, with the columns `names` and `extra`.

        `using` are the columns that `where` and `tail` (ORDER BY, LIMIT) speak of.
        """
        columns = {name: self.column(name) for name in names}
        source = self._source({column.alias for column in (*columns.values(), *using)})
        columns.update(extra or {})
        chosen = ", ".join(f'{column.sql} AS "{name}"' for name, column in columns.items())
        return Select(f"SELECT {chosen or '1 AS one'} FROM {source} WHERE {where} {tail}", columns)  # noqa: S608

    async def rows(
        self,
        names: Iterable[str],
        *,
        using: Iterable[Column] = (),
        extra: Mapping[str, Column] | None = None,
        where: str,
        tail: str = "",
        parameters: Parameters,
    ) -> Sequence[Row]:
        """The rows of `select`."""
        selected = self.select(names, using=using, extra=extra, where=where, tail=tail)
        return await fetched(selected, parameters)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _stored_as(model: type[Model], column: str) -> tuple[Kind, bool]:
    """The kind of a column and whether it may be null, as the model declares it."""
    known = model._meta.fields_map
    declared = known.get(column)
    if declared is None and column.endswith("_id") and column[:-3] in known:
        return Kind.UUID, known[column[:-3]].null
    for stored, kind in _KINDS:
        if isinstance(declared, stored):
            return kind, declared.null
    raise NoSuchColumn(f"{model.__name__}.{column}")


def _decoded(records: Sequence[Row], columns: Mapping[str, Column]) -> Sequence[Row]:
    """SQLite's rows with the values that PostgreSQL's driver gives."""
    decode = {name: _DECODE.get(column.kind) for name, column in columns.items()}
    return [
        {
            name: read(value)
            if read is not None and (value := record[name]) is not None
            else record[name]
            for name, read in decode.items()
        }
        for record in records
    ]
