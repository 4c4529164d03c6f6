"""GraphQL types that are read from rows: each field names its columns and a pure function.

A resolver first asks `columns_of` what the selection below it needs, reads exactly that, and
hands the rows out as objects. So no column is fetched that nobody asked for, and a list of rows
can be completed without a resolver for each cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import strawberry
from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLResolveInfo,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from counterfoil.kit.table import Row
from counterfoil.viewer import Viewer

_READING = "counterfoil.reading"


@strawberry.type
class RowType:
    """An object read from `row`, where its own columns are called `at`.name.

    The row may hold the columns of other objects too: those that were joined to it.
    """

    ALIAS: ClassVar[str]

    row: strawberry.Private[Row]
    viewer: strawberry.Private[Viewer]
    at: strawberry.Private[str] = ""

    def value(self, name: str) -> Any:
        """The value of one of this object's columns, or of another's ("alias.column")."""
        return self.row[qualified(name, self.at or self.ALIAS)]


def qualified(name: str, alias: str) -> str:
    """The name of a column in a row."""
    return name if "." in name else f"{alias}.{name}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field is read: `by` is given the values of the columns `names`, in order.

    Without `by` the value of the only column is the field's. `with_viewer` puts the viewer first.
    A `part` is an object in the same row, present when the first column is not null.
    A `relation` is resolved by a read of its own, for which the row must hold the columns.
    """

    names: tuple[str, ...]
    by: Callable[..., Any] | None = None
    with_viewer: bool = False
    part: Callable[[], type[RowType]] | None = None
    at: str = ""
    relation: bool = False

    def of(self, source: RowType) -> Any:
        """The field's value."""
        values = [source.value(name) for name in self.names]
        if self.part is not None:
            return self._part_of(source, values)
        if self.by is None:
            return values[0]
        return self.by(source.viewer, *values) if self.with_viewer else self.by(*values)

    def _part_of(self, source: RowType, values: Sequence[Any]) -> RowType | None:
        if (values and values[0] is None) or self.part is None:
            return None
        return self.part()(row=source.row, viewer=source.viewer, at=self.at)


class RowField(StrawberryField):
    """A field with a `Reading`; it has no resolver, no arguments and is never awaited."""

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        return self.metadata[_READING].of(source)


def _field(reading: Reading, description: str, name: str | None = None) -> Any:
    field = RowField(description=description, graphql_name=name, metadata={_READING: reading})
    field.init = field.repr = field.compare = False
    return field


def column(
    *names: str,
    description: str,
    by: Callable[..., Any] | None = None,
    with_viewer: bool = False,
    name: str | None = None,
) -> Any:
    """A field that `by` makes of these columns; see `Reading`. `name` is what clients call it."""
    return _field(Reading(names, by, with_viewer), description, name)


def part(*present: str, of: Callable[[], type[RowType]], at: str, description: str) -> Any:
    """An object in the same row, whose columns are called `at`.name."""
    return _field(Reading(present, part=of, at=at), description)


def relation(*names: str, description: str) -> Any:
    """Decorates a resolver that reads by itself and needs these columns of the row."""
    reading = Reading(names, relation=True)
    return strawberry.field(description=description, metadata={_READING: reading})


def reading_of(graphql_field: Any) -> Reading | None:
    """The reading of a field in the schema; None for one with a resolver or a plain attribute."""
    definition = (graphql_field.extensions or {}).get("strawberry-definition")
    found: Reading | None = definition.metadata.get(_READING) if definition else None
    return found


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query selects below one field."""

    info: GraphQLResolveInfo[Any]
    sets: tuple[SelectionSetNode, ...]

    @classmethod
    def below(cls, info: GraphQLResolveInfo[Any]) -> Selection:
        """Below the field that is being resolved."""
        return cls(info, tuple(n.selection_set for n in info.field_nodes if n.selection_set))

    def fields(self, parent: GraphQLObjectType) -> dict[str, list[FieldNode]]:
        """The selected fields of an object of type `parent`, by their name."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in self.sets:
            for node in self._flat(selection_set, parent, seen):
                found.setdefault(node.name.value, []).append(node)
        return found

    def under(self, nodes: Iterable[FieldNode]) -> Selection:
        """What is selected below some of these fields."""
        return Selection(self.info, tuple(n.selection_set for n in nodes if n.selection_set))

    def _flat(
        self, selection_set: SelectionSetNode, parent: GraphQLObjectType, seen: set[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            fragment = self._fragment(node, seen)
            if fragment is not None and self._applies(fragment.type_condition, parent):
                yield from self._flat(fragment.selection_set, parent, seen)

    def _fragment(self, node: SelectionNode, seen: set[str]) -> Any:
        """An inline fragment itself, or the one that is spread, unless it was already."""
        if not isinstance(node, FragmentSpreadNode):
            return node
        name = node.name.value
        if name in seen:
            return None
        seen.add(name)
        return self.info.fragments[name]

    def _applies(self, condition: Any, parent: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == parent.name:
            return True
        named: Any = self.info.schema.type_map.get(condition.name.value)
        return is_abstract_type(named) and self.info.schema.is_sub_type(named, parent)

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value not in ("skip", "include"):
                continue
            wanted = directive.name.value == "include"
            if self._truth(next(iter(directive.arguments or ())).value) is not wanted:
                return False
        return True

    def _truth(self, value: Any) -> bool:
        if isinstance(value, BooleanValueNode):
            return value.value
        variables: Any = self.info.variable_values
        coerced = getattr(variables, "coerced", variables)  # Strawberry hands out these alone
        return bool(coerced.get(value.name.value))


def columns_of(
    selection: Selection, parent: Any, *, alias: str, found: set[str] | None = None
) -> frozenset[str]:
    """The columns that a selection on `parent` needs of a row, of all objects in it.

    `parent` may be a list or a connection: what leads to the rows is looked through.
    """
    names: set[str] = set() if found is None else found
    named = get_named_type(parent)
    if is_object_type(named):
        for field_name, nodes in selection.fields(named).items():
            if (graphql_field := named.fields.get(field_name)) is not None:
                _add_columns(selection.under(nodes), graphql_field, alias, names)
    return frozenset(names)


def _add_columns(below: Selection, graphql_field: Any, alias: str, names: set[str]) -> None:
    reading = reading_of(graphql_field)
    if reading is None:
        columns_of(below, graphql_field.type, alias=alias, found=names)
        return
    names.update(qualified(name, alias) for name in reading.names)
    if reading.part is not None:
        columns_of(below, graphql_field.type, alias=reading.at, found=names)
