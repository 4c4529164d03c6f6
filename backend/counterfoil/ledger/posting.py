"""Writing entries into the books: as drafts first, then posted.

Nothing here asks whether it may; `entries` and `reversing` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from counterfoil.ledger.completing import Line
from counterfoil.ledger.counting import count
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
    posted = await post_uncounted(uow, books, written)
    await count([posted])
    return posted


async def post_uncounted(uow: UnitOfWork, books: Books, written: Entry) -> Entry:
    """As `post`, for a caller that lets many entries count at once, in the same transaction."""
    entry = written.entry
    entry.fiscal_year = fiscal_year_of(entry.posted_on, starts_in=books.fiscal_year_starts_in)
    entry.number = await take_number(uow, entry.fiscal_year)
    entry.state, entry.posted_at = EntryState.POSTED, uow.now
    if any(line.posted_on != entry.posted_on for line in written.lines):
        await JournalLine.filter(journal_entry_id=entry.id).update(posted_on=entry.posted_on)
    for line in written.lines:
        line.posted_on = entry.posted_on
    await entry.save()
    uow.upserted(ChangeType.JOURNAL_ENTRY, entry.id, entry.revision)
    return written
