"""What was said of a bank line before, or after, it was booked."""

from __future__ import annotations

from datetime import date, datetime
from operator import ne
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
import strawberry

from counterfoil.api import ids
from counterfoil.api.actors import Actor, actor
from counterfoil.api.coding import CodingLine, stored_coding, stored_lines
from counterfoil.api.context import Info
from counterfoil.api.enums import ReviewKind, ReviewResolution
from counterfoil.api.loaders import load_one
from counterfoil.api.money import Money, money
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.kit.money import exponent_of
from counterfoil.transactions.queries import transactions_by_id

if TYPE_CHECKING:
    from counterfoil.api.bank_transactions import BankTransaction

_UNITS = ("bank_transaction.currency", "bank_transaction.exponent")


def _reported_amount(text: str | None) -> Money | None:
    if text is None:
        return None
    reported = orjson.loads(text)
    currency = reported["currency"]
    exponent = exponent_of(currency, reported.get("exponent"))
    return money(reported["amount_minor"], currency, exponent)


def _reported_on(text: str | None) -> date | None:
    return date.fromisoformat(orjson.loads(text)["dated_on"]) if text else None


def _difference(
    kind: str,
    reported: str | None,
    resolved_at: datetime | None,
    amount_minor: int,
    currency: str,
    exponent: int,
) -> Money | None:
    if resolved_at is not None:
        return None
    if kind == ReviewKind.WITHDRAWN:
        return money(-amount_minor, currency, exponent)
    said = orjson.loads(reported or "{}")
    if said.get("currency") != currency:
        return None
    return money(said["amount_minor"] - amount_minor, currency, exponent)


@strawberry.type(description="That somebody took a bank line out of review.")
class Exclusion(RowType):
    ALIAS = "exclusion"

    reason: str = column("reason", description="Why, in words.")
    by: Actor = column("actor", by=actor, description="Who did it.")
    excluded_at: datetime = column("excluded_at", name="at", description="When.")


@strawberry.type(
    description=(
        "How somebody means to book a bank line, noted while it was pending perhaps: its first "
        "suggestion once it can be booked."
    )
)
class PreparedCoding(RowType):
    ALIAS = "prepared_coding"

    memo: str | None = column(
        "coding", by=lambda text: stored_coding(text)["memo"], description="What for."
    )
    lines: list[CodingLine] = column(
        "coding", *_UNITS, by=stored_lines, description="The accounts, with what goes to each."
    )
    amount: Money = column(
        "amount_minor", *_UNITS, by=money, description="The line's amount at that time."
    )
    amount_changed: bool = column(
        "amount_minor",
        "bank_transaction.amount_minor",
        by=ne,
        description="Whether the line has another amount now.",
    )
    by: Actor = column("actor", by=actor, description="Who noted it.")
    prepared_at: datetime = column("prepared_at", name="at", description="When.")


@strawberry.type(
    description=(
        "That the bank changed or withdrew a line after it was booked: a person decides, and "
        "nothing moves before."
    )
)
class ReviewItem(RowType):
    ALIAS = "review_item"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("ReviewItem", value), description="Opaque id."
    )
    kind: ReviewKind = column("kind", by=ReviewKind, description="What the bank did.")
    reported_amount: Money | None = column(
        "reported",
        by=_reported_amount,
        description="The amount that the bank says now; null when it withdrew the line.",
    )
    reported_on: date | None = column(
        "reported",
        by=_reported_on,
        description="The date that the bank says now; null when it withdrew the line.",
    )
    raised_at: datetime = column("raised_at", description="When a pull brought it.")
    difference: Money | None = column(
        "kind",
        "reported",
        "resolved_at",
        "bank_transaction.amount_minor",
        *_UNITS,
        by=_difference,
        description=(
            "What the bank says more (+) or less (−) than the line is booked as; null once it is "
            "decided, and where the bank says another currency now."
        ),
    )
    resolved_at: datetime | None = column("resolved_at", description="When it ended; null: open.")
    resolution: ReviewResolution | None = column(
        "resolution",
        by=lambda value: ReviewResolution(value) if value else None,
        description="How it ended; null: nobody has decided.",
    )
    reason: str | None = column("reason", description="Why somebody kept what is booked.")

    @relation(
        "bank_transaction_id", description="The line; null when the bank withdrew it for good."
    )
    async def bank_transaction(
        self, info: Info
    ) -> Annotated[BankTransaction, strawberry.lazy("counterfoil.api.bank_transactions")] | None:
        from counterfoil.api.bank_transactions import BankTransaction

        line_id: UUID = self.value("bank_transaction_id")
        key = "bank_transaction.id"
        return await load_one(info, BankTransaction, transactions_by_id, key, line_id)
