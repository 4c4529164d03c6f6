"""Completes plain lists a column at a time, with the very answer of the stock executor.

The stock executor completes each cell by itself, with some ten calls for a text. Where all that
is selected of a list's objects is read from rows by pure functions (`rowtypes.Reading`) or is a
plain attribute, whole columns are made at once (`columns`). Everything else, and every list in
which anything at all is wrong, is left to the stock executor, which finds the errors and their
places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from counterfoil.api import columns
from counterfoil.api.columns import Completer, NotPlain, Objects
from counterfoil.api.rowtypes import Reading, RowType, reading_of

_SENT_AS_THEY_ARE = frozenset({"CurrencyCode", "Cursor", "Decimal", "ID", "String"})
"""Scalars that leave a text as it is."""
_SETTLED_BEFORE = frozenset({"include", "skip"})
"""Directives that have done their work when fields are collected."""


class ColumnwiseExecutor(StrawberryGraphQLCoreExecutionContext):
    """The stock executor, which completes plain lists a column at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._planned: dict[tuple[object, int], tuple[FieldDetailsList, Completer | None]] = {}

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_details_list: FieldDetailsList,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        plan = self._plan(return_type, field_details_list) if isinstance(result, list) else None
        if plan is not None:
            try:
                return plan(result)
            except Exception:  # noqa: BLE001, S110 - the stock executor tells what, and where
                pass
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _plan(self, list_type: GraphQLList[Any], details: FieldDetailsList) -> Completer | None:
        """How to complete such a list, kept for the operation; None when it is not plain."""
        mark = (list_type, id(details))
        if mark not in self._planned:
            try:
                plan = self._completer(list_type.of_type, details)
            except NotPlain:
                plan = None
            self._planned[mark] = (details, plan)  # kept alive, so that its id stays its own
        return self._planned[mark][1]

    def _completer(self, value_type: Any, details: FieldDetailsList) -> Completer:
        if is_non_null_type(value_type):
            return partial(columns.all_there, self._present(value_type.of_type, details))
        return partial(columns.where_there, self._present(value_type, details))

    def _present(self, value_type: Any, details: FieldDetailsList) -> Completer:
        """For values none of which is None."""
        if is_leaf_type(value_type):
            texts_stay = value_type.name in _SENT_AS_THEY_ARE
            return partial(columns.leaves, value_type.coerce_output_value, texts_stay)
        if is_list_type(value_type):
            return partial(columns.lists, self._completer(value_type.of_type, details))
        if is_object_type(value_type):
            return self._objects(value_type, details)
        raise NotPlain

    def _objects(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> Completer:
        origin = _definition(object_type).origin
        if issubclass(origin, RowType):
            return partial(columns.of_one_kind, origin, self._rows(object_type, details))
        if object_type.is_type_of is not None:
            raise NotPlain
        return partial(columns.put_together, self._fields(object_type, details, self._attribute))

    def _rows(
        self, object_type: GraphQLObjectType, details: FieldDetailsList
    ) -> Callable[[Objects], list[Any]]:
        return partial(columns.put_together, self._fields(object_type, details, self._cells))

    def _fields(
        self,
        object_type: GraphQLObjectType,
        details: FieldDetailsList,
        make: Callable[[GraphQLField, FieldDetailsList], Any],
    ) -> Mapping[str, Any]:
        """What `make` makes of each selected field, by the name that it has in the answer."""
        collected = self.collect_subfields(object_type, details)
        if collected.new_defer_usages:
            raise NotPlain
        typename = partial(columns.constant, object_type.name)
        return {
            name: typename if _is_typename(nodes) else make(_plain_field(object_type, nodes), nodes)
            for name, nodes in collected.grouped_field_set.items()
        }

    def _attribute(self, field: GraphQLField, details: FieldDetailsList) -> Completer:
        """A field that is an attribute of plain objects."""
        get = attrgetter(_definition(field).python_name)
        complete = self._completer(field.type, details)
        return lambda objects: complete(list(map(get, objects)))

    def _cells(
        self, field: GraphQLField, details: FieldDetailsList
    ) -> Callable[[Objects], list[Any]]:
        """A field that is read from rows."""
        reading = reading_of(field)
        if reading is None or reading.relation:
            raise NotPlain
        if reading.part is not None:
            return self._part(reading, reading.part(), field, details)
        complete = self._completer(field.type, details)
        return lambda objects: complete(columns.read(reading, objects))

    def _part(
        self, reading: Reading, kind: type[RowType], field: GraphQLField, details: FieldDetailsList
    ) -> Callable[[Objects], list[Any]]:
        """An object in the same row."""
        declared: Any = field.type
        required = is_non_null_type(declared)
        object_type = declared.of_type if required else declared
        if not is_object_type(object_type) or _definition(object_type).origin is not kind:
            raise NotPlain
        return partial(columns.parts, self._rows(object_type, details), reading, kind, required)


def _definition(of: Any) -> Any:
    """What Strawberry knows of a type or a field of the schema; of GraphQL's own it knows none."""
    if "strawberry-definition" not in of.extensions:
        raise NotPlain
    return of.extensions["strawberry-definition"]


def _is_typename(details: FieldDetailsList) -> bool:
    return details[0].node.name.value == "__typename"


def _plain_field(object_type: GraphQLObjectType, details: FieldDetailsList) -> GraphQLField:
    """The field, which takes no arguments and is no more than read.

    Raises:
        NotPlain: it has a resolver.
    """
    field: GraphQLField = object_type.fields[details[0].node.name.value]
    if field.args or not getattr(field.resolve, "_is_default", False):
        raise NotPlain
    directives = [part for each in details for part in each.node.directives or ()]
    if any(part.name.value not in _SETTLED_BEFORE for part in directives):
        raise NotPlain
    return field
