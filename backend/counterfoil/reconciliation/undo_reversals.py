"""Whether a reversal can be taken back now, by posting the entry anew. Reads, never writes."""

from __future__ import annotations

from counterfoil.ledger.locks import PeriodLocked, books_of, open_date
from counterfoil.ledger.models import JournalEntry, LedgerAccount
from counterfoil.ledger.stored import lines_of, number_of
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.posting_again import PostAgain, possible_again
from counterfoil.reconciliation.put_again import first_act_of
from counterfoil.reconciliation.reversing import as_unmatched
from counterfoil.reconciliation.undo_steps import Blocked
from counterfoil.viewer import Viewer


async def anew(viewer: Viewer, act: Act) -> list[PostAgain]:
    """Posting anew what the act reversed.

    Raises:
        Blocked.
    """
    [reversal] = await JournalEntry.filter(act_id=act.id, reverses_id__not_isnull=True)
    original = await JournalEntry.get(id=reversal.reverses_id)
    await _refuse_undone(original)
    await _refuse_unpostable(viewer, original)
    matches = [as_unmatched(kept) for kept in act.details["unmatched"]]
    possible = await possible_again(original, matches)
    return [PostAgain(original, matches, possible, act.details["hand_clearings"])]


async def _refuse_undone(entry: JournalEntry) -> None:
    """What was undone as a whole does not come back in part: nothing would undo that again."""
    act = await first_act_of(entry)
    if act is not None and act.undone_at is not None:
        raise Blocked(
            f"What posted entry {number_of(entry)} was undone since. Post it anew, or book its "
            "bank line anew."
        )


async def _refuse_unpostable(viewer: Viewer, entry: JournalEntry) -> None:
    try:
        open_date(entry.posted_on, await books_of(viewer), viewer)
    except PeriodLocked as locked:
        raise Blocked(str(locked)) from locked
    ids = {line.ledger_account_id for line in await lines_of(entry)}
    inactive = await LedgerAccount.filter(id__in=list(ids), inactive_at__isnull=False).first()
    if inactive is not None:
        raise Blocked(f"Ledger account {inactive.number} is inactive. Make it active first.")
