"""Writing journal entries: as drafts, or posted at once; and what may change of them later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from counterfoil.audit.operations import record
from counterfoil.kit.unset import UNSET
from counterfoil.ledger import posting
from counterfoil.ledger.chart import ExternalIdTaken
from counterfoil.ledger.days import refuse_out_of_range
from counterfoil.ledger.drafting import Entry, EntryDraft, EntryEdit
from counterfoil.ledger.locks import books_of, open_date
from counterfoil.ledger.models import EntrySource, JournalEntry, JournalLine
from counterfoil.ledger.stored import (
    as_draft,
    lines_of,
    number_of,
    own_entry,
    rates_of,
    refuse_posted,
)
from counterfoil.ledger.valuing import Standing, lines_for, lines_in, standing_of
from counterfoil.ledger.wording import worded
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer

_TEXTS = ("reference", "memo", "contact", "external_id")
_DATES = ("posted_on", "transaction_on")
_OPEN_WHEN_POSTED = {"memo", "contact"}


async def create_entry(
    uow: UnitOfWork,
    viewer: Viewer,
    draft: EntryDraft,
    *,
    post: bool = True,
    act_id: UUID | None = None,
) -> Entry:
    """Write an entry, and post it unless told otherwise. Its audit is the caller's.

    A draft need not balance, may lack rates, and has no number. Repeating the call makes another
    entry.

    Raises:
        Forbidden; DayOutOfRange, PeriodLocked; ExternalIdTaken; NotFound, LedgerAccountInactive,
        LineCurrencyMismatch, RateMissing, RateUnusable, JournalEntryUnbalanced, InvalidInput:
        each with the field below the input.
    """
    await uow.position()
    viewer.require(Right.CODE)
    entry = _header(uow, viewer, draft, act_id=act_id)
    await _refuse_taken(entry)
    standing = await standing_of(viewer, {line.ledger_account_id for line in draft.lines})
    written = await _draft(uow, viewer, entry, draft, standing, post=post)
    return await posting.post(uow, standing.books, written) if post else written


async def post_one_of_many(
    uow: UnitOfWork, viewer: Viewer, draft: EntryDraft, standing: Standing, *, act_id: UUID
) -> Entry:
    """As `create_entry`, where the caller has looked for all entries at once, and may write.

    That is: `standing` knows their accounts, and nothing has this entry's external id. The caller
    lets all of them count (`counting.count`) before the transaction ends.
    """
    entry = _header(uow, viewer, draft, act_id=act_id)
    written = await _draft(uow, viewer, entry, draft, standing, post=True)
    return await posting.post_uncounted(uow, standing.books, written)


async def _draft(
    uow: UnitOfWork,
    viewer: Viewer,
    entry: JournalEntry,
    draft: EntryDraft,
    standing: Standing,
    *,
    post: bool,
) -> Entry:
    if post:
        entry.past_lock_on = open_date(draft.posted_on, standing.books, viewer)
    lines = lines_in(standing.ledger, draft.lines, draft.rates, post=post)
    dated_on = entry.posted_on if post else None
    return await posting.write_draft(uow, entry, lines, draft.rates, dated_on=dated_on)


def _header(
    uow: UnitOfWork, viewer: Viewer, draft: EntryDraft, *, act_id: UUID | None
) -> JournalEntry:
    refuse_out_of_range(draft.posted_on, field=("posted_on",))
    return JournalEntry(
        organization_id=viewer.organization_id,
        posted_on=draft.posted_on,
        transaction_on=draft.transaction_on,
        source=draft.source,
        act_id=act_id,
        created_by=viewer.actor,
        created_at=uow.now,
        **worded({name: getattr(draft, name) for name in _TEXTS}),
    )


async def _refuse_taken(entry: JournalEntry) -> None:
    """Another entry must not have its external id."""
    if entry.external_id is None:
        return
    holder = await (
        JournalEntry.filter(organization_id=entry.organization_id, external_id=entry.external_id)
        .exclude(id=entry.id)
        .first()
    )
    if holder is not None:
        number = number_of(holder)
        name = f"entry {number}" if number else "a draft"
        raise ExternalIdTaken(external_id=entry.external_id, holder=name)


async def post_draft(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    journal_entry_id: UUID,
    expected_revision: int,
    act_id: UUID,
) -> Entry:
    """Give a draft its number and let it count, as what this act made. Its audit is the caller's.

    Raises:
        NotFound, Forbidden, Conflict, JournalEntryPosted; as `create_entry`.
    """
    entry = await own_entry(uow, viewer, journal_entry_id, expected_revision)
    refuse_posted(entry)
    books = await books_of(viewer)
    entry.past_lock_on = open_date(entry.posted_on, books, viewer)
    rows = await lines_of(entry)
    drafts = [as_draft(row) for row in rows]
    lines = await lines_for(viewer, drafts, await rates_of(entry), post=True)
    await posting.value(rows, lines)
    entry.revision += 1
    entry.act_id = act_id
    return await posting.post(uow, books, Entry(entry, tuple(rows)))


async def edit_entry(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    journal_entry_id: UUID,
    expected_revision: int,
    edit: EntryEdit,
) -> JournalEntry:
    """Change a draft, or the memo and contact of a posted entry. Changing nothing is no change.

    Raises:
        NotFound, Forbidden, Conflict, ExternalIdTaken; JournalEntryPosted: something else of a
        posted entry would change; as `create_entry` for a draft.
    """
    entry = await own_entry(uow, viewer, journal_entry_id, expected_revision)
    columns = _changed(entry, edit)
    relined = edit.lines is not UNSET or edit.rates is not UNSET
    if relined or columns.keys() - _OPEN_WHEN_POSTED:
        refuse_posted(entry)
    if not (relined or columns):
        return entry
    if "posted_on" in columns:
        refuse_out_of_range(columns["posted_on"], field=("posted_on",))
    before = _kept(entry, {name: getattr(entry, name) for name in columns})
    after = _kept(entry, columns)
    entry.update_from_dict(columns)
    entry.revision += 1
    await _refuse_taken(entry)
    if relined:
        before["lines"] = _facts(await lines_of(entry))
        after["lines"] = _facts(await _rewritten(uow, viewer, entry, edit))
    await entry.save()
    uow.upserted(ChangeType.JOURNAL_ENTRY, entry.id, entry.revision)
    await _recorded(uow, viewer, "editJournalEntry", entry, before=before, after=after)
    return entry


def _kept(entry: JournalEntry, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as the trail keeps them: of texts that may be a bank's own, a hash alone."""
    typed = entry.source in (EntrySource.PERSON, EntrySource.IMPORT) and not entry.reverses_id
    return {
        name: value if typed or name not in _TEXTS or value is None else _hashed(value)
        for name, value in columns.items()
    }


def _hashed(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _changed(entry: JournalEntry, edit: EntryEdit) -> dict[str, Any]:
    """The columns that the edit gives another value."""
    texts = {name: getattr(edit, name) for name in _TEXTS}
    dates = {name: getattr(edit, name) for name in _DATES}
    given = worded({name: text for name, text in texts.items() if text is not UNSET})
    wanted = {**given, **{name: on for name, on in dates.items() if on is not UNSET}}
    return {name: value for name, value in wanted.items() if value != getattr(entry, name)}


async def _rewritten(
    uow: UnitOfWork, viewer: Viewer, entry: JournalEntry, edit: EntryEdit
) -> tuple[JournalLine, ...]:
    """Write a draft's lines and rates anew."""
    drafts = edit.lines
    if drafts is UNSET:
        drafts = [as_draft(row, valued=False) for row in await lines_of(entry)]
    rates = edit.rates
    if rates is UNSET:
        unvalued = await lines_for(viewer, drafts, (), post=False)
        used = {line.currency for line in unvalued}
        rates = [rate for rate in await rates_of(entry) if rate.currency in used]
    lines = await lines_for(viewer, drafts, rates, post=False)
    await posting.remove_lines(entry)
    return await posting.write_lines(uow, entry, lines, rates)


def _facts(rows: Sequence[JournalLine]) -> list[dict[str, Any]]:
    columns = ("ledger_account_id", "amount_minor", "currency", "base_minor", "memo")
    return [{name: getattr(row, name) for name in columns} for row in rows]


async def discard_draft(
    uow: UnitOfWork, viewer: Viewer, *, journal_entry_id: UUID, expected_revision: int
) -> None:
    """Throw a draft away, with its lines.

    Raises:
        NotFound, Forbidden, Conflict, JournalEntryPosted.
    """
    entry = await own_entry(uow, viewer, journal_entry_id, expected_revision)
    refuse_posted(entry)
    lines = _facts(await lines_of(entry))
    before = {"posted_on": entry.posted_on, "memo": entry.memo, "lines": lines}
    await entry.delete()
    uow.gone(ChangeType.JOURNAL_ENTRY, entry.id)
    await _recorded(uow, viewer, "discardJournalEntry", entry, before=before, after=None)


async def _recorded(
    uow: UnitOfWork,
    viewer: Viewer,
    action: str,
    entry: JournalEntry,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any] | None,
) -> None:
    await record(
        uow,
        viewer,
        action=action,
        object_type="JournalEntry",
        object_id=entry.id,
        before=before,
        after=after,
    )
