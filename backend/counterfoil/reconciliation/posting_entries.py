"""Entries that do not come from a bank line: typed by hand, or taken over from another system."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from counterfoil.ledger.drafting import EntryDraft
from counterfoil.ledger.entries import create_entry, post_draft
from counterfoil.ledger.importing import EntryRow, import_rows, results_again
from counterfoil.ledger.rows import (
    Outcome,
    RowResult,
    RowStatus,
    TakenBack,
    all_or_none,
    bounded_rows,
)
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


async def post_entry_by_hand(
    uow: UnitOfWork, viewer: Viewer, draft: EntryDraft, *, post: bool, key: Key
) -> Act:
    """Write an entry that a person typed, and post it unless told to keep it as a draft.

    The entry carries the act's id. The same call again gives the act as it was, `replayed`.

    Raises:
        as `acts.begin` and `ledger.entries.create_entry`.
    """
    act, replayed = await begin(uow, viewer, ActKind.POST, key=key, bank_account_id=None)
    if replayed:
        return act
    made = await create_entry(uow, viewer, draft, post=post, act_id=act.id)
    ids = [made.entry.id]
    return await finish(uow, viewer, act, action="createJournalEntry", journal_entry_ids=ids)


async def post_draft_by_hand(
    uow: UnitOfWork, viewer: Viewer, *, journal_entry_id: UUID, expected_revision: int, key: Key
) -> Act:
    """Post a draft that a person kept; from now on the entry is what this act made.

    Raises:
        as `acts.begin` and `ledger.entries.post_draft`.
    """
    act, replayed = await begin(uow, viewer, ActKind.POST, key=key, bank_account_id=None)
    if replayed:
        return act
    posted = await post_draft(
        uow,
        viewer,
        journal_entry_id=journal_entry_id,
        expected_revision=expected_revision,
        act_id=act.id,
    )
    ids = [posted.entry.id]
    return await finish(uow, viewer, act, action="postJournalEntry", journal_entry_ids=ids)


async def import_entries(
    uow: UnitOfWork, viewer: Viewer, rows: Sequence[EntryRow], *, atomic: bool, key: Key
) -> Outcome:
    """Take over entries of another system as one act, each row by itself.

    The external id is the key of a row: one that is posted already is not posted again, and one
    with other amounts is refused. With `atomic`, one refused row keeps all from being written.
    Where nothing was written there is no act, and the key is free.

    Raises:
        as `acts.begin`; TooManyRows. What one row is refused for is in its result.
    """
    bounded_rows(len(rows))
    await uow.position()
    try:
        async with uow.part():
            return await _imported(uow, viewer, rows, atomic, key)
    except TakenBack as back:
        refused = any(result.errors for result in back.results)
        return all_or_none(back.results) if atomic and refused else Outcome(back.results)


async def _imported(
    uow: UnitOfWork, viewer: Viewer, rows: Sequence[EntryRow], atomic: bool, key: Key
) -> Outcome:
    act, replayed = await begin(uow, viewer, ActKind.POST, key=key, bank_account_id=None)
    if replayed:
        again = await results_again(viewer, rows, act_id=act.id)
        return Outcome(again, replayed=True)
    results = await import_rows(uow, viewer, rows, act_id=act.id)
    if not _written(results) or (atomic and any(result.errors for result in results)):
        raise TakenBack(results)
    ids = [result.object_id for result in _written(results) if result.object_id]
    await finish(uow, viewer, act, action="importJournalEntries", journal_entry_ids=ids)
    return Outcome(results)


def _written(results: Sequence[RowResult]) -> list[RowResult]:
    """The results of rows that wrote something."""
    return [each for each in results if each.status in (RowStatus.CREATED, RowStatus.UPDATED)]
