"""Telling those who follow an entry that what is cleared of it changed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import F

from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.unit_of_work import ChangeType, UnitOfWork

_AT_ONCE = 5_000
"""Ids in one statement: a start may clear the lines of many years."""


async def tell_entries(uow: UnitOfWork, journal_line_ids: Collection[UUID]) -> None:
    """Give the entries of these lines their next revision, once each, and tell of it."""
    entries: set[UUID] = set()
    lines = list(journal_line_ids)
    for place in range(0, len(lines), _AT_ONCE):
        some = JournalLine.filter(id__in=lines[place : place + _AT_ONCE])
        entries.update(line.journal_entry_id for line in await some.only("journal_entry_id"))
    ids = sorted(entries)
    for place in range(0, len(ids), _AT_ONCE):
        await _tell(uow, ids[place : place + _AT_ONCE])


async def _tell(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    entries = JournalEntry.filter(id__in=ids)
    await entries.update(revision=F("revision") + 1)
    for entry_id, revision in await entries.values_list("id", "revision"):
        uow.upserted(ChangeType.JOURNAL_ENTRY, entry_id, revision)
