"""Deciding about a booked line that the bank changed or withdrew.

Accept: the line becomes what the bank reports, and what differs is open. Adjust: what differs is
posted to an account. Duplicate: another line takes over the match. To keep what is booked is in
`transactions.deciding`, to book it anew in `rebooking`.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from counterfoil.errors import InvalidInput
from counterfoil.reconciliation.acts import Key, begin
from counterfoil.reconciliation.adjusting import Adjustment, adjusted_minor, post_adjustment
from counterfoil.reconciliation.bookable import (
    NotBookable,
    Obstacle,
    obstacle_to_exclude,
)
from counterfoil.reconciliation.changed_lines import BankChange, bank_change, settle
from counterfoil.reconciliation.grouping import MatchOfTwoCurrencies
from counterfoil.reconciliation.lines import BookableLine, bookable_lines
from counterfoil.reconciliation.models import Act, ActKind, EntryOrigin
from counterfoil.reconciliation.regrouping import (
    Group,
    handed_over,
    spread,
    with_difference,
    with_less,
    within,
)
from counterfoil.transactions import reviewing
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.reviewing import Excluded
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_HEIR = ("bank_transaction_id",)


class DuplicateOfItself(InvalidInput):
    """The line that is to take over the match is the one that has it."""

    def __init__(self) -> None:
        super().__init__("This is the line itself. Choose the other one.", field=_HEIR)


class OtherWayRound(InvalidInput):
    """The line that is to take over the match moves money the other way."""

    def __init__(self) -> None:
        super().__init__(
            "This line moves money the other way. Choose the one that is the same payment.",
            field=_HEIR,
        )


async def accept(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    review_item_id: UUID,
    expected_revision: int | None,
    key: Key | None,
) -> Act:
    """Let a line become what the bank reports; what its entry has more or less is open.

    Where the bank has more, the rest of the line is open; where it has less, the rest of the
    entry. A line that the bank withdrew goes, and its entry is outstanding.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyDecided, ChangeOfSettledLine, IdempotencyKeyReused,
        IdempotencyKeyInvalid.
    """
    act, replayed = await begin(uow, viewer, ActKind.DECIDE, key=key, bank_account_id=None)
    if replayed:
        return act
    change = await bank_change(
        uow, viewer, review_item_id=review_item_id, expected_revision=expected_revision
    )
    return await settle(
        uow,
        viewer,
        act,
        change,
        _with_less(change, within(change.line.reconciled_minor, change.now_minor)),
        resolution=Resolution.ACCEPTED,
        action="acceptBankChange",
    )


def _with_less(change: BankChange, given: int) -> list[Group]:
    """The matches when together they have only `given` of the line."""
    return [
        with_less(group, change.line.id, part)
        for group, part in zip(change.groups, spread(change.parts, given), strict=True)
    ]


async def adjust(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    review_item_id: UUID,
    expected_revision: int | None,
    adjustment: Adjustment,
    key: Key | None,
) -> Act:
    """Let a line become what the bank reports, and post to an account what that is more or less.

    The match keeps what was booked and takes the new entry's line beside it. What was open of the
    line takes the difference first. The entry is dated like the line, or on the first day after
    the lock; its rate is that of the entry that it corrects, unless one is given.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyDecided, ChangeOfSettledLine, IdempotencyKeyReused,
        IdempotencyKeyInvalid.
        NothingToAdjust: the amounts are the same. NotBookable, MatchOfTwoCurrencies: what is
        reported cannot be compared with what is booked.
        CodedToItself; as `create_entry`.
    """
    act, replayed = await begin(uow, viewer, ActKind.DECIDE, key=key, bank_account_id=None)
    if replayed:
        return act
    change = await bank_change(
        uow, viewer, review_item_id=review_item_id, expected_revision=expected_revision
    )
    change.require_comparable()
    given = adjusted_minor(
        change.line.reconciled_minor, was=change.line.amount_minor, now=change.now_minor
    )
    line = await post_adjustment(uow, viewer, act, adjustment, change=change, given_minor=given)
    return await settle(
        uow,
        viewer,
        act,
        change,
        [
            with_difference(group, change.line.id, part, line.id)
            for group, part in zip(change.groups, spread(change.parts, given), strict=True)
        ],
        resolution=Resolution.ADJUSTED,
        action="adjustBankChange",
        entry_ids=[line.journal_entry_id],
    )


async def mark_duplicate(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    review_item_id: UUID,
    expected_revision: int | None,
    bank_transaction_id: UUID,
    key: Key | None,
) -> Act:
    """Let another line take over the match, because it is the same payment.

    It gives as much as it has; what is then left of it, or of the entry, is open. The line itself
    becomes what the bank reports; where that could be booked, it is excluded.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyDecided, ChangeOfSettledLine, IdempotencyKeyReused,
        IdempotencyKeyInvalid.
        AlreadyReconciled, NotBookable, MatchOfTwoCurrencies, DuplicateOfItself, OtherWayRound:
        of the other line.
    """
    act, replayed = await begin(uow, viewer, ActKind.DECIDE, key=key, bank_account_id=None)
    if replayed:
        return act
    change = await bank_change(
        uow, viewer, review_item_id=review_item_id, expected_revision=expected_revision
    )
    if bank_transaction_id == change.line.id:
        raise DuplicateOfItself
    [heir] = await bookable_lines(uow, viewer, {bank_transaction_id: None})
    given = _given_by(heir, change)
    await _share_origins(act, change.line, heir.line)
    return await settle(
        uow,
        viewer,
        act,
        change,
        [handed_over(group, change.line.id, heir.line.id) for group in _with_less(change, given)],
        resolution=Resolution.DUPLICATE,
        action="markDuplicate",
        beside=partial(_exclude, uow, viewer, act, change, heir.line),
    )


def _given_by(heir: BookableLine, change: BankChange) -> int:
    """What the other line gives in the line's place.

    Raises:
        NotBookable, MatchOfTwoCurrencies, OtherWayRound.
    """
    if heir.line.currency != change.line.currency:
        raise MatchOfTwoCurrencies(
            currency=change.line.currency, other=heir.line.currency, field=_HEIR
        )
    if any(group.ledger_account_id != heir.ledger_account_id for group in change.groups):
        raise NotBookable(Obstacle.ANOTHER_LEDGER_ACCOUNT, field=_HEIR)
    given = within(change.line.reconciled_minor, heir.open_minor)
    if given == 0:
        raise OtherWayRound
    return given


async def _share_origins(act: Act, line: BankTransaction, heir: BankTransaction) -> None:
    """What was made from the line was made from the other one as well."""
    made = await EntryOrigin.filter(bank_transaction_id=line.id).values_list(
        "journal_entry_id", flat=True
    )
    had = await EntryOrigin.filter(bank_transaction_id=heir.id).values_list(
        "journal_entry_id", flat=True
    )
    new = [entry_id for entry_id in made if entry_id not in set(had)]
    await EntryOrigin.bulk_create(
        [EntryOrigin(journal_entry_id=one, bank_transaction_id=heir.id) for one in new]
    )
    act.details["heir"] = {
        "bank_transaction_id": str(heir.id),
        "journal_entry_ids": [str(one) for one in new],
    }


async def _exclude(
    uow: UnitOfWork, viewer: Viewer, act: Act, change: BankChange, heir: BankTransaction
) -> None:
    """Take the line out of review, where the bank reports it still."""
    if obstacle_to_exclude(change.version, change.account) is not None:
        return
    reason = f"The same as “{heir.description[:200]}” of {heir.dated_on.isoformat()}."
    await reviewing.exclude(
        uow,
        [
            Excluded(
                bank_transaction_id=change.line.id,
                reason=reason,
                actor=viewer.actor,
                act_id=act.id,
                excluded_at=uow.now,
            )
        ],
    )
