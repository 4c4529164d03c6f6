"""Whole columns of an answer at a time: from what was read to what is sent.

A value that occurs in many rows (a login's id, a label) is made once. Whatever is not as it should
be raises; nothing here says what is wrong, or where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from counterfoil.api.rowtypes import Reading, RowType, qualified
from counterfoil.kit.table import Row
from counterfoil.viewer import Viewer

Column = Sequence[Any]
Completer = Callable[[Column], list[Any]]
"""From one value for each object to what is sent for each."""

_NOTHING = type(None)


class NotPlain(Exception):
    """Not to be completed by columns: the stock executor must do it."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects of one `RowType`: their rows, and what else all of them share."""

    rows: Sequence[Row]
    alias: str
    viewer: Viewer

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Column:
        """The values of one of their columns, or of another's ("alias.column")."""
        return list(map(itemgetter(qualified(name, self.alias)), self.rows))


def all_there(complete: Completer, values: Column) -> list[Any]:
    """Complete values none of which may be None."""
    if _NOTHING in set(map(type, values)):
        raise NotPlain
    return complete(values)


def where_there(complete: Completer, values: Column) -> list[Any]:
    """Complete the values that are there; None stays None."""
    if _NOTHING not in set(map(type, values)):
        return complete(values)
    completed = iter(complete([value for value in values if value is not None]))
    return [None if value is None else next(completed) for value in values]


def leaves(coerce: Callable[[Any], Any], texts_stay: bool, values: Column) -> list[Any]:
    """Scalars and members of enums; `texts_stay` where `coerce` gives any text back as it is."""
    if texts_stay and set(map(type, values)) <= {str}:
        return list(values)
    return all_there(list, each(coerce, values))


def lists(complete: Completer, values: Column) -> list[Any]:
    """Lists, each completed once, however many objects share it."""
    if not set(map(type, values)) <= {list}:
        raise NotPlain
    known = {id(value): value for value in values}
    completed = {mark: complete(value) for mark, value in known.items()}
    return [completed[id(value)] for value in values]


def of_one_kind(
    kind: type[RowType], complete: Callable[[Objects], list[Any]], values: Column
) -> list[Any]:
    """Objects that are all exactly of `kind`, for one viewer and under one alias."""
    if not values:
        return []
    first: RowType = values[0]
    if set(map(type, values)) != {kind} or any(
        value.at != first.at or value.viewer is not first.viewer for value in values
    ):
        raise NotPlain
    rows = [value.row for value in values]
    return complete(Objects(rows, first.at or kind.ALIAS, first.viewer))


def constant(value: str, objects: Sized) -> list[Any]:
    """The same for each."""
    return [value] * len(objects)


def put_together(fields: Mapping[str, Callable[[Any], list[Any]]], objects: Sized) -> list[Any]:
    """One dict for each object, of all its fields by their names in the answer."""
    columns = [complete(objects) for complete in fields.values()]
    names = tuple(fields)
    return [dict(zip(names, cells)) for cells in zip(*columns, strict=True)]  # noqa: B905


def read(reading: Reading, objects: Objects) -> Column:
    """The values of a field, one for each object."""
    columns = [objects.column(name) for name in reading.names]
    by = reading.by
    if by is None:
        return columns[0]
    if reading.with_viewer:
        by = partial(by, objects.viewer)
    if not columns:
        return [by()] * len(objects)
    return each(by, columns[0]) if len(columns) == 1 else list(map(by, *columns))


def each(pure: Callable[[Any], Any], values: Column) -> list[Any]:
    """`pure` of each value, called once for each different one."""
    known = {value: pure(value) for value in set(values)}
    return [known[value] for value in values]


def parts(
    complete: Callable[[Objects], list[Any]],
    reading: Reading,
    kind: type[RowType],
    required: bool,
    objects: Objects,
) -> list[Any]:
    """The objects of `kind` that stand in the same rows."""

    def present(rows: Column) -> list[Any]:
        return complete(Objects(rows, reading.at or kind.ALIAS, objects.viewer))

    if not reading.names:
        return present(objects.rows)
    marks = objects.column(reading.names[0])
    found = [None if mark is None else row for mark, row in zip(marks, objects.rows, strict=True)]
    return (all_there if required else where_there)(present, found)
