"""Entries of the viewer's books as they stand, for whoever is about to change them."""

from __future__ import annotations

from uuid import UUID

from counterfoil.errors import Conflict, CounterfoilError, NotFound
from counterfoil.ledger.completing import Line
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.models import EntryRate, EntryState, JournalEntry, JournalLine
from counterfoil.ledger.numbering import shown_number
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

FIELD = ("journal_entry_id",)


class JournalEntryPosted(CounterfoilError):
    """Only memo and contact of a posted entry change; it is reversed, never edited or removed."""

    code = "JOURNAL_ENTRY_POSTED"
    field = FIELD

    def __init__(self, entry: JournalEntry) -> None:
        self.journal_entry_id = entry.id
        super().__init__(
            f"Entry {number_of(entry)} is posted: only its memo and contact can change. "
            "Reverse it instead."
        )


async def own_entry(
    uow: UnitOfWork, viewer: Viewer, journal_entry_id: UUID, expected_revision: int | None
) -> JournalEntry:
    """An entry of the viewer's books, which the viewer may change and has seen as it is.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    await uow.position()
    entry = await JournalEntry.get_or_none(
        id=journal_entry_id, organization_id=viewer.organization_id
    )
    if entry is None:
        raise NotFound(field=FIELD)
    viewer.require(Right.CODE)
    if expected_revision is not None and entry.revision != expected_revision:
        raise Conflict(
            of="JournalEntry",
            object_id=entry.id,
            expected=expected_revision,
            actual=entry.revision,
        )
    return entry


def refuse_posted(entry: JournalEntry) -> None:
    """Pass silently when the entry is a draft.

    Raises:
        JournalEntryPosted.
    """
    if entry.state is EntryState.POSTED:
        raise JournalEntryPosted(entry)


def number_of(entry: JournalEntry) -> str | None:
    """An entry's number as people read it; None for a draft."""
    if entry.fiscal_year is None or entry.number is None:
        return None
    return shown_number(entry.fiscal_year, entry.number)


async def lines_of(entry: JournalEntry) -> list[JournalLine]:
    """An entry's lines in their order."""
    return await JournalLine.filter(journal_entry_id=entry.id).order_by("position")


async def rates_of(entry: JournalEntry) -> list[Rate]:
    """An entry's rates, by currency."""
    rows = await EntryRate.filter(journal_entry_id=entry.id).order_by("currency")
    return [
        Rate(currency=row.currency, rate=row.rate, rate_on=row.rate_on, source=row.source)
        for row in rows
    ]


def as_line(row: JournalLine) -> Line:
    """A stored line as a value."""
    return Line(
        ledger_account_id=row.ledger_account_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        base_minor=row.base_minor,
        memo=row.memo,
    )


def as_draft(row: JournalLine, *, valued: bool = True) -> LineDraft:
    """A draft's line as it would be asked for again.

    A base amount of 0 is not known yet; unless `valued`, it is to follow from the rate anew.
    """
    kept = row.base_minor if valued or not row.amount_minor else None
    return LineDraft(
        ledger_account_id=row.ledger_account_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        base_minor=kept or None,
        memo=row.memo,
    )
