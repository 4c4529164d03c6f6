"""The register of a ledger account, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import strawberry

from counterfoil.api.context import Info
from counterfoil.api.journal_entries import JournalLine
from counterfoil.api.ledger_balances import held_by
from counterfoil.api.money import Money, official_money
from counterfoil.api.pagination import Connection, page_of
from counterfoil.api.rowtypes import Selection
from counterfoil.api.scalars import CurrencyCode
from counterfoil.kit.keyset import Slice
from counterfoil.kit.table import Row
from counterfoil.ledger.balances import Balance
from counterfoil.ledger.register import LAST_DAY, NOTHING, RUNNING, lines_of, running, total


@dataclass(frozen=True, slots=True)
class Account:
    """Whose register it is. Without a currency of its own it is kept in the base currency."""

    id: UUID
    currency: str | None
    base_currency: str

    def own(self, held: Balance) -> Money:
        """What it holds, in the currency that it is kept in."""
        if self.currency is None:
            return self.base(held)
        return official_money(held.amount_minor, self.currency)

    def base(self, held: Balance) -> Money:
        """What it holds, in the base currency."""
        return official_money(held.base_minor, self.base_currency)


@strawberry.type(description="A line of a register, with what the account held after it.")
class RegisterRow:
    line: JournalLine = strawberry.field(description="The journal line.")
    running_balance: Money = strawberry.field(
        description="After this line, in the account's currency; base for one that takes any."
    )
    running_base: Money = strawberry.field(description="After this line, in the base currency.")


@strawberry.type(description="A page of the register of a ledger account.")
class RegisterConnection(Connection[RegisterRow]):
    account: strawberry.Private[Account]
    days: strawberry.Private[tuple[date | None, date | None]]

    @strawberry.field(
        description="Of `opening`, `closing` and `runningBalance`: the account's own, else base."
    )
    def currency(self) -> CurrencyCode:
        return CurrencyCode(self.account.currency or self.account.base_currency)

    @strawberry.field(description="What it held before the day `from`; + is a debit.")
    async def opening(self, info: Info) -> Money:
        return self.account.own(await self._opening(info))

    @strawberry.field(description="`opening` in the base currency.")
    async def opening_base(self, info: Info) -> Money:
        return self.account.base(await self._opening(info))

    @strawberry.field(description="What it held at the end of the day `to`; + is a debit.")
    async def closing(self, info: Info) -> Money:
        return self.account.own(await self._closing(info))

    @strawberry.field(description="`closing` in the base currency.")
    async def closing_base(self, info: Info) -> Money:
        return self.account.base(await self._closing(info))

    async def _opening(self, info: Info) -> Balance:
        first, _ = self.days
        if first is None or first == date.min:
            return NOTHING
        return await self._held(info, first - timedelta(days=1))

    async def _closing(self, info: Info) -> Balance:
        return await self._held(info, self.days[1] or LAST_DAY)

    async def _held(self, info: Info, on: date) -> Balance:
        return total((await held_by(info, self.account.id, on)).values())


async def register_of(
    info: Info, account: Account, first: date | None, last: date | None, part: Slice
) -> RegisterConnection:
    """A page of an account's register, with the columns that the query selects."""
    viewer = info.context.signed_in()
    question = lines_of(viewer, account.id, first=first, last=last)
    wanted = _wants_running(info)
    page = await page_of(info, question, JournalLine, part, more=RUNNING if wanted else ())
    held: Mapping[UUID, Balance] = {}
    if wanted:
        held = await running(viewer, account.id, page.rows)

    def build(row: Row) -> RegisterRow:
        after = held[row["journal_line.id"]] if wanted else NOTHING
        return RegisterRow(
            line=JournalLine(row=row, viewer=viewer),
            running_balance=account.own(after),
            running_base=account.base(after),
        )

    return RegisterConnection(page=page, build=build, account=account, days=(first, last))


def _wants_running(info: Info) -> bool:
    """Whether what the account held is asked for on any row."""
    types: Any = info._raw_info.schema.type_map
    selection = Selection.below(info._raw_info)
    fields = selection.fields(types["RegisterConnection"])
    edges = selection.under(fields.get("edges", ())).fields(types["RegisterRowEdge"])
    rows = selection.under([*fields.get("nodes", ()), *edges.get("node", ())])
    return (
        not rows.fields(types["RegisterRow"]).keys().isdisjoint({"runningBalance", "runningBase"})
    )
