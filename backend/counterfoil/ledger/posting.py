"""Writing entries into the books: as drafts first, then posted.

Nothing here asks whether it may; `entries` and `reversing` do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from tortoise.exceptions import IntegrityError

from counterfoil.errors import InvalidInput
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute_many
from counterfoil.ledger.completing import Line
from counterfoil.ledger.drafting import Entry, Rate
from counterfoil.ledger.models import (
    Books,
    EntryRate,
    EntryState,
    JournalEntry,
    JournalLine,
)
from counterfoil.ledger.numbering import fiscal_year_of, take_number
from counterfoil.unit_of_work import ChangeType, UnitOfWork

_TOO_LARGE = "LEDGER_BALANCE_TOO_LARGE"


class BalanceTooLarge(InvalidInput):
    """A ledger account would hold, on some day, more than can be counted exactly."""

    def __init__(self) -> None:
        super().__init__(
            "With this a ledger account would hold 10^18 minor units or more, which is more than "
            "is counted. Look for an amount with too many digits.",
            field=("lines",),
        )


async def write_draft(
    uow: UnitOfWork,
    entry: JournalEntry,
    lines: Sequence[Line],
    rates: Sequence[Rate],
    *,
    dated_on: date | None = None,
) -> Entry:
    """Store a new entry as a draft. Lines that are posted next may have their date already."""
    await entry.save(force_create=True)
    return Entry(entry, await write_lines(uow, entry, lines, rates, dated_on=dated_on))


async def write_lines(
    uow: UnitOfWork,
    entry: JournalEntry,
    lines: Sequence[Line],
    rates: Sequence[Rate],
    *,
    dated_on: date | None = None,
) -> tuple[JournalLine, ...]:
    """Store the lines and rates of a draft that has none, and tell of it."""
    rows = tuple(_row(entry, place, line, dated_on) for place, line in enumerate(lines))
    await JournalLine.bulk_create(rows)
    if rates:
        await EntryRate.bulk_create([_rate(entry, rate) for rate in rates])
    uow.upserted(ChangeType.JOURNAL_ENTRY, entry.id, entry.revision)
    return rows


async def remove_lines(entry: JournalEntry) -> None:
    """Take away the lines and rates of a draft, so that others can be written."""
    await JournalLine.filter(journal_entry_id=entry.id).delete()
    await EntryRate.filter(journal_entry_id=entry.id).delete()


def _row(entry: JournalEntry, place: int, line: Line, dated_on: date | None) -> JournalLine:
    return JournalLine(
        organization_id=entry.organization_id,
        journal_entry_id=entry.id,
        position=place,
        ledger_account_id=line.ledger_account_id,
        amount_minor=line.amount_minor,
        currency=line.currency,
        base_minor=line.base_minor,
        memo=line.memo,
        posted_on=dated_on,
    )


def _rate(entry: JournalEntry, rate: Rate) -> EntryRate:
    return EntryRate(
        journal_entry_id=entry.id,
        currency=rate.currency,
        rate=rate.rate,
        rate_on=rate.rate_on,
        source=rate.source,
    )


async def value(rows: Sequence[JournalLine], lines: Sequence[Line]) -> None:
    """Give the lines of a draft the base amounts that are known now."""
    for row, line in zip(rows, lines, strict=True):
        if row.base_minor != line.base_minor:
            row.base_minor = line.base_minor
            await row.save(update_fields=["base_minor"])


async def post(uow: UnitOfWork, books: Books, written: Entry) -> Entry:
    """Post a draft whose lines balance: it gets its number, and counts in the balances."""
    entry = written.entry
    entry.fiscal_year = fiscal_year_of(entry.posted_on, starts_in=books.fiscal_year_starts_in)
    entry.number = await take_number(uow, entry.fiscal_year)
    entry.state, entry.posted_at = EntryState.POSTED, uow.now
    if any(line.posted_on != entry.posted_on for line in written.lines):
        await JournalLine.filter(journal_entry_id=entry.id).update(posted_on=entry.posted_on)
    for line in written.lines:
        line.posted_on = entry.posted_on
    await entry.save()
    await _move(written.lines, entry.posted_on)
    uow.upserted(ChangeType.JOURNAL_ENTRY, entry.id, entry.revision)
    return written


async def _move(lines: Iterable[JournalLine], on: date) -> None:
    """Add lines to the balances of their day and of all later ones."""
    sums: defaultdict[tuple[UUID, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        moved = sums[line.ledger_account_id, line.currency]
        moved[0] += line.amount_minor
        moved[1] += line.base_minor
    await execute_many(
        _BEGIN_DAY, [(new_id(), account, currency, on, currency) for account, currency in sums]
    )
    try:
        await execute_many(
            _MOVE, [(account, currency, on, *moved) for (account, currency), moved in sums.items()]
        )
    except IntegrityError as refused:
        if _TOO_LARGE not in str(refused):
            raise
        raise BalanceTooLarge from refused


_BEGIN_DAY = """
INSERT INTO ledger_balance (id, ledger_account_id, currency, day, amount_minor, base_minor)
VALUES ($1, $2, $3, $4,
    COALESCE((SELECT b.amount_minor FROM ledger_balance AS b
              WHERE b.ledger_account_id = $2 AND b.currency = $5 AND b.day < $4
              ORDER BY b.day DESC LIMIT 1), 0),
    COALESCE((SELECT b.base_minor FROM ledger_balance AS b
              WHERE b.ledger_account_id = $2 AND b.currency = $5 AND b.day < $4
              ORDER BY b.day DESC LIMIT 1), 0))
ON CONFLICT (ledger_account_id, currency, day) DO NOTHING
"""
# The currency is $3 and again $5: PostgreSQL takes one for VARCHAR and the other for TEXT.
_MOVE = """
UPDATE ledger_balance SET amount_minor = amount_minor + $4, base_minor = base_minor + $5
WHERE ledger_account_id = $1 AND currency = $2 AND day >= $3
"""
