"""A tied account that pulls, for tests of what becomes of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tortoise.transactions import in_transaction

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import (
    ChangesPage,
    Completeness,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.kit.ids import new_id
from counterfoil.reconciliation.matching import BankItem, JournalItem, match, unseal
from counterfoil.reconciliation.models import Match
from counterfoil.transactions import attaching, bulk
from counterfoil.transactions.models import BankTransaction, ReviewItem
from counterfoil.transactions.operations import Applied, apply_pages, pair_unnamed_postings
from counterfoil.unit_of_work import UnitOfWork
from tests.fakes import NOW, line
from tests.reconciliation.conftest import Books

FIRST_DAY = date(2024, 4, 1)
"""When the history of `many` begins."""


@dataclass
class Feed:
    """A tied account that pulls, and whoever books its line "1"."""

    books: Books

    async def apply(
        self,
        *reported: TransactionSnapshot,
        removed: Sequence[str] = (),
        complete: bool = True,
    ) -> Applied:
        """One refresh that brings these lines, an hour after the one before.

        `complete`: with it the bank has handed over its whole history.
        """
        self.books.clock.advance(timedelta(hours=1))
        async with self.books.begin() as uow:
            return await self._pull(uow, reported, removed, complete)

    async def _pull(
        self,
        uow: UnitOfWork,
        reported: Sequence[TransactionSnapshot],
        removed: Sequence[str],
        complete: bool,
    ) -> Applied:
        account_id, refresh_id = self.books.account.id, new_id()
        link_id = self.books.link.id
        adrift = await attaching.with_lines_adrift([account_id])
        await attaching.attach(
            bank_account_ids=dict.fromkeys(adrift, "checking"), offered={"checking": reported}
        )
        applied = await apply_pages(
            uow,
            [_page(reported, removed)],
            targets={"checking": account_id},
            bank_link_id=link_id,
            refresh_id=refresh_id,
        )
        applied += await pair_unnamed_postings(uow, bank_link_id=link_id, refresh_id=refresh_id)
        return applied + await attaching.settle_leftovers(
            uow,
            bank_account_ids=adrift,
            bank_link_id=link_id,
            refresh_id=refresh_id,
            complete=complete,
        )

    async def row(self, aggregator_id: str = "1") -> BankTransaction:
        return await BankTransaction.get(aggregator_id=aggregator_id)

    async def book(self, *amounts: int) -> list[Match]:
        """Match the line with an entry of its amount, or with one for each of these parts."""
        line_id = (await self.row()).id
        for amount in amounts or (-1234,):
            entry = await self.books.entry(amount)
            async with self.books.begin() as uow:
                await match(
                    uow,
                    self.books.viewer,
                    bank_items=[BankItem(line_id, amount)],
                    journal_items=[JournalItem(entry.lines[0].id, amount)],
                    key=None,
                )
        return await self.matches()

    async def matches(self) -> list[Match]:
        """The matches in the order in which they were made."""
        return await Match.all().order_by("act__acted_at", "id")

    async def unmatch(self, *matches: Match) -> None:
        async with self.books.begin() as uow:
            await uow.position()
            await unseal(uow, matches)

    async def items(self) -> list[ReviewItem]:
        """The review items in the order in which they were raised."""
        return await ReviewItem.all().order_by("raised_at")


def _page(reported: Sequence[TransactionSnapshot], removed: Sequence[str]) -> ChangesPage:
    gone = [RemovedTransaction(key, None) for key in removed]
    return ChangesPage(list(reported), [], gone, "cursor", False, Completeness.COMPLETE)


async def many(account: BankAccount, count: int, *, called: str = "") -> None:
    """So many posted lines of an account, "1" and on behind `called`, spread over two years."""
    refresh_id = new_id()
    lines = (
        bulk.Line(
            id=new_id(),
            bank_account_id=account.id,
            aggregator_id=f"{called}{number}",
            pending=False,
            dated_on=FIRST_DAY + timedelta(days=number % 700),
            occurred_on=None,
            amount_minor=-number,
            currency="USD",
            exponent=2,
            description=f"Line {number}",
            bank_description=None,
            counterparty=None,
            check_number=None,
            category=None,
            raw_hash=f"{number:032}",
            refresh_id=refresh_id,
            changed_at=NOW,
        )
        for number in range(1, count + 1)
    )
    async with in_transaction():
        await bulk.insert(account.organization_id, lines, position=1)


async def offered_again(account: BankAccount) -> Sequence[TransactionSnapshot]:
    """The lines of an account as another login offers them, under other ids."""
    return [
        line(
            f"again-{row.aggregator_id}",
            account_id="again",
            dated_on=row.dated_on,
            amount_minor=row.amount_minor,
            description=row.description.upper(),
        )
        for row in await BankTransaction.filter(bank_account_id=account.id)
    ]
