"""Groups of bank lines and journal lines that add up to the same."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.bank_transactions import BankTransaction, bank_transaction
from counterfoil.api.context import Info
from counterfoil.api.journal_entries import JournalLine, journal_line
from counterfoil.api.ledger import LedgerAccount, ledger_account
from counterfoil.api.loaders import load_many, load_one
from counterfoil.api.money import Money, official_money
from counterfoil.api.node import Node
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.reconciliation.queries import (
    bank_items_by_match,
    journal_items_by_match,
    matches_by_id,
)

if TYPE_CHECKING:
    from counterfoil.api.acts import Act


@strawberry.type(description="What a bank line gives to a match.")
class MatchBankItem(RowType):
    ALIAS = "match_bank_item"

    amount: Money = column(
        "amount_minor",
        "match_group.currency",
        by=official_money,
        description="A part of the line's amount, or all of it, with its sign.",
    )

    @relation("bank_transaction_id", description="The line; null when the bank withdrew it.")
    async def bank_transaction(self, info: Info) -> BankTransaction | None:
        return await bank_transaction(info, self.value("bank_transaction_id"))


@strawberry.type(description="What a journal line gives to a match.")
class MatchJournalItem(RowType):
    ALIAS = "match_journal_item"

    amount: Money = column(
        "amount_minor",
        "match_group.currency",
        by=official_money,
        description="A part of the line's amount, or all of it, with its sign.",
    )

    @relation("journal_line_id", description="The line.")
    async def journal_line(self, info: Info) -> JournalLine:
        return cast(JournalLine, await journal_line(info, self.value("journal_line_id")))


@strawberry.type(
    description=(
        "A group of bank lines and journal lines of one ledger account whose signed amounts add "
        "up to the same: what it takes of a line is reconciled, or cleared."
    )
)
class Match(RowType, Node):
    ALIAS = "match_group"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("Match", value), description="Opaque id."
    )
    cleared_on: date = column("cleared_on", description="When its journal lines were cleared.")

    @relation("ledger_account_id", description="The ledger account that its lines are of.")
    async def ledger_account(self, info: Info) -> LedgerAccount:
        return cast(LedgerAccount, await ledger_account(info, self.value("ledger_account_id")))

    @relation(
        "id",
        description=(
            "What bank lines give to it, as far as the viewer sees them; none when entries clear "
            "each other."
        ),
    )
    async def bank_items(self, info: Info) -> list[MatchBankItem]:
        own_id: UUID = self.value("id")
        key = "match_bank_item.match_id"
        return await load_many(info, MatchBankItem, bank_items_by_match, key, own_id)

    @relation("id", description="What journal lines give to it; none when bank lines cancel out.")
    async def journal_items(self, info: Info) -> list[MatchJournalItem]:
        own_id: UUID = self.value("id")
        key = "match_journal_item.match_id"
        return await load_many(info, MatchJournalItem, journal_items_by_match, key, own_id)

    @relation("act_id", description="The act that made it.")
    async def act(self, info: Info) -> Annotated[Act, strawberry.lazy("counterfoil.api.acts")]:
        from counterfoil.api.acts import act

        return cast("Act", await act(info, self.value("act_id")))


async def match(info: Info, row_id: UUID) -> Match | None:
    """One match with the columns that the query selects."""
    return await load_one(info, Match, matches_by_id, "match_group.id", row_id)
