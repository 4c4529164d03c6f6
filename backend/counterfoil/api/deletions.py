"""Receipts: what was deleted, by whom, with counts and sums that stay readable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
import strawberry

from counterfoil.api import ids
from counterfoil.api.actors import Actor, actor
from counterfoil.api.context import Info
from counterfoil.api.loaders import load_one
from counterfoil.api.money import Money, money
from counterfoil.api.node import Node
from counterfoil.api.pagination import After, Connection, First, connection, requested
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.audit.queries import hidden_among
from counterfoil.links import deletions as receipts
from counterfoil.links.deletions import deletions_by_id


@strawberry.type(description="The lines of one month and currency that go, or went.")
class ErasedMonth:
    month: str = strawberry.field(description="Which month, such as 2026-03.")
    line_count: int = strawberry.field(description="How many lines of it.")
    sum: Money = strawberry.field(description="Their signed sum: + into the account, − out of it.")


def erased_month(
    *, month: str, currency: str, exponent: int, lines: int, sum_minor: int
) -> ErasedMonth:
    """A month as the rooms have it, for the client."""
    total = cast(Money, money(sum_minor, currency, exponent))
    return ErasedMonth(month=month, line_count=lines, sum=total)


@strawberry.type(description="What became of one account when it was deleted.")
class AccountReceipt:
    bank_account_id: strawberry.ID = strawberry.field(
        description="Its id: the same when it is added again; until then nothing is found by it."
    )
    name: str = strawberry.field(description="What it was called.")
    number: str | None = strawberry.field(description="The last characters of its number.")
    erased_count: int = strawberry.field(description="How many lines were erased.")
    kept_count: int = strawberry.field(
        description="How many lines stayed: those that are matched, even in part."
    )
    months: list[ErasedMonth] = strawberry.field(
        description="What was erased, by month and currency."
    )


def _account(told: Mapping[str, Any]) -> AccountReceipt:
    return AccountReceipt(
        bank_account_id=strawberry.ID(ids.encode("BankAccount", UUID(told["bank_account_id"]))),
        name=told["name"],
        number=told["number"],
        erased_count=sum(each["lines"] for each in told["months"]),
        kept_count=told["kept"],
        months=[erased_month(**each) for each in told["months"]],
    )


def _read(stored: Any) -> list[Any]:
    found: list[Any] = orjson.loads(stored) if isinstance(stored, str | bytes) else stored
    return found


@strawberry.type(description="The receipt of a deletion. It is kept for ever, and never changes.")
class Deletion(RowType, Node):
    ALIAS = "deletion"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("Deletion", value), description="Opaque id."
    )
    actor: Actor = column("actor", by=actor, description="Who deleted.")
    deleted_at: datetime = column("deleted_at", description="When.")
    link_names: list[str] = column(
        "logins",
        by=_read,
        description="The logins that ended with their last account, here and at the aggregator.",
    )

    @relation(
        "accounts",
        description="The accounts that were deleted, without those that were hidden since.",
    )
    async def accounts(self, info: Info) -> list[AccountReceipt]:
        told = {UUID(each["bank_account_id"]): each for each in _read(self.value("accounts"))}
        hidden = await info.context.loaders.found_among(hidden_among, told)
        return [_account(each) for row_id, each in told.items() if not hidden[row_id]]


async def deletion(info: Info, row_id: UUID) -> Deletion | None:
    """One receipt with the columns that the query selects."""
    return await load_one(info, Deletion, deletions_by_id, "deletion.id", row_id)


async def deletions(info: Info, first: First = None, after: After = None) -> Connection[Deletion]:
    question = receipts.deletions(info.context.signed_in())
    return await connection(info, question, Deletion, requested(first, after))
