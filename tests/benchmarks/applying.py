"""100,000 bank lines through the operation that a pull uses, against bare writes of as many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from counterfoil.aggregators.port import ChangesPage, Completeness, TransactionSnapshot
from counterfoil.kit.clock import SystemClock
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import connection, execute, fetch, on_sqlite
from counterfoil.plumbing.database import connected
from counterfoil.transactions.operations import apply_pages
from counterfoil.unit_of_work import Job, Transactions
from tests.benchmarks.books import Books, fill
from tests.benchmarks.figures import Figure
from tests.benchmarks.measuring import medians, stopwatch

LINES = 100_000
PAGE = 500  # lines of one page, as many as Plaid gives at most
PAGES_AT_ONCE = 20  # as many as a pull applies at once
ACCOUNTS = 5  # all of one login
_CHANGED_OF = 20  # one line of so many is changed


class Nobody:
    """Hears no bell and takes no job: neither belongs to writing lines."""

    async def ring(self, organization_id: UUID, position: int) -> None:
        return

    async def enqueue(self, job: Job) -> None:
        return


def _line(number: int, accounts: Sequence[str], *, version: int = 0) -> TransactionSnapshot:
    dated = date(2026, 2, 28) - timedelta(days=number * 730 // LINES)
    return TransactionSnapshot(
        aggregator_id=f"{number:08}-{number * 2654435761 % 2**32:08x}-line-of-a-bank",
        account_id=accounts[number % len(accounts)],
        pending=False,
        dated_on=dated,
        occurred_on=dated - timedelta(days=1),
        amount_minor=number * 7919 % 1_000_000 - 600_000,
        currency="USD",
        exponent=2,
        description=f"Card purchase {number % 5000} at a shop{' (corrected)' * version}",
        bank_description=f"POS DEBIT {number % 5000:05} SEATTLE WA",
        counterparty=f"Shop {number % 900}",
        check_number=None,
        category="GENERAL_MERCHANDISE",
        pending_id=None,
        raw_hash=blake2b(f"{number}/{version}".encode(), digest_size=16).digest(),
    )


def _pages(lines: Sequence[TransactionSnapshot]) -> Sequence[ChangesPage]:
    return [
        ChangesPage(
            added=lines[start : start + PAGE],
            modified=[],
            removed=[],
            next_cursor=f"after-{start}",
            has_more=start + PAGE < len(lines),
            completeness=Completeness.COMPLETE,
        )
        for start in range(0, len(lines), PAGE)
    ]


@dataclass(frozen=True, slots=True)
class _Pull:
    """The lines of one login, and how to bring the table to what they say."""

    books: Books
    targets: dict[str, UUID]
    first: Sequence[ChangesPage]
    second: Sequence[ChangesPage]

    @classmethod
    def of(cls, books: Books) -> _Pull:
        targets = {str(row.aggregator_id): row.id for row in books.accounts}
        names = list(targets)
        first = [_line(number, names) for number in range(LINES)]
        second = [
            _line(number, names, version=1) if number % _CHANGED_OF == 0 else line
            for number, line in enumerate(first)
        ]
        return cls(books, targets, _pages(first), _pages(second))

    async def apply(self, pages: Sequence[ChangesPage]) -> float:
        """Apply all pages in one transaction; its seconds, the commit included."""
        transactions = Transactions(SystemClock(), Nobody(), Nobody())
        refresh_id = new_id()
        async with stopwatch() as watch, transactions.begin(self.books.organization_id) as uow:
            for start in range(0, len(pages), PAGES_AT_ONCE):
                await apply_pages(
                    uow,
                    pages[start : start + PAGES_AT_ONCE],
                    targets=self.targets,
                    bank_link_id=self.books.links[0].id,
                    refresh_id=refresh_id,
                )
        return watch.seconds

    async def new(self) -> float:
        await _empty()
        seconds = await self.apply(self.first)
        await _settle()
        return seconds

    async def unchanged(self) -> float:
        return await self.apply(self.first)

    async def changed(self) -> float:
        seconds = await self.apply(self.second)
        await _hold(LINES, corrected=LINES // _CHANGED_OF)
        return seconds


async def _empty() -> None:
    await execute("DELETE FROM bank_transaction")
    if not on_sqlite():
        await execute("VACUUM bank_transaction")


async def _settle() -> None:
    """What autovacuum would have done by itself before the next pull."""
    if not on_sqlite():
        await execute("ANALYZE bank_transaction")
        await execute("CHECKPOINT")


async def _hold(lines: int, *, corrected: int) -> None:
    """A fast wrong answer is no answer."""
    [row] = await fetch(
        "SELECT count(*) AS lines, sum(CASE WHEN revision = 2 THEN 1 ELSE 0 END) AS corrected "
        "FROM bank_transaction"
    )
    assert (row["lines"], row["corrected"]) == (lines, corrected), row


@dataclass(frozen=True, slots=True)
class _Bound:
    """The rows of such a pull, ready to be written as they are."""

    columns: Sequence[str]
    records: list[list[Any]]

    @classmethod
    async def read(cls) -> _Bound:
        """The rows that the table holds now, in the order in which they were written."""
        rows = await fetch("SELECT * FROM bank_transaction ORDER BY id")
        return cls(list(rows[0]), [list(row.values()) for row in rows])

    async def write(self) -> float:
        await _empty()
        write = self._executemany if on_sqlite() else self._copy
        async with stopwatch() as watch:
            await write()
        await _settle()
        return watch.seconds

    async def _copy(self) -> None:
        async with connection().acquire_connection() as raw:
            await raw.copy_records_to_table(
                "bank_transaction", columns=self.columns, records=self.records
            )

    async def _executemany(self) -> None:
        marks = ", ".join("?" * len(self.columns))
        statement = f"INSERT INTO bank_transaction ({', '.join(self.columns)}) VALUES ({marks})"  # noqa: S608
        async with in_transaction() as transaction:
            await transaction.execute_many(statement, self.records)


async def measure(database_url: str, *, name: str, rounds: int) -> Sequence[Figure]:
    """Three figures of this database, in milliseconds for all 100,000 lines."""
    async with connected(database_url, pool=4):
        pull = _Pull.of(await fill(new_id(), accounts=ACCOUNTS))
        await pull.new()
        bound = await _Bound.read()
        trials = {
            "bound": bound.write,
            "all new": pull.new,
            "unchanged": pull.unchanged,
            "5 % changed": pull.changed,
        }
        taken = await medians(trials, rounds=rounds)
    return [
        Figure(f"apply 100,000 lines, {name}, {what}", taken[what], "ms", taken["bound"])
        for what in trials
        if what != "bound"
    ]
