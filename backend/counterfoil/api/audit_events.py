"""The audit log: who did what to which object, when, with what it was before and after."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry
from strawberry.utils.str_converters import to_camel_case

from counterfoil.api import ids
from counterfoil.api.actors import Actor, actor_of
from counterfoil.api.context import Info
from counterfoil.api.filters import (
    ANY_TYPE,
    Conditions,
    DateTimeFilter,
    Filterable,
    IDFilter,
    StringFilter,
    operator,
    searching,
)
from counterfoil.api.loaders import load_one
from counterfoil.api.node import Node
from counterfoil.api.pagination import After, Connection, First, Search, connection, requested
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.audit.queries import AUDIT_EVENTS, audit_events_by_id, hidden_among
from counterfoil.audit.queries import audit_events as events
from counterfoil.kit.conditions import AllOf


@strawberry.type(description="What one fact of an object was before, and is after.")
class AuditChange:
    name: str = strawberry.field(description="Which fact, in the API's words.")
    before: str | None = strawberry.field(
        description="Before: a text as it is, anything else as JSON; null: nothing."
    )
    after: str | None = strawberry.field(
        description="After: a text as it is, anything else as JSON; null: nothing."
    )


def changes_between(was: Mapping[str, Any], is_: Mapping[str, Any]) -> list[AuditChange]:
    """What differs between two sets of facts, by name."""
    return [
        AuditChange(
            name=to_camel_case(name),
            before=_shown(name, was.get(name)),
            after=_shown(name, is_.get(name)),
        )
        for name in sorted(was.keys() | is_.keys())
        if was.get(name) != is_.get(name)
    ]


_FORMER_NAME = "brought_back"
"""Under this older events name the accounts that came back."""


def _facts(text: str | None) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = orjson.loads(text) if text else {}
    return facts


def _ids_in(facts: Mapping[str, Any]) -> Iterator[UUID]:
    """All ids of rows that the facts name."""
    for name, fact in facts.items():
        for each in fact if isinstance(fact, list) else [fact]:
            if _names_rows(name) and (row_id := _row_id(each)) is not None:
                yield row_id


def _names_rows(name: str) -> bool:
    """Whether ids of rows stand under this name, and never a text that a person typed."""
    return name == _FORMER_NAME or (name.endswith(("_id", "_ids")) and name != "external_id")


def _row_id(fact: Any) -> UUID | None:
    """The id that a fact is, unless it is null or a text."""
    try:
        return UUID(fact) if isinstance(fact, str) else None
    except ValueError:
        return None


def _without(facts: Mapping[str, Any], hidden: Collection[UUID]) -> Mapping[str, Any]:
    """The facts without the ids that lead to something hidden."""
    return {
        name: _left(fact, hidden) if _names_rows(name) else fact for name, fact in facts.items()
    }


def _left(fact: Any, hidden: Collection[UUID]) -> Any:
    if isinstance(fact, list):
        left = [each for each in fact if _row_id(each) not in hidden]
        return left if len(left) == len(fact) else left or None
    return None if _row_id(fact) in hidden else fact


def _shown(name: str, fact: Any) -> str | None:
    told = _with_ids(name, fact)
    if told is None or isinstance(told, str):
        return told
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def _with_ids(name: str, fact: Any) -> Any:
    """Rows' ids become those of the API where the fact's name tells of which type they are."""
    type_name = "".join(word.title() for word in name.removesuffix("s").split("_")[:-1])
    if not _names_rows(name) or not ids.known(type_name):
        return fact
    if isinstance(fact, list):
        return [ids.encode(type_name, UUID(each)) for each in fact]
    return fact and ids.encode(type_name, UUID(fact))


def object_id(object_type: str, row_id: UUID | None) -> str | None:
    """The id of the object that an event is about, unless nobody may be led there."""
    return ids.encode(object_type, row_id) if row_id else None


@strawberry.type(
    description=(
        "One thing that was done. Events are never changed or deleted; each holds the hash of "
        "the one before it."
    )
)
class AuditEvent(RowType, Node):
    ALIAS = "audit_event"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("AuditEvent", value), description="Opaque id."
    )
    sequence: str = column(
        "sequence",
        by=str,
        description="Its place in the organization's log: 1, 2, 3 and so on without holes.",
    )
    happened_at: datetime = column("happened_at", description="When.")
    actor: Actor = column("actor_kind", "user_id", by=actor_of, description="Who did it.")
    action: str = column("action", description="What was done, as the mutation is called.")
    object_type: str = column("object_type", description="The type of the object.")
    object_id: strawberry.ID | None = column(
        "object_type",
        "shown_object_id",
        by=object_id,
        description="The object; `node` finds it. Null where it was hidden since.",
    )
    request_id: str | None = column(
        "request_id", description="The request that did it; null: the product by itself."
    )
    previous_hash: str = column("previous_hash", description="The hash of the event before it.")
    hash: str = column(
        "hash", description="SHA-256 over all facts of the event and the previous hash, in hex."
    )

    @relation(
        "before",
        "after",
        description=("What it was before and is after, without the ids of what was hidden since."),
    )
    async def changes(self, info: Info) -> list[AuditChange]:
        was, is_ = _facts(self.value("before")), _facts(self.value("after"))
        named = {*_ids_in(was), *_ids_in(is_)}
        found = await info.context.loaders.found_among(hidden_among, named)
        hidden = [row_id for row_id, is_hidden in found.items() if is_hidden]
        return changes_between(_without(was, hidden), _without(is_, hidden))


async def audit_event(info: Info, row_id: UUID) -> AuditEvent | None:
    """One event with the columns that the query selects."""
    return await load_one(info, AuditEvent, audit_events_by_id, "audit_event.id", row_id)


@strawberry.input(description="Which events. Everything that is given must hold.")
class AuditEventWhere:
    and_: list[AuditEventWhere] | None = operator("All of these hold.", name="and")
    or_: list[AuditEventWhere] | None = operator(
        "At least one of these holds; with an empty list, none does.", name="or"
    )
    not_: AuditEventWhere | None = operator("This does not hold.", name="not")
    object_id: IDFilter | None = operator("The object, of whatever type.")
    object_type: StringFilter | None = operator("The type of the object.")
    action: StringFilter | None = operator("What was done, as the mutation is called.")
    actor: IDFilter | None = operator("The person; null: the product itself.")
    happened_at: DateTimeFilter | None = operator("When.")


_FILTERS = {
    "object_id": Filterable(
        "audit_event.object_id", of=ANY_TYPE, only="audit_event.of_shown_object"
    ),
    "object_type": Filterable("audit_event.object_type"),
    "action": Filterable("audit_event.action"),
    "actor": Filterable("audit_event.user_id", of="User"),
    "happened_at": Filterable("audit_event.happened_at"),
}
_SEARCHED = ("audit_event.action", "audit_event.object_type")


async def audit_events(
    info: Info,
    first: First = None,
    after: After = None,
    where: Annotated[
        AuditEventWhere | None, strawberry.argument(description="Only these; all if left out.")
    ] = None,
    search: Search = None,
) -> Connection[AuditEvent]:
    filters = Conditions(AUDIT_EVENTS, _FILTERS)
    condition = AllOf((filters.of(where), searching(AUDIT_EVENTS, _SEARCHED, search)))
    question = events(info.context.signed_in(), where=condition)
    return await connection(info, question, AuditEvent, requested(first, after))
