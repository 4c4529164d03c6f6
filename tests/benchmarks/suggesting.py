"""Suggestions for a page of 50 bank lines among 10,000 journal lines, against reading the rows.

The bound is the least that the question takes of the database: the same candidates by the same
statements, all at once, and nothing made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, execute_many, insert_records
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.plumbing.database import connected
from counterfoil.reconciliation.candidates import Asked, journal_union, mirror_union
from counterfoil.reconciliation.evidence import BankSide
from counterfoil.reconciliation.suggesting import suggestions_for
from counterfoil.viewer import Viewer
from tests.benchmarks.books import NOW, fill
from tests.benchmarks.figures import Figure
from tests.benchmarks.measuring import medians, stopwatch

PAGE = 50
ENTRIES = 10_000  # each with one line on the bank's ledger account: 10,000 of those are open
LINES = 5_000  # of each of the two bank accounts
_DAYS = 700
_LAST = date(2026, 2, 28)
_SHOPS = ("Elm Street Coffee", "Oak Hardware", "City Power", "Northern Rail", "Acme Software")

_ENTRY = (
    *("id", "organization_id", "state", "posted_on", "source", "created_by", "created_at"),
    *("revision", "reference", "memo", "contact"),
)
_JOURNAL_LINE = (
    *("id", "organization_id", "journal_entry_id", "position", "ledger_account_id"),
    *("amount_minor", "currency", "base_minor", "posted_on", "cleared_minor"),
)
_BANK_LINE = (
    *("id", "organization_id", "bank_account_id", "aggregator_id", "pending", "dated_on"),
    *("amount_minor", "currency", "exponent", "description", "counterparty", "raw_hash"),
    *("first_refresh_id", "last_refresh_id", "changed_at", "change_position"),
    *("reconciled_minor", "revision"),
)


def _amount(number: int) -> int:
    """Out of the account, and often the same: a third of all amounts is there three times."""
    return -(number * 7919 % 6_000) - 100


def _day(number: int) -> date:
    return _LAST - timedelta(days=number * _DAYS // ENTRIES)


@dataclass(frozen=True, slots=True)
class _Books:
    """Two tied bank accounts, what is booked on the first one, and the newest page of that."""

    viewer: Viewer
    page: Sequence[UUID]
    asked: Sequence[Asked]

    async def ours(self) -> float:
        async with stopwatch() as watch:
            found = await suggestions_for(self.viewer, self.page)
        assert len(found) == PAGE
        return watch.seconds

    async def bound(self) -> float:
        async with stopwatch() as watch:
            rows = await journal_union(self.viewer, self.asked).rows()
            await mirror_union(self.viewer, self.asked).rows()
        assert len(rows) > PAGE
        return watch.seconds


async def _books() -> _Books:
    filled = await fill(new_id(), accounts=5)
    first, second = filled.accounts[:2]
    await BankAccount.filter(id__in=[first.id, second.id]).update(start_on=date(2020, 1, 1))
    against = await LedgerAccount.create(
        organization_id=filled.organization_id,
        number="6100",
        name="Purchases",
        type=LedgerAccountType.EXPENSE,
        currency="USD",
    )
    assert first.ledger_account_id is not None
    await _book(filled.organization_id, first.ledger_account_id, against.id)
    page = await _report(first, (_amount(2 * number) for number in range(LINES)))
    await _report(second, (-_amount(3 * number) for number in range(LINES)))
    await execute("ANALYZE")
    sides = [_side(line_id, number) for number, line_id in enumerate(page)]
    asked = [Asked(side, first.id, first.ledger_account_id) for side in sides]
    return _Books(Viewer.system(filled.organization_id), page, asked)


def _side(line_id: UUID, number: int) -> BankSide:
    return BankSide(
        id=line_id,
        amount_minor=_amount(2 * number),
        open_minor=_amount(2 * number),
        currency="USD",
        exponent=2,
        dated_on=_day(2 * number),
    )


async def _book(organization_id: UUID, bank: UUID, against: UUID) -> None:
    """Posted entries of two lines each, none of them cleared."""
    ids = [new_id() for _ in range(ENTRIES)]
    entries = (
        (
            *(id_, organization_id, "DRAFT", _day(number), "IMPORT", "SYSTEM:", NOW, 1),
            *(f"INV-{number:05}", "Bought on account", _SHOPS[number % 5]),
        )
        for number, id_ in enumerate(ids)
    )
    await insert_records("journal_entry", _ENTRY, entries)
    lines = (
        (
            *(new_id(), organization_id, id_, position, account, sign * _amount(number), "USD"),
            *(sign * _amount(number), _day(number), 0),
        )
        for number, id_ in enumerate(ids)
        for position, (account, sign) in enumerate(((bank, 1), (against, -1)))
    )
    await insert_records("journal_line", _JOURNAL_LINE, lines)
    await execute_many(
        "UPDATE journal_entry SET state = 'POSTED', fiscal_year = 2026, number = $2,"
        " posted_at = $3 WHERE id = $1",
        [(id_, number, NOW) for number, id_ in enumerate(ids, 1)],
    )


async def _report(account: BankAccount, amounts: Iterable[int]) -> Sequence[UUID]:
    """Posted lines, the newest first; the ids of the newest page."""
    refresh_id, rows = new_id(), []
    for number, amount in enumerate(amounts):
        shop = _SHOPS[number % 5]
        rows.append(
            (
                *(new_id(), account.organization_id, account.id, f"line-{number}", False),
                *(_day(2 * number), amount, "USD", 2, f"POS {number:05} {shop}", shop, "0"),
                *(refresh_id, refresh_id, NOW, 1, 0, 1),
            )
        )
    await insert_records("bank_transaction", _BANK_LINE, rows)
    return [row[0] for row in rows[:PAGE]]


async def measure(database_url: str, *, name: str, rounds: int) -> Sequence[Figure]:
    """One figure of this database, in milliseconds for the page."""
    async with connected(database_url, pool=4):
        books = await _books()
        trials = {"ours": books.ours, "bound": books.bound}
        taken = await medians(trials, rounds=rounds * 10)
    what = f"suggestions for {PAGE} of 10,000 lines, {name}"
    return [Figure(what, taken["ours"], "ms", taken["bound"])]
