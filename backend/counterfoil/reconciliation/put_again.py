"""Entries that an undo posted anew: they stand in the places of others, and are undone with them.

The undo that takes a reversal back keeps which entry it posted for which.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from counterfoil.ledger.models import EntryState, JournalEntry
from counterfoil.reconciliation.models import Act, ActKind


def keep_place(undo: Act, original: JournalEntry, anew: JournalEntry) -> None:
    """Keep in the undo's details that `anew` stands in the place of `original`."""
    undo.details.setdefault("posted_again", {})[str(original.id)] = str(anew.id)


async def standing_of(act: Act) -> list[JournalEntry]:
    """The posted entries of an act that nobody took back, or what stands in their places."""
    entries = await JournalEntry.filter(
        act_id=act.id, state=EntryState.POSTED, reverses_id=None
    ).order_by("-fiscal_year", "-number")
    standing: list[JournalEntry] = []
    while entries:
        acts = await _reversed_by([entry.id for entry in entries])
        standing += [entry for entry in entries if entry.id not in acts]
        anew = await _anew(acts)
        entries = await JournalEntry.filter(id__in=anew).order_by("-fiscal_year", "-number")
    return standing


async def _reversed_by(journal_entry_ids: Collection[UUID]) -> Mapping[UUID, UUID | None]:
    """Which of these entries were taken back, and by which act."""
    found = await JournalEntry.filter(reverses_id__in=list(journal_entry_ids))
    return {row.reverses_id: row.act_id for row in found if row.reverses_id is not None}


async def _anew(acts: Mapping[UUID, UUID | None]) -> list[UUID]:
    """The entries in the places of those that were taken back by acts that are undone."""
    ids = [act_id for act_id in acts.values() if act_id is not None]
    undos = await Act.filter(undid__id__in=ids).distinct()
    kept = {old: new for undo in undos for old, new in undo.details.get("posted_again", {}).items()}
    return [UUID(kept[str(entry_id)]) for entry_id in acts if str(entry_id) in kept]


async def first_act_of(entry: JournalEntry) -> Act | None:
    """The act that an entry is undone with: of one posted anew, that of the first in its place."""
    act = await Act.get_or_none(id=entry.act_id) if entry.act_id else None
    if act is None or act.kind is not ActKind.UNDO:
        return act
    kept: Mapping[str, str] = act.details.get("posted_again", {})
    before = next((old for old, new in kept.items() if new == str(entry.id)), None)
    return await first_act_of(await JournalEntry.get(id=before)) if before else None
