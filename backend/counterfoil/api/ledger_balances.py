"""What ledger accounts hold at a date; those of many accounts are one read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import strawberry

from counterfoil.api.context import Info
from counterfoil.api.money import Money, official_money
from counterfoil.kit.table import Row
from counterfoil.ledger.balances import Balance, balances_at
from counterfoil.ledger.register import total
from counterfoil.viewer import Viewer

_ACCOUNT, _HELD = "ledger_account.id", "held"
Held = Mapping[str, Balance]
"""What one account holds, by currency."""


@strawberry.type(description="What a ledger account holds at the end of a day; + is a debit.")
class LedgerBalance:
    on: date = strawberry.field(description="The day.")
    base: Money = strawberry.field(description="All of it in the base currency.")
    amounts: list[Money] = strawberry.field(
        description="Each currency that is not 0, in itself, by code."
    )


@dataclass(frozen=True, slots=True)
class BalancesAt:
    """Reads what accounts hold at the end of a day."""

    on: date

    async def __call__(
        self, viewer: Viewer, ids: Collection[UUID], names: Collection[str]
    ) -> Sequence[Row]:
        found = await balances_at(viewer, self.on, ids)
        return [{_ACCOUNT: account_id, _HELD: held} for account_id, held in found.items()]


async def held_by(info: Info, ledger_account_id: UUID, on: date) -> Held:
    """What an account holds at the end of a day; nothing when it never moved."""
    rows = await info.context.loaders.many(BalancesAt(on), _ACCOUNT, ledger_account_id, (_HELD,))
    return rows[0][_HELD] if rows else {}


def ledger_balance(on: date, base_currency: str, held: Held) -> LedgerBalance:
    """What an account holds, for clients."""
    return LedgerBalance(
        on=on,
        base=official_money(total(held.values()).base_minor, base_currency),
        amounts=[
            official_money(balance.amount_minor, currency)
            for currency, balance in sorted(held.items())
            if balance.amount_minor
        ],
    )
