"""How a bank line is booked: the ledger accounts, with what goes to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import orjson
import strawberry

from counterfoil.api.context import Info
from counterfoil.api.ledger import LedgerAccount, ledger_account
from counterfoil.api.money import Money, money


@strawberry.type(description="What of a bank line goes to one ledger account.")
class CodingLine:
    ledger_account_id: strawberry.Private[UUID]
    amount: Money = strawberry.field(
        description="In the bank line's currency and with its sign: − for an expense."
    )
    memo: str | None = strawberry.field(description="What this part is for.")

    @strawberry.field(description="To which account; null when there is no such one any more.")
    async def ledger_account(self, info: Info) -> LedgerAccount | None:
        return await ledger_account(info, self.ledger_account_id)


def coding_line(
    ledger_account_id: UUID, amount_minor: int, memo: str | None, currency: str, exponent: int
) -> CodingLine:
    """A part of a coding, from minor units of the bank line's currency."""
    amount = cast(Money, money(amount_minor, currency, exponent))
    return CodingLine(ledger_account_id=ledger_account_id, amount=amount, memo=memo)


def stored_coding(text: str) -> Mapping[str, Any]:
    """A coding as `transactions.models.PreparedCoding` keeps it."""
    coding: Mapping[str, Any] = orjson.loads(text)
    return coding


def stored_lines(text: str, currency: str, exponent: int) -> list[CodingLine]:
    """The parts of a stored coding."""
    return [
        coding_line(
            UUID(line["ledger_account_id"]),
            line["amount_minor"],
            line["memo"],
            currency,
            exponent,
        )
        for line in stored_coding(text)["lines"]
    ]
