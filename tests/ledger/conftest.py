"""Books to write in: a company in US dollars with a few ledger accounts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tortoise import Model

from counterfoil.audit.models import AuditEvent
from counterfoil.identity.models import Organization
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import (
    Books,
    EntryRate,
    FiscalYear,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerBalance,
    RateSource,
)
from counterfoil.unit_of_work import Change, Transactions, UnitOfWork
from counterfoil.viewer import Right, Viewer
from tests.factories import make_ledger_account, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

DAY = date(2026, 3, 9)
"""When entries are dated that are given no date."""
WRITTEN: Sequence[type[Model]] = (
    Books,
    FiscalYear,
    JournalEntry,
    JournalLine,
    EntryRate,
    LedgerBalance,
    AuditEvent,
    Change,
)


@dataclass
class Desk:
    """A company's books, and a person with all rights who writes in them."""

    transactions: Transactions
    organization: Organization
    viewer: Viewer
    checking: LedgerAccount
    euros: LedgerAccount
    supplies: LedgerAccount

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work in these books."""
        return self.transactions.begin(self.organization.id, request_id="request-1")

    def moved(self, amount_minor: int, *, base_minor: int | None = None) -> Sequence[LineDraft]:
        """Dollars out of checking for supplies; with a base amount, euros instead of dollars."""
        paid = self.checking if base_minor is None else self.euros
        spent = amount_minor if base_minor is None else base_minor
        return (
            LineDraft(ledger_account_id=self.supplies.id, amount_minor=spent),
            LineDraft(ledger_account_id=paid.id, amount_minor=-amount_minor),
        )

    def drafted(self, amount_minor: int = 1234, **values: Any) -> EntryDraft:
        """A draft that moves this much from checking to supplies."""
        return EntryDraft(
            **{"posted_on": DAY, "lines": self.moved(amount_minor), "memo": "Paper", **values}
        )

    async def entry(self, amount_minor: int = 1234, *, post: bool = True, **values: Any) -> Entry:
        """A stored entry that moves this much from checking to supplies."""
        draft = self.drafted(amount_minor, **values)
        async with self.begin() as uow:
            return await create_entry(uow, self.viewer, draft, post=post)

    async def clerk(self, *without: Right) -> Viewer:
        """Another person of the company, with all rights but these."""
        return await make_viewer(self.organization, set(Right) - set(without))

    async def stranger(self) -> Viewer:
        """Somebody with all rights in another company."""
        return await make_viewer(await make_organization())

    async def lock(self, *, soft: date | None = None, hard: date | None = None) -> None:
        """Lock the books, by rows alone."""
        values = {"soft_lock_on": soft, "hard_lock_on": hard}
        await Books.update_or_create(values, organization_id=self.organization.id)

    async def written(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that writing entries touches, to assert that nothing changed."""
        return {
            model.__name__: await model.all().order_by(model._meta.pk_attr).values()
            for model in WRITTEN
        }

    async def told(self) -> list[tuple[str, UUID, str, int | None]]:
        """What is told to those who follow the books, newest position only."""
        newest = await Change.all().order_by("-position").first()
        assert newest is not None
        rows = await Change.filter(position=newest.position).order_by("object_id")
        return [(row.type.value, row.object_id, row.kind.value, row.revision) for row in rows]


@pytest.fixture
async def desk(database: str) -> Desk:
    """Books with nothing in them yet, on each database."""
    return await make_desk()


async def make_desk() -> Desk:
    """Books of a new company."""
    organization = await make_organization()
    return Desk(
        transactions=Transactions(FixedClock(), RecordingBell(), RecordingQueue()),
        organization=organization,
        viewer=await make_viewer(organization),
        checking=await make_ledger_account(organization, number="1010"),
        euros=await make_ledger_account(organization, number="1020", currency="EUR"),
        supplies=await make_ledger_account(organization, number="6600", currency=None),
    )


def euro_rate(worth: str = "1.5") -> Rate:
    """What a euro is worth in dollars, as a person typed it."""
    return Rate(currency="EUR", rate=Decimal(worth), rate_on=DAY, source=RateSource.TYPED)
