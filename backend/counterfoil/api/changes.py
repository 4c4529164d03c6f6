"""What changed, in order: for clients that keep a copy, and as the source of subscriptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from counterfoil import changes as feed
from counterfoil.api import ids
from counterfoil.api.acts import Act
from counterfoil.api.bank_accounts import BankAccount
from counterfoil.api.bank_links import BankLink, Refresh
from counterfoil.api.bank_transactions import BankTransaction
from counterfoil.api.context import Info
from counterfoil.api.enums import ChangeKind, ChangeType
from counterfoil.api.journal_entries import JournalEntry
from counterfoil.api.ledger import LedgerAccount
from counterfoil.api.link_sessions import LinkSession
from counterfoil.api.loaders import Reader
from counterfoil.api.node import Node
from counterfoil.api.pagination import PageInfo, requested
from counterfoil.api.rowtypes import RowType, Selection, columns_of
from counterfoil.api.scalars import Cursor
from counterfoil.api.viewers import own_organization
from counterfoil.changes import Changed, Place
from counterfoil.kit.keyset import Slice
from counterfoil.ledger.journal import entries_by_id
from counterfoil.ledger.queries import ledger_accounts_by_id
from counterfoil.links.queries import (
    accounts_by_id,
    links_by_id,
    refreshes_by_id,
    sessions_by_id,
)
from counterfoil.reconciliation.queries import acts_by_id
from counterfoil.transactions.queries import transactions_by_id

_OBJECTS: Mapping[ChangeType, tuple[type[RowType], Reader]] = {
    ChangeType.ACT: (Act, acts_by_id),
    ChangeType.BANK_ACCOUNT: (BankAccount, accounts_by_id),
    ChangeType.BANK_LINK: (BankLink, links_by_id),
    ChangeType.BANK_TRANSACTION: (BankTransaction, transactions_by_id),
    ChangeType.JOURNAL_ENTRY: (JournalEntry, entries_by_id),
    ChangeType.LEDGER_ACCOUNT: (LedgerAccount, ledger_accounts_by_id),
    ChangeType.LINK_SESSION: (LinkSession, sessions_by_id),
    ChangeType.REFRESH: (Refresh, refreshes_by_id),
}

Types = Annotated[
    list[ChangeType] | None,
    strawberry.argument(description="Only changes of these types of objects; all if left out."),
]


@strawberry.type(
    description="That an object was written, or is gone. At least once: apply by id and revision."
)
class Change:
    cursor: Cursor = strawberry.field(description="The place behind this change, for `after`.")
    type: ChangeType = strawberry.field(description="Which type of object it is.")
    id: strawberry.ID = strawberry.field(description="The object's id.")
    kind: ChangeKind = strawberry.field(
        description="GONE as well where the viewer may not read the object (any more)."
    )
    revision: int | None = strawberry.field(
        description="The revision that was written; the object may have a newer one by now."
    )
    at: datetime = strawberry.field(description="When it was written.")
    node: Node | None = strawberry.field(
        description="The object as it is now; null when the kind is GONE."
    )


@strawberry.type(description="A change, with its place.")
class ChangeEdge:
    cursor: Cursor = strawberry.field(description="The place behind this change, for `after`.")
    node: Change = strawberry.field(description="The change.")


@strawberry.type(description="Changes in the order of their commits, oldest first.")
class ChangeConnection:
    nodes: list[Change] = strawberry.field(description="The changes.")
    page_info: PageInfo = strawberry.field(
        description="Whether there are more; `endCursor` is where to go on, also when empty."
    )

    @strawberry.field(description="The changes, each with its place.")
    def edges(self) -> list[ChangeEdge]:
        return [ChangeEdge(cursor=change.cursor, node=change) for change in self.nodes]


async def changes(
    info: Info,
    after: Annotated[
        Cursor | None,
        strawberry.argument(
            description=(
                "Behind this place; from the oldest change that is kept if left out. A cursor "
                "lives 90 days."
            )
        ),
    ] = None,
    types: Types = None,
    first: Annotated[
        int | None, strawberry.argument(description="How many at most: 0 to 1,000, else 50.")
    ] = None,
    last: Annotated[
        int | None,
        strawberry.argument(description="Instead of `first`: so many of the newest, 0 to 1,000."),
    ] = None,
    before: Annotated[
        Cursor | None,
        strawberry.argument(description="Only what this place is behind, its own change not."),
    ] = None,
) -> ChangeConnection:
    part = requested(first, after, last, before)
    found = await feed.changes_after(
        info.context.signed_in(),
        Place.parse(after) if after is not None else None,
        before=Place.parse(before, argument="before") if before is not None else None,
        backwards=part.backwards,
        types=types,
        limit=part.size + 1,
        now=info.context.services.clock.now(),
    )
    return await _connection(info, found, part)


async def _connection(info: Info, found: Sequence[Changed], part: Slice) -> ChangeConnection:
    """A page of what was found, which is one change more where there are more."""
    more = len(found) > part.size
    kept = found[1:] if more and part.backwards else found[: part.size]
    selection = Selection.below(info._raw_info)
    nodes = await changes_read(info, _below_changes(info, selection), kept)
    return ChangeConnection(
        nodes=nodes,
        page_info=PageInfo(
            has_next_page=part.before is not None if part.backwards else more,
            has_previous_page=more if part.backwards else part.after is not None,
            start_cursor=nodes[0].cursor if nodes else _cursor(part.before),
            end_cursor=nodes[-1].cursor if nodes else _cursor(part.after),
        ),
    )


def _cursor(given: str | None) -> Cursor | None:
    return None if given is None else Cursor(given)


async def changes_head(info: Info) -> Cursor:
    now = info.context.services.clock.now()
    return Cursor((await feed.head(info.context.signed_in(), now=now)).cursor())


def _below_changes(info: Info, selection: Selection) -> Selection:
    """What is selected of a change, directly and within edges."""
    types: Any = info._raw_info.schema.type_map
    fields = selection.fields(types["ChangeConnection"])
    edges = selection.under(fields.get("edges", ())).fields(types["ChangeEdge"])
    nodes = [*fields.get("nodes", ()), *edges.get("node", ())]
    return selection.under(nodes)


async def changes_read(info: Info, selection: Selection, found: Sequence[Changed]) -> list[Change]:
    """Changes with their objects, each read as the viewer, one statement for each type.

    `selection` is what the query selects of a change.
    """
    schema_types: Any = info._raw_info.schema.type_map
    fields = selection.fields(schema_types["Change"])
    objects: Mapping[tuple[ChangeType, UUID], RowType | Node] = {}
    if not fields.keys().isdisjoint({"kind", "node", "revision"}):
        objects = await _objects(info, selection.under(fields.get("node", ())), found)
    return [_change(changed, objects) for changed in found]


async def _objects(
    info: Info, selection: Selection, found: Sequence[Changed]
) -> Mapping[tuple[ChangeType, UUID], RowType | Node]:
    wanted: dict[ChangeType, set[UUID]] = defaultdict(set)
    for changed in found:
        if changed.kind is ChangeKind.UPSERTED:
            wanted[changed.type].add(changed.object_id)
    objects: dict[tuple[ChangeType, UUID], RowType | Node] = {}
    for type_, object_ids in wanted.items():
        for row_id, node in (await _read(info, selection, type_, object_ids)).items():
            objects[type_, row_id] = node
    return objects


async def _read(
    info: Info, selection: Selection, type_: ChangeType, object_ids: Collection[UUID]
) -> Mapping[UUID, RowType | Node]:
    if type_ is ChangeType.ORGANIZATION:
        return {info.context.signed_in().organization_id: await own_organization(info)}
    kind, reader = _OBJECTS[type_]
    schema_types: Any = info._raw_info.schema.type_map
    names = columns_of(selection, schema_types[kind.__name__], alias=kind.ALIAS)
    viewer, key = info.context.signed_in(), f"{kind.ALIAS}.id"
    found = await info.context.loaders.several(reader, key, object_ids, names)
    return {row[key]: kind(row=row, viewer=viewer) for row in found}


def _type_name(type_: ChangeType) -> str:
    """Which GraphQL type the objects have."""
    if type_ is ChangeType.ORGANIZATION:
        return "Organization"
    return _OBJECTS[type_][0].__name__


def _change(changed: Changed, objects: Mapping[tuple[ChangeType, UUID], RowType | Node]) -> Change:
    node: Any = objects.get((changed.type, changed.object_id))
    gone = node is None
    return Change(
        cursor=Cursor(changed.place.cursor()),
        type=changed.type,
        id=strawberry.ID(ids.encode(_type_name(changed.type), changed.object_id)),
        kind=ChangeKind.GONE if gone else ChangeKind.UPSERTED,
        revision=None if gone else changed.revision,
        at=changed.place.at,
        node=node,
    )
