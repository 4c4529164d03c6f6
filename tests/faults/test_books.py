"""A process that books is killed, between any two statements: the books are whole each time."""

from __future__ import annotations

import random
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from counterfoil import verifying
from counterfoil.aggregators.port import AccountType
from counterfoil.ledger.models import EntryState, JournalEntry, LedgerAccountType
from counterfoil.plumbing.database import connected
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.transactions.models import BankTransaction
from tests.factories import make_account, make_ledger_account
from tests.reconciliation.conftest import make_books, tie
from tests.services.processes import BACKEND, ROOT, Running, environment, running

LINES = 6
"""As many lines to book, and as many transfers."""
KILLS = 6
STATEMENTS = 60
"""More than one act takes, so that the process dies anywhere in it, or in the next."""


async def prepare() -> tuple[UUID, UUID]:
    """Books with open lines on two accounts; their organization, and an account for expenses."""
    books = await make_books()
    card = await make_ledger_account(books.organization, type=LedgerAccountType.LIABILITY)
    account = await tie(await make_account(books.link, type=AccountType.CREDIT_CARD), card)
    for number in range(1, LINES + 1):
        await books.line(-number)
        await books.line(-100 * number)
        await books.line(100 * number, account=account)
    return books.organization.id, books.supplies.id


def bookkeeper(
    database_url: str, organization_id: UUID, expenses: UUID, *, statements: int
) -> AbstractContextManager[Running]:
    """The process, which dies before it sends that many statements; 0: it lives."""
    told = [database_url, organization_id, expenses, statements]
    return running(
        [sys.executable, "-m", "tests.faults.bookkeeper", *map(str, told)],
        env=environment(PYTHONPATH=f"{BACKEND}:{ROOT}"),
    )


async def broken(database_url: str) -> Sequence[str]:
    """The rules that do not hold, and what a half-done act would leave."""
    async with connected(database_url, pool=1):
        sentences = [one.sentence async for one in verifying.findings() if not one.holds]
        if await JournalEntry.filter(state=EntryState.DRAFT).exists():
            sentences.append("An entry was left as a draft.")
        if not all(act.details for act in await Act.all()):
            sentences.append("An act was left that did nothing.")
        return sentences


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """What the run is repeated with."""
    return int(request.config.option.randomly_seed)


class TestABookkeeperIsKilled:
    async def test_between_any_two_statements_the_books_are_whole(
        self, database_url: str, seed: int
    ) -> None:
        async with connected(database_url, pool=1):
            organization_id, expenses = await prepare()
        chance = random.Random(seed)
        for _ in range(KILLS):
            at = chance.randint(1, STATEMENTS)
            with bookkeeper(database_url, organization_id, expenses, statements=at) as child:
                assert child.wait(within=180) == -signal.SIGKILL, child.output
            assert await broken(database_url) == [], f"killed before statement {at}"
        with bookkeeper(database_url, organization_id, expenses, statements=0) as child:
            assert child.wait(within=180) == 0, child.output
        assert await broken(database_url) == []
        await self._require_settled(database_url)

    async def test_while_it_works_the_books_are_whole(self, database_url: str) -> None:
        async with connected(database_url, pool=1):
            organization_id, expenses = await prepare()
        with bookkeeper(database_url, organization_id, expenses, statements=0) as child:
            child.wait_for("settled")
            child.signal(signal.SIGKILL)
            child.wait()
        assert await broken(database_url) == []

    async def _require_settled(self, database_url: str) -> None:
        """Each line is reconciled, by one entry that stands for each booking and transfer."""
        async with connected(database_url, pool=1):
            lines = await BankTransaction.all()
            assert [one.reconciled_minor for one in lines] == [one.amount_minor for one in lines]
            standing = await Act.filter(
                kind__in=[ActKind.BOOK, ActKind.TRANSFER], undone_at=None
            ).count()
            assert standing == 2 * LINES
            reversals = await JournalEntry.exclude(reverses_id=None).count()
            assert await JournalEntry.all().count() - 2 * reversals == 2 * LINES
