"""Telling those who follow an entry that what is cleared of it changed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import F

from counterfoil.ledger.models import JournalEntry
from counterfoil.unit_of_work import ChangeType, UnitOfWork


async def tell_entries(uow: UnitOfWork, journal_line_ids: Collection[UUID]) -> None:
    """Give the entries of these lines their next revision, and tell of it."""
    if not journal_line_ids:
        return
    ids = await (
        JournalEntry.filter(lines__id__in=list(journal_line_ids))
        .distinct()
        .values_list("id", flat=True)
    )
    await JournalEntry.filter(id__in=ids).update(revision=F("revision") + 1)
    for entry_id, revision in await JournalEntry.filter(id__in=ids).values_list("id", "revision"):
        uow.upserted(ChangeType.JOURNAL_ENTRY, entry_id, revision)
