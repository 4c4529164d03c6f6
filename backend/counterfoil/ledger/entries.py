"""Writing journal entries: as drafts, or posted at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from counterfoil.audit.operations import record
from counterfoil.errors import Conflict, CounterfoilError, NotFound
from counterfoil.identity.queries import organization
from counterfoil.ledger import posting
from counterfoil.ledger.chart import ExternalIdTaken
from counterfoil.ledger.completing import Account, Ledger, Line, complete, sketch
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft, Rate
from counterfoil.ledger.locks import books_of, open_date
from counterfoil.ledger.models import (
    EntryRate,
    EntryState,
    JournalEntry,
    JournalLine,
    LedgerAccount,
)
from counterfoil.ledger.numbering import shown_number
from counterfoil.ledger.wording import (
    CONTACT_LIMIT,
    EXTERNAL_ID_LIMIT,
    MEMO_LIMIT,
    REFERENCE_LIMIT,
    bounded,
)
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


async def create_entry(
    uow: UnitOfWork,
    viewer: Viewer,
    draft: EntryDraft,
    *,
    post: bool = True,
    act_id: UUID | None = None,
    reverses_id: UUID | None = None,
) -> Entry:
    """Write an entry, and post it unless told otherwise. Its audit is the caller's.

    A draft need not balance, may lack rates, and has no number. Repeating the call makes another
    entry.

    Raises:
        Forbidden; PeriodLocked; ExternalIdTaken; NotFound, LedgerAccountInactive,
        LineCurrencyMismatch, RateMissing, RateUnusable, JournalEntryUnbalanced, InvalidInput:
        each with the field below the input.
    """
    await uow.position()
    viewer.require(Right.CODE)
    entry = _header(uow, viewer, draft)
    entry.act_id, entry.reverses_id = act_id, reverses_id
    if entry.external_id is not None:
        await _refuse_taken(viewer, entry.external_id)
    books = await books_of(viewer)
    if post:
        open_date(draft.posted_on, books, viewer)
    lines = await lines_for(viewer, draft.lines, draft.rates, post=post)
    written = await posting.write_draft(uow, entry, lines, draft.rates)
    return await posting.post(uow, books, written) if post else written


def _header(uow: UnitOfWork, viewer: Viewer, draft: EntryDraft) -> JournalEntry:
    external_id = bounded(draft.external_id, limit=EXTERNAL_ID_LIMIT, field=("external_id",))
    return JournalEntry(
        organization_id=viewer.organization_id,
        posted_on=draft.posted_on,
        transaction_on=draft.transaction_on,
        reference=bounded(draft.reference, limit=REFERENCE_LIMIT, field=("reference",)),
        memo=bounded(draft.memo, limit=MEMO_LIMIT, field=("memo",)),
        contact=bounded(draft.contact, limit=CONTACT_LIMIT, field=("contact",)),
        source=draft.source,
        external_id=external_id,
        created_by=viewer.actor,
        created_at=uow.now,
    )


async def _refuse_taken(viewer: Viewer, external_id: str) -> None:
    holder = await JournalEntry.get_or_none(
        organization_id=viewer.organization_id, external_id=external_id
    )
    if holder is not None:
        name = f"entry {number_of(holder)}" if holder.number else "a draft"
        raise ExternalIdTaken(external_id=external_id, holder=name)


async def lines_for(
    viewer: Viewer, drafts: Sequence[LineDraft], rates: Sequence[Rate], *, post: bool
) -> tuple[Line, ...]:
    """The lines as the viewer's books keep them.

    Raises:
        as `complete` for an entry that is to be posted, else as `sketch`.
    """
    ledger = await _ledger(viewer, {line.ledger_account_id for line in drafts})
    worded = [
        replace(line, memo=bounded(line.memo, limit=MEMO_LIMIT, field=("lines", str(at), "memo")))
        for at, line in enumerate(drafts)
    ]
    return (complete if post else sketch)(worded, rates, ledger)


async def _ledger(viewer: Viewer, ledger_account_ids: Collection[UUID]) -> Ledger:
    rows = await LedgerAccount.filter(
        organization_id=viewer.organization_id, id__in=list(ledger_account_ids)
    )
    accounts = {
        row.id: Account(number=row.number, currency=row.currency, active=row.inactive_at is None)
        for row in rows
    }
    return Ledger(base=(await organization(viewer)).base_currency, accounts=accounts)


async def post_draft(
    uow: UnitOfWork, viewer: Viewer, *, journal_entry_id: UUID, expected_revision: int
) -> Entry:
    """Give a draft its number and let it count.

    Raises:
        NotFound, Forbidden, Conflict, JournalEntryPosted; as `create_entry`.
    """
    entry = await own_entry(uow, viewer, journal_entry_id, expected_revision)
    refuse_posted(entry)
    books = await books_of(viewer)
    open_date(entry.posted_on, books, viewer)
    drafts, rates = await lines_of(entry), await rates_of(entry)
    lines = await lines_for(viewer, drafts, rates, post=True)
    await posting.remove_lines(entry)
    entry.revision += 1
    rows = await posting.write_lines(uow, entry, lines, rates)
    posted = await posting.post(uow, books, Entry(entry, rows))
    await record(
        uow,
        viewer,
        action="postJournalEntry",
        object_type="JournalEntry",
        object_id=entry.id,
        before={"state": EntryState.DRAFT},
        after={"state": EntryState.POSTED, "number": number_of(entry)},
    )
    return posted


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


async def lines_of(entry: JournalEntry) -> list[LineDraft]:
    """A draft's lines as they would be asked for again.

    A foreign base amount of 0 is one that was not known yet.
    """
    rows = await JournalLine.filter(journal_entry_id=entry.id).order_by("position")
    return [
        LineDraft(
            ledger_account_id=row.ledger_account_id,
            amount_minor=row.amount_minor,
            currency=row.currency,
            base_minor=row.base_minor or None,
            memo=row.memo,
        )
        for row in rows
    ]


async def rates_of(entry: JournalEntry) -> list[Rate]:
    """An entry's rates, by currency."""
    rows = await EntryRate.filter(journal_entry_id=entry.id).order_by("currency")
    return [
        Rate(currency=row.currency, rate=row.rate, rate_on=row.rate_on, source=row.source)
        for row in rows
    ]
