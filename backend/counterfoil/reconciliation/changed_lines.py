"""A booked line that the bank changed or withdrew, as whoever decides about it needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError
from counterfoil.ledger.models import JournalLine
from counterfoil.reconciliation.acts import finish
from counterfoil.reconciliation.bookable import NotBookable, Obstacle, obstacle
from counterfoil.reconciliation.grouping import MatchOfTwoCurrencies
from counterfoil.reconciliation.models import Act, Match
from counterfoil.reconciliation.regrouping import Group
from counterfoil.reconciliation.reopening import SettledByStart, require_reopenable
from counterfoil.reconciliation.resealing import groups_of, reseal
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.decisions import (
    Columns,
    booked_version,
    decided,
    open_item,
    reported_version,
    version_as_json,
    write_version,
)
from counterfoil.transactions.models import BankTransaction, ReviewItem
from counterfoil.transactions.reviewing import locked_lines
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

FIELD = ("review_item_id",)


class ChangeOfSettledLine(CounterfoilError):
    """A start stands on the match, so that it can neither end nor change."""

    code = "NOT_UNDOABLE"
    field = FIELD

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{reason} Keep ours, and post an entry that corrects the difference.")


@dataclass(frozen=True, slots=True)
class Version:
    """What the bank reports of a line, as what decides whether that can be booked."""

    removed_at: datetime | None
    pending: bool
    amount_minor: int
    dated_on: date
    currency: str
    undecided_at: datetime | None = None
    excluded_at: datetime | None = None
    reconciled_minor: int = 0


@dataclass(frozen=True, slots=True)
class BankChange:
    """An undecided review item, its line as it is booked, and the matches of that."""

    item: ReviewItem
    line: BankTransaction
    account: BankAccount
    groups: Sequence[Group]
    reported: Columns

    @property
    def version(self) -> Version:
        names = ("removed_at", "pending", "amount_minor", "dated_on", "currency")
        return Version(**{name: self.reported[name] for name in names})

    @property
    def obstacle(self) -> Obstacle | None:
        """What stands against booking the line as the bank reports it, if anything."""
        return obstacle(self.version, self.account)

    @property
    def parts(self) -> list[int]:
        """What the line gives to each of its matches."""
        return [group.bank[self.line.id] for group in self.groups]

    @property
    def now_minor(self) -> int:
        """What of the reported line its matches may hold, with its sign; 0: nothing."""
        if self.obstacle or self.reported["currency"] != self.line.currency:
            return 0
        amount: int = self.reported["amount_minor"]
        return amount

    def require_comparable(self) -> None:
        """Pass silently when what is booked and what is reported differ by an amount.

        A line that the bank withdrew, or of 0, is comparable: all of it is the difference.

        Raises:
            NotBookable: it is pending again, or history now. MatchOfTwoCurrencies.
        """
        found = self.obstacle
        if found not in (None, Obstacle.WITHDRAWN, Obstacle.ZERO):
            raise NotBookable(found, field=FIELD)
        if self.reported["currency"] != self.line.currency:
            raise MatchOfTwoCurrencies(
                currency=self.line.currency, other=self.reported["currency"], field=FIELD
            )


async def bank_change(
    uow: UnitOfWork, viewer: Viewer, *, review_item_id: UUID, expected_revision: int | None
) -> BankChange:
    """The review item and its line, held until the commit; called once the act has begun.

    Raises:
        NotFound, AlreadyDecided, Conflict, ChangeOfSettledLine.
    """
    item = await open_item(viewer, review_item_id)
    [line] = await locked_lines(uow, viewer, {item.bank_transaction_id: expected_revision})
    groups = await groups_of(line.id)
    await require_unsettled([group.id for group in groups])
    account = await BankAccount.get(id=line.bank_account_id)
    return BankChange(item, line, account, groups, reported_version(item, line, now=uow.now))


async def require_unsettled(match_ids: Sequence[UUID]) -> None:
    """Pass silently when no start stands on these matches.

    Raises:
        ChangeOfSettledLine.
    """
    try:
        await require_reopenable(await Match.filter(id__in=list(match_ids)))
    except SettledByStart as settled:
        raise ChangeOfSettledLine(settled.reason) from settled


async def settle(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    change: BankChange,
    after: Sequence[Group],
    *,
    resolution: Resolution,
    action: str,
    entry_ids: Sequence[UUID] = (),
    beside: Callable[[], Awaitable[None]] | None = None,
) -> Act:
    """Let the line become what the bank reports, with these matches; close the item by the act.

    `beside` writes what else has to be there before the item is closed.
    """
    became = await reseal(
        uow,
        change.groups,
        after,
        meanwhile=partial(write_version, change.line.id, change.reported),
        of=change.line.id,
        dated_anew=True,
    )
    if beside is not None:
        await beside()
    await close(uow, act, change, became, resolution=resolution)
    every = [*change.groups, *became]
    return await finish(
        uow,
        viewer,
        act,
        action=action,
        bank_transaction_ids={change.line.id} | {one for group in every for one in group.bank},
        journal_entry_ids={*entry_ids, *await _entries_of(every)},
        match_ids={group.id for group in every},
    )


async def close(
    uow: UnitOfWork,
    act: Act,
    change: BankChange,
    became: Sequence[Group],
    *,
    resolution: Resolution,
) -> None:
    """Close the item by the act, with what it takes to take the decision back."""
    act.bank_account_id = change.account.id
    stored = await BankTransaction.get(id=change.line.id)
    replaced = {
        "line": [
            version_as_json(booked_version(change.line)),
            version_as_json(booked_version(stored)),
        ],
        "groups": [
            [group.as_json for group in change.groups],
            [group.as_json for group in became],
        ],
    }
    await decided(uow, change.item, resolution=resolution, act_id=act.id, replaced=replaced)


async def _entries_of(groups: Sequence[Group]) -> set[UUID]:
    ids = {one for group in groups for one in group.journal}
    rows = await JournalLine.filter(id__in=list(ids)).only("journal_entry_id")
    return {row.journal_entry_id for row in rows}
