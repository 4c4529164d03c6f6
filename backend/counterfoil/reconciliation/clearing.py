"""Clearing a journal line by hand: where the bank has no line for it, or none yet."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from counterfoil.errors import InvalidInput
from counterfoil.identity.queries import today
from counterfoil.ledger.models import JournalLine, LedgerAccount, LedgerAccountType
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.bookable import NotBookable, Obstacle
from counterfoil.reconciliation.clearing_dates import first_open_day
from counterfoil.reconciliation.grouping import share
from counterfoil.reconciliation.lines import journal_lines, open_minor, reversed_or_reversal
from counterfoil.reconciliation.models import Act, ActKind, ClearingOrigin, HandClearing
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.reconciliation.wording import required_reason
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_CLEARABLE = frozenset({LedgerAccountType.ASSET, LedgerAccountType.LIABILITY})
_FIELD = ("journal_line_id",)


async def clear_by_hand(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    journal_line_id: UUID,
    amount_minor: int | None,
    cleared_on: date,
    reason: str,
    key: Key | None,
) -> Act:
    """Say that a journal line, or (with an amount of its sign) a part of it, is cleared.

    Raises:
        Forbidden, NotFound, MatchTooMuch, IdempotencyKeyReused.
        NotBookable: it is of a draft, a reversed entry or a reversal.
        InvalidInput: no reason; a date before the line's, up to the start of the account, or in
            the future; an amount of 0 or of the other sign; an account that is neither an asset
            nor a liability, so that nothing clears there.
    """
    act, replayed = await begin(uow, viewer, ActKind.CLEAR_BY_HAND, key=key, bank_account_id=None)
    if replayed:
        return act
    said = required_reason(reason)
    [line] = await journal_lines(viewer, [journal_line_id])
    await _require_clearable(line)
    await _require_open(line, cleared_on, await today(viewer, uow.now))
    clearing = await HandClearing.create(
        organization_id=viewer.organization_id,
        journal_line_id=line.id,
        amount_minor=share(amount_minor, open_minor(line), field=("amount",)),
        cleared_on=cleared_on,
        origin=ClearingOrigin.PERSON,
        reason=said,
        act_id=act.id,
    )
    await tell_entries(uow, [line.id])
    return await finish(
        uow,
        viewer,
        act,
        action="clearByHand",
        journal_line_ids=[line.id],
        journal_entry_ids=[line.journal_entry_id],
        hand_clearing_ids=[clearing.id],
    )


async def _require_clearable(line: JournalLine) -> None:
    if await reversed_or_reversal([line]):
        raise NotBookable(Obstacle.REVERSED, field=_FIELD)
    account = await LedgerAccount.get(id=line.ledger_account_id)
    if account.type not in _CLEARABLE:
        raise InvalidInput("Only lines of assets and liabilities are cleared.", field=_FIELD)


async def _require_open(line: JournalLine, cleared_on: date, latest: date) -> None:
    if line.posted_on is not None and cleared_on < line.posted_on:
        raise _not_then(f"A line is cleared on its own date or later: {line.posted_on}.")
    if cleared_on > latest:
        raise _not_then("A line is not cleared in the future. Choose the day when it was.")
    first = await first_open_day(line.ledger_account_id)
    if first is not None and cleared_on < first:
        raise _not_then(f"This account is reconciled from {first} on. Choose that day or later.")


def _not_then(message: str) -> InvalidInput:
    return InvalidInput(message, field=("cleared_on",))
