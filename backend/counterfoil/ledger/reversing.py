"""Taking posted entries back: by an entry that mirrors them."""

from __future__ import annotations

from uuid import UUID

from counterfoil.errors import CounterfoilError
from counterfoil.kit.text import clean
from counterfoil.ledger import posting
from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.locks import books_of, reversal_date
from counterfoil.ledger.models import EntrySource, EntryState, JournalEntry
from counterfoil.ledger.stored import FIELD, as_line, lines_of, number_of, own_entry, rates_of
from counterfoil.ledger.wording import MEMO_LIMIT
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Viewer


class AlreadyReversed(CounterfoilError):
    """Another entry takes this one back already."""

    code = "JOURNAL_ENTRY_REVERSED"
    field = FIELD

    def __init__(self, *, number: str | None, by: JournalEntry) -> None:
        self.by_id = by.id
        super().__init__(f"Entry {number} was reversed by entry {number_of(by)}.")


class JournalEntryDraft(CounterfoilError):
    """A draft counts nowhere, so there is nothing to take back."""

    code = "INVALID_INPUT"
    field = FIELD

    def __init__(self) -> None:
        super().__init__("A draft is not reversed. Change or discard it.")


async def post_reversal(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    journal_entry_id: UUID,
    act_id: UUID | None,
    expected_revision: int | None = None,
) -> Entry:
    """Post the mirror of an entry: the same accounts and rates, each amount turned round.

    Dated like the original if no lock reaches that day, else the first day that none does. Its
    bank lines must have been unmatched before; its audit is the caller's.

    Raises:
        NotFound, Forbidden, Conflict, JournalEntryDraft, AlreadyReversed.
    """
    original = await own_entry(uow, viewer, journal_entry_id, expected_revision)
    await _refuse_irreversible(original)
    books = await books_of(viewer)
    reversal = _reversal(uow, viewer, original)
    reversal.posted_on = reversal_date(original.posted_on, books)
    reversal.act_id = act_id
    lines = [as_line(row).mirrored() for row in await lines_of(original)]
    written = await posting.write_draft(
        uow, reversal, lines, await rates_of(original), dated_on=reversal.posted_on
    )
    original.revision += 1
    await original.save(update_fields=["revision"])
    uow.upserted(ChangeType.JOURNAL_ENTRY, original.id, original.revision)
    return await posting.post(uow, books, written)


async def _refuse_irreversible(entry: JournalEntry) -> None:
    if entry.state is EntryState.DRAFT:
        raise JournalEntryDraft
    by = await JournalEntry.get_or_none(reverses_id=entry.id)
    if by is not None:
        raise AlreadyReversed(number=number_of(entry), by=by)


def _reversal(uow: UnitOfWork, viewer: Viewer, original: JournalEntry) -> JournalEntry:
    said = f": {original.memo}" if original.memo else ""
    return JournalEntry(
        organization_id=viewer.organization_id,
        transaction_on=original.transaction_on,
        reference=original.reference,
        memo=clean(f"Reversal of {number_of(original)}{said}", limit=MEMO_LIMIT),
        contact=original.contact,
        source=EntrySource.PERSON,
        reverses_id=original.id,
        created_by=viewer.actor,
        created_at=uow.now,
    )
