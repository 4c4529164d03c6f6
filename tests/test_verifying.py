"""Proving that the books are whole, and noticing each way in which they are not."""

# ruff: noqa: S608 - statements put together from the constants below

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from uuid import UUID

import asyncpg
import pytest
from tortoise.transactions import in_transaction

from counterfoil import verifying
from counterfoil.audit.operations import record
from counterfoil.kit.sql import execute, fetch, on_sqlite
from counterfoil.ledger.locks import set_period_lock
from counterfoil.ledger.models import JournalLine
from counterfoil.ledger.reversing import post_reversal
from counterfoil.ledger.write_offs import set_write_off_limit
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.annotating import annotate
from counterfoil.reconciliation.excluding import exclude
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from tests.reconciliation.conftest import START, Books, make_books
from tests.services.processes import COUNTERFOIL, environment


@pytest.fixture
async def books(database: str) -> Books:
    """A reconciled line, an entry that waits, and one that was reversed."""
    books = await make_books()
    line, entry = await books.line(), await books.entry()
    async with books.begin() as uow:
        await match(
            uow,
            books.viewer,
            bank_items=[BankItem(line.id)],
            journal_items=[JournalItem(entry.lines[0].id)],
            key=None,
        )
    await books.entry(500)
    wrong = await books.entry(700)
    async with books.begin() as uow:
        await post_reversal(uow, books.viewer, journal_entry_id=wrong.entry.id, act_id=None)
    return books


async def broken() -> Sequence[str]:
    """The sentences of the rules that do not hold."""
    return [one.sentence async for one in verifying.findings() if not one.holds]


async def force(statement: str) -> None:
    """Run a statement that the database would refuse, past its guards."""
    if not on_sqlite():
        async with in_transaction():
            await execute("SET LOCAL session_replication_role = replica")
            await execute(statement)
        return
    for row in await fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        await execute(f"DROP TRIGGER {row['name']}")
    await execute("PRAGMA foreign_keys = OFF")
    await execute(statement)


_MATCHED = "(SELECT journal_line_id FROM match_journal_item)"
_REVERSAL = "(SELECT id FROM journal_entry WHERE reverses_id IS NOT NULL)"


class TestFindings:
    async def test_whole_books_have_none(self, books: Books) -> None:
        assert await broken() == []

    async def test_nor_after_what_is_not_posted(self, books: Books) -> None:
        line = await books.line(-500)
        for comment in ("Whose is it?", "Ours."):
            async with books.begin() as uow:
                await annotate(
                    uow,
                    books.viewer,
                    bank_transaction_id=line.id,
                    expected_revision=None,
                    comment=comment,
                )
        async with books.begin() as uow:
            await set_period_lock(
                uow, books.viewer, soft_lock_on=START, hard_lock_on=None, expected_revision=1
            )
        async with books.begin() as uow:
            await set_write_off_limit(uow, books.viewer, limit_minor=500, expected_revision=2)
        for _ in range(2):
            async with books.begin() as uow:
                key = Key("excludeTransactions", "exclude-1", "all")
                wanted = {line.id: None}
                await exclude(uow, books.viewer, wanted=wanted, reason="Private", key=key)
        await books.entry(500)
        assert await broken() == []

    @pytest.mark.parametrize(
        ("statement", "sentence"),
        [
            (
                f"UPDATE journal_line SET base_minor = base_minor - 1 WHERE id IN {_MATCHED}",
                "balances in the base currency",
            ),
            (
                f"DELETE FROM journal_line WHERE id NOT IN {_MATCHED}",
                "at least two lines",
            ),
            (
                "UPDATE journal_line SET amount_minor = amount_minor + 1 WHERE position = 0",
                "of one currency balances in it",
            ),
            ("UPDATE journal_line SET posted_on = NULL", "carry the date"),
            ("UPDATE journal_entry SET number = 9 WHERE number = 1", "have no holes"),
            ("UPDATE fiscal_year SET last_number = 9", "have no holes"),
            (
                (
                    "UPDATE journal_line SET amount_minor = amount_minor * 2,"
                    f" base_minor = base_minor * 2 WHERE journal_entry_id IN {_REVERSAL}"
                ),
                "A reversal mirrors",
            ),
            (
                (
                    "UPDATE journal_entry SET reverses_id = (SELECT journal_entry_id"
                    f" FROM journal_line WHERE id IN {_MATCHED}) WHERE id IN {_REVERSAL}"
                ),
                "with an entry that was reversed",
            ),
            ("UPDATE match_bank_item SET amount_minor = -1", "two sides add up"),
            ("UPDATE match_group SET sealed = NOT sealed", "Every match is finished"),
            ("DELETE FROM bank_transaction", "ties a bank line"),
            ("UPDATE bank_transaction SET pending = NOT pending", "ties a bank line"),
            (f"DELETE FROM journal_line WHERE id IN {_MATCHED}", "ties a posted line"),
            (
                (
                    "UPDATE journal_line SET ledger_account_id = (SELECT id FROM ledger_account"
                    f" WHERE name = 'Sales') WHERE id IN {_MATCHED}"
                ),
                "ties a posted line",
            ),
            ("UPDATE bank_transaction SET reconciled_minor = -1", "a bank line says"),
            ("UPDATE journal_line SET cleared_minor = 0", "a journal line says"),
            ("UPDATE ledger_balance SET amount_minor = amount_minor + 1", "equal the sums"),
            ("UPDATE ledger_balance SET base_minor = base_minor + 1", "equal the sums"),
            ("DELETE FROM ledger_balance", "has its kept balance"),
            ("DELETE FROM change WHERE position = 2", "Positions of changes"),
            ("UPDATE audit_event SET action = 'nothing'", "audit events"),
        ],
    )
    async def test_each_way_to_break_them_is_named(
        self, books: Books, statement: str, sentence: str
    ) -> None:
        await force(statement)
        assert [one for one in await broken() if sentence in one] != []

    async def test_the_rows_are_named(self, books: Books) -> None:
        await force(f"UPDATE journal_line SET cleared_minor = 0 WHERE id IN {_MATCHED}")
        [line] = await JournalLine.filter(match_items__id__isnull=False)
        found = [one async for one in verifying.findings() if not one.holds]
        assert [one.ids for one in found] == [(str(line.id),)]

    async def test_a_chain_is_followed_page_by_page(
        self, books: Books, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(verifying, "_AT_ONCE", 3)
        events = [await self.noted(books) for _ in range(7)]
        assert await broken() == []
        await force(f"UPDATE audit_event SET action = 'no' WHERE id = '{events[-1]}'")
        found = [one async for one in verifying.findings() if not one.holds]
        assert [list(one.ids) for one in found] == [[str(events[-1])]]

    async def noted(self, books: Books) -> UUID:
        async with books.begin() as uow:
            event = await record(
                uow,
                books.viewer,
                action="updateBankAccount",
                object_type="BankAccount",
                object_id=books.account.id,
            )
        return event.id


class TestOneMoment:
    async def test_what_is_written_meanwhile_is_not_seen(
        self, books: Books, database_url: str
    ) -> None:
        async with verifying.one_moment():
            rules = verifying.findings()
            found = [await anext(rules)]
            await self.elsewhere(database_url, "UPDATE fiscal_year SET last_number = 9")
            found += [one async for one in rules]
        assert [one.sentence for one in found if not one.holds] == []
        assert [one for one in await broken() if "have no holes" in one] != []

    async def elsewhere(self, url: str, statement: str) -> None:
        """Write as another process does, which does not wait for the one that reads."""
        if on_sqlite():
            with closing(sqlite3.connect(url.removeprefix("sqlite://"), timeout=1)) as other:
                other.execute(statement)
                other.commit()
            return
        other_session = await asyncpg.connect(url)
        try:
            await other_session.execute(statement)
        finally:
            await other_session.close()


class TestTheCommand:
    def verify(self, url: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COUNTERFOIL, "verify"],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env=environment(DATABASE_URL=url),
        )

    async def test_whole_books_end_well(self, books: Books, database_url: str) -> None:
        done = self.verify(database_url)
        assert done.returncode == 0, done.stdout + done.stderr
        assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}

    async def test_broken_ones_do_not(self, books: Books, database_url: str) -> None:
        await force("DELETE FROM ledger_balance")
        done = self.verify(database_url)
        assert done.returncode == 1
        assert "BROKEN  Every day on which a ledger account moved" in done.stdout
