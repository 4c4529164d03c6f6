"""What a start writes in the books of an account that was kept in another ledger account before.

One entry takes everything out of the old ledger account, at its value in the books: each
outstanding item by its own pair of lines, and the rest, which the bank has seen, by one more. They
arrive in the new one as they were, outstanding or cleared, and the old one is left with nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from counterfoil.ledger.balances import Balance, balance_at
from counterfoil.ledger.drafting import Entry, LineDraft
from counterfoil.ledger.models import JournalLine, LedgerAccount
from counterfoil.ledger.rates import rounded
from counterfoil.reconciliation.lines import open_minor
from counterfoil.reconciliation.matching import JournalItem, seal
from counterfoil.reconciliation.models import AccountStart
from counterfoil.reconciliation.opening import (
    AGAINST,
    MEMO,
    OWN,
    Tying,
    clear_by_start,
    difference_line,
    open_lines,
    own_line,
    planned_start,
    post_opening,
)
from counterfoil.reconciliation.starting import OpenLine
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Left:
    """What the old ledger account holds at the end of the start's day."""

    ledger_account_id: UUID
    outstanding: Sequence[JournalLine]
    held: Balance

    @property
    def items(self) -> list[Balance]:
        """What is open of each outstanding line, with its share of the line's worth in base."""
        return [_open(line) for line in self.outstanding]

    @property
    def settled(self) -> Balance:
        """The rest: what the bank has seen."""
        return Balance(
            self.held.amount_minor - sum(item.amount_minor for item in self.items),
            self.held.base_minor - sum(item.base_minor for item in self.items),
        )


def _open(line: JournalLine) -> Balance:
    left = open_minor(line)
    return Balance(left, rounded(Decimal(line.base_minor * left) / line.amount_minor))


async def move_books(tying: Tying, leaves: AccountStart) -> Entry | None:
    """Move the balance and what is outstanding; nothing is left in the old ledger account.

    What the bank has on top of that goes against the account that the person named.

    Raises:
        StartingBalanceDiffers: old books and bank differ, and none was named; as `create_entry`.
    """
    day = tying.start.start_on
    left = await what_is_left(tying.viewer, leaves, tying.currency, day)
    planned = await planned_start(tying, coming=[item.amount_minor for item in left.items])
    missing = planned.cleared_minor - left.settled.amount_minor
    drafts = _moved(tying, left)
    places = [OWN] * len(drafts)
    if missing:
        drafts += [difference_line(tying, missing), own_line(tying, missing)]
        places += [AGAINST, OWN]
    await clear_by_start(tying, planned.cleared)
    if not drafts:
        return None
    entry = await post_opening(tying, drafts, places)
    await _clear(tying, left, entry)
    return entry


async def what_is_left(viewer: Viewer, leaves: AccountStart, currency: str, day: date) -> Left:
    """What an account that leaves on this day finds in the ledger account of that start."""
    old = await LedgerAccount.get(id=leaves.ledger_account_id)
    held = await balance_at(viewer, old.id, day)
    outstanding = await open_lines(old, currency, day)
    return Left(old.id, outstanding, held.get(currency, Balance(0, 0)))


def _moved(tying: Tying, left: Left) -> list[LineDraft]:
    """Pairs of lines that leave the old ledger account and arrive in the new one."""
    drafts: list[LineDraft] = []
    parts = [*zip(left.items, left.outstanding, strict=True), (left.settled, None)]
    for value, line in parts:
        if not any(value):
            continue
        arriving = replace(
            own_line(tying, value.amount_minor, memo=(line.memo if line else None) or MEMO),
            base_minor=value.base_minor,
            carried=True,
        )
        leaving = replace(
            arriving,
            ledger_account_id=left.ledger_account_id,
            amount_minor=-value.amount_minor,
            base_minor=-value.base_minor,
        )
        drafts += [leaving, arriving]
    return drafts


async def _clear(tying: Tying, left: Left, entry: Entry) -> None:
    """Clear each outstanding line against the one that takes it away, and the rest by the start."""
    pairs = 2 * len(left.outstanding)
    for line, leaving in zip(left.outstanding, entry.lines[:pairs:2], strict=True):
        await seal(
            tying.uow,
            tying.act,
            ledger_account_id=left.ledger_account_id,
            currency=tying.currency,
            bank_items=(),
            journal_items=(
                JournalItem(line.id, -leaving.amount_minor),
                JournalItem(leaving.id, leaving.amount_minor),
            ),
            on=tying.start.start_on,
        )
    own = {left.ledger_account_id, tying.ledger.id}
    seen = [
        OpenLine(line.id, line.amount_minor)
        for line in entry.lines[pairs:]
        if line.amount_minor and line.ledger_account_id in own
    ]
    await clear_by_start(tying, seen)
