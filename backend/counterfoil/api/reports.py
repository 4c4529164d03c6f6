"""Reports over all accounts: the trial balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api.context import Info
from counterfoil.api.ledger import LedgerAccount
from counterfoil.api.money import Money, official_money
from counterfoil.api.rowtypes import Selection, columns_of
from counterfoil.api.scalars import CurrencyCode
from counterfoil.identity.queries import today
from counterfoil.kit.table import Row
from counterfoil.ledger import trial_balance as reports
from counterfoil.ledger.queries import ledger_accounts_by_id


@strawberry.type(description="An account of a trial balance: on its debit or on its credit side.")
class TrialBalanceRow:
    ledger_account: LedgerAccount = strawberry.field(description="The account.")
    debit: Money | None = strawberry.field(description="What it holds in debit, never 0.")
    credit: Money | None = strawberry.field(description="What it holds in credit, without a sign.")


@strawberry.type(
    description="What every ledger account holds at the end of a day, in the base currency."
)
class TrialBalance:
    on: date = strawberry.field(description="The day.")
    base_currency: CurrencyCode = strawberry.field(description="The currency of all amounts.")
    rows: list[TrialBalanceRow] = strawberry.field(
        description="The accounts that hold something, by number."
    )
    total_debit: Money = strawberry.field(description="All debits; always the same as all credits.")
    total_credit: Money = strawberry.field(description="All credits, without a sign.")


async def trial_balance(
    info: Info,
    on: Annotated[
        date | None,
        strawberry.argument(
            description="At the end of this day; today in the company's zone if left out."
        ),
    ] = None,
) -> TrialBalance:
    viewer = info.context.signed_in()
    day = on or await today(viewer, info.context.services.clock.now())
    found = await reports.trial_balance(viewer, day)
    base = found.base_currency
    return TrialBalance(
        on=day,
        base_currency=CurrencyCode(base),
        rows=await _rows(info, found.rows, base),
        total_debit=official_money(found.total_debit_minor, base),
        total_credit=official_money(found.total_credit_minor, base),
    )


async def _rows(
    info: Info, rows: Sequence[reports.TrialBalanceRow], base: str
) -> list[TrialBalanceRow]:
    viewer = info.context.signed_in()
    accounts = await _accounts(info, [row.ledger_account_id for row in rows])
    return [
        TrialBalanceRow(
            ledger_account=LedgerAccount(row=accounts[row.ledger_account_id], viewer=viewer),
            debit=_side(row.debit_minor, base),
            credit=_side(row.credit_minor, base),
        )
        for row in sorted(rows, key=lambda row: _number(accounts[row.ledger_account_id]))
    ]


async def _accounts(info: Info, ids: Sequence[UUID]) -> Mapping[UUID, Row]:
    """The accounts with the columns that the query selects, and their numbers."""
    raw = info._raw_info
    names = columns_of(Selection.below(raw), raw.return_type, alias=LedgerAccount.ALIAS)
    needed = {*names, "ledger_account.id", "ledger_account.number"}
    found = await ledger_accounts_by_id(info.context.signed_in(), ids, sorted(needed))
    return {row["ledger_account.id"]: row for row in found}


def _number(account: Row) -> str:
    return str(account["ledger_account.number"])


def _side(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else official_money(minor, currency)
