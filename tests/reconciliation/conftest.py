"""Books to act in: a company with a chart, and one bank account that is tied and has a start."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tortoise import Model

from counterfoil.accounts.models import BankAccount
from counterfoil.audit.models import AuditEvent
from counterfoil.identity.models import Organization
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import (
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerAccountType,
    LedgerBalance,
)
from counterfoil.links.models import BankLink
from counterfoil.reconciliation.models import (
    AccountStart,
    Act,
    CodingExample,
    HandClearing,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from counterfoil.transactions.models import (
    BankTransaction,
    Exclusion,
    PreparedCoding,
    ReviewItem,
)
from counterfoil.unit_of_work import Change, ChangeType, Transactions, UnitOfWork
from counterfoil.viewer import Right, Viewer
from tests.factories import (
    make_account,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue

START = date(2026, 2, 28)
"""Up to here, lines are history."""
DAY = date(2026, 3, 9)
"""When lines and entries are dated that are given no date."""
WRITTEN: Sequence[type[Model]] = (
    BankTransaction,
    Exclusion,
    PreparedCoding,
    ReviewItem,
    JournalEntry,
    JournalLine,
    LedgerBalance,
    AccountStart,
    Act,
    Match,
    MatchBankItem,
    MatchJournalItem,
    HandClearing,
    CodingExample,
    AuditEvent,
    Change,
)
"""Every table that an act may write."""


@dataclass
class Books:
    """A company's books, a person with all rights, and their checking account at a bank."""

    transactions: Transactions
    clock: FixedClock
    organization: Organization
    viewer: Viewer
    link: BankLink
    account: BankAccount
    checking: LedgerAccount
    supplies: LedgerAccount
    sales: LedgerAccount
    equity: LedgerAccount

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work in these books."""
        return self.transactions.begin(self.organization.id, request_id="request-1")

    async def line(self, amount_minor: int = -1234, **values: Any) -> BankTransaction:
        """A posted line of the bank account, dated after its start."""
        account = values.pop("account", self.account)
        return await make_line(account, amount_minor=amount_minor, **{"dated_on": DAY, **values})

    async def entry(
        self,
        amount_minor: int = -1234,
        *,
        on: date = DAY,
        account: LedgerAccount | None = None,
        against: LedgerAccount | None = None,
        **values: Any,
    ) -> Entry:
        """A posted entry that moves this much on the checking account; its line there is first."""
        other = against or self.supplies
        draft = EntryDraft(
            posted_on=on,
            lines=(
                LineDraft(
                    ledger_account_id=(account or self.checking).id, amount_minor=amount_minor
                ),
                LineDraft(ledger_account_id=other.id, amount_minor=-amount_minor),
            ),
            **values,
        )
        async with self.begin() as uow:
            return await create_entry(uow, self.viewer, draft)

    async def clerk(self, *without: Right) -> Viewer:
        """Another person of the company, with all rights but these."""
        return await make_viewer(self.organization, set(Right) - set(without))

    async def tied_account(self, ledger: LedgerAccount, **values: Any) -> BankAccount:
        """One more bank account of the same login, tied to `ledger`, with the same start."""
        return await tie(await make_account(self.link, **values), ledger)

    async def written(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that acts write, to assert that nothing changed."""
        return {
            model.__name__: sorted(await model.all().values(), key=lambda row: str(row["id"]))
            for model in WRITTEN
        }

    async def reread(self, line: BankTransaction) -> BankTransaction:
        """A bank line as it is stored now."""
        return await BankTransaction.get(id=line.id)

    async def cleared(self, line: JournalLine) -> int:
        """What is cleared of a journal line now."""
        cleared: int = (await JournalLine.get(id=line.id)).cleared_minor
        return cleared

    async def changed_since(self, position: int) -> set[tuple[str, UUID]]:
        """What was told to those who follow the books, after that position; lines apart."""
        rows = await Change.filter(
            organization_id=self.organization.id, position__gt=position
        ).exclude(type=ChangeType.BANK_TRANSACTION)
        return {(row.type.value, row.object_id) for row in rows}


async def tie(account: BankAccount, ledger: LedgerAccount) -> BankAccount:
    """Tie an account by rows alone: the ceremony of it is tested where it is built."""
    await AccountStart.create(
        organization_id=account.organization_id,
        bank_account_id=account.id,
        ledger_account_id=ledger.id,
        start_on=START,
        balance_minor=0,
        act_id=account.id,
        created_at=NOW,
    )
    account.ledger_account_id, account.start_on = ledger.id, START
    await account.save()
    return account


@pytest.fixture
async def books(database: str) -> Books:
    """Books with nothing in them yet, on each database."""
    return await make_books()


async def make_books() -> Books:
    """Books of a new company."""
    organization = await make_organization()
    link = await make_link(organization)
    clock = FixedClock()

    async def chart(name: str, kind: LedgerAccountType) -> LedgerAccount:
        return await make_ledger_account(organization, name=name, type=kind)

    checking = await chart("Operating Account", LedgerAccountType.ASSET)
    return Books(
        transactions=Transactions(clock, RecordingBell(), RecordingQueue()),
        clock=clock,
        organization=organization,
        viewer=await make_viewer(organization),
        link=link,
        account=await tie(await make_account(link), checking),
        checking=checking,
        supplies=await chart("Office Supplies", LedgerAccountType.EXPENSE),
        sales=await chart("Sales", LedgerAccountType.INCOME),
        equity=await chart("Opening Balance Equity", LedgerAccountType.EQUITY),
    )
