"""What was done in the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
import strawberry

from counterfoil.api import ids
from counterfoil.api.account_ids import account_id
from counterfoil.api.actors import Actor, actor
from counterfoil.api.bank_accounts import BankAccount, bank_account
from counterfoil.api.bank_transactions import BankTransaction
from counterfoil.api.context import Info
from counterfoil.api.enums import ActKind
from counterfoil.api.journal_entries import JournalEntry
from counterfoil.api.loaders import load_many, load_one, load_several
from counterfoil.api.node import Node
from counterfoil.api.pagination import After, Connection, First, connection, requested
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.ledger.journal import entries_by_id
from counterfoil.reconciliation.queries import acts as acts_done
from counterfoil.reconciliation.queries import acts_by_id, parts_by_act
from counterfoil.reconciliation.undo_obstacles import undo_obstacle
from counterfoil.transactions.queries import transactions_by_id
from counterfoil.viewer import Viewer


def named_in(details: str, kind: str) -> Sequence[UUID]:
    """The ids of one kind that an act's details name."""
    return [UUID(each) for each in orjson.loads(details).get(kind, ())]


def _blocked(
    viewer: Viewer, kind: str, actor: str, undone_at: datetime | None, deleted: bool
) -> str | None:
    undone = undone_at is not None
    return undo_obstacle(viewer, ActKind(kind), actor=actor, undone=undone, deleted=bool(deleted))


@strawberry.type(
    description="One thing that was done in the books, which can be undone, now or much later."
)
class Act(RowType, Node):
    ALIAS = "act"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("Act", value), description="Opaque id."
    )
    kind: ActKind = column("kind", by=ActKind, description="What was done.")
    actor: Actor = column("actor", by=actor, description="Who did it.")
    acted_at: datetime = column("acted_at", description="When.")
    undone_at: datetime | None = column(
        "undone_at", description="When it was undone; null: it was not."
    )
    blocked_reason: str | None = column(
        "kind",
        "actor",
        "undone_at",
        "of_deleted_account",
        by=_blocked,
        with_viewer=True,
        description=(
            "Why the viewer can't undo it, as far as the act itself tells; `undoPreview` looks at "
            "everything. Null when nothing of it does."
        ),
    )
    revision: int = column("revision", description="Grows by one with every change.")

    @relation("bank_account_id", description="The bank account that it was about, if any.")
    async def bank_account(self, info: Info) -> BankAccount | None:
        row_id: UUID | None = self.value("bank_account_id")
        return None if row_id is None else await bank_account(info, row_id)

    @relation("parent_id", description="The bulk that it is a part of; null: none.")
    async def parent(self, info: Info) -> Act | None:
        return await _act_or_none(info, self.value("parent_id"))

    @relation("id", description="The parts of a bulk, in the order in which they were done.")
    async def parts(self, info: Info) -> list[Act]:
        own_id: UUID = self.value("id")
        return await load_many(info, Act, parts_by_act, "act.parent_id", own_id)

    @relation("undone_by_id", description="The act that undid it; null: none.")
    async def undone_by(self, info: Info) -> Act | None:
        return await _act_or_none(info, self.value("undone_by_id"))

    @relation("details", description="The bank lines that it changed, as far as they are shown.")
    async def bank_transactions(self, info: Info) -> list[BankTransaction]:
        named = named_in(self.value("details"), "bank_transaction_ids")
        key = "bank_transaction.id"
        return await load_several(info, BankTransaction, transactions_by_id, key, named)

    @relation("details", description="The journal entries that it made or changed.")
    async def journal_entries(self, info: Info) -> list[JournalEntry]:
        named = named_in(self.value("details"), "journal_entry_ids")
        return await load_several(info, JournalEntry, entries_by_id, "journal_entry.id", named)


async def act(info: Info, row_id: UUID) -> Act | None:
    """One act with the columns that the query selects."""
    return await load_one(info, Act, acts_by_id, "act.id", row_id)


async def _act_or_none(info: Info, row_id: UUID | None) -> Act | None:
    return None if row_id is None else await act(info, row_id)


async def acts(
    info: Info,
    first: First = None,
    after: After = None,
    bank_account_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Only acts about this bank account.")
    ] = None,
) -> Connection[Act]:
    viewer, chosen = info.context.signed_in(), None
    if bank_account_id is not None:
        chosen = await account_id(viewer, bank_account_id, field=("bank_account_id",))
    question = acts_done(viewer, bank_account_id=chosen)
    return await connection(info, question, Act, requested(first, after))
