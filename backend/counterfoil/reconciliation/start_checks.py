"""What stands against a start that a person gives: its day, its items, what it leaves behind."""

from __future__ import annotations

from datetime import date

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.identity.queries import today
from counterfoil.ledger.models import LedgerAccount
from counterfoil.reconciliation.chains import reconciled_up_to, running_start, settled_up_to
from counterfoil.reconciliation.models import ClearingOrigin, HandClearing
from counterfoil.reconciliation.opening import Replaced, Tying
from counterfoil.reconciliation.starting import Start
from counterfoil.transactions.models import BankTransaction


class StartTooEarly(CounterfoilError):
    """Lines after the start are reconciled already, or were cleared by a later start."""

    code = "START_TOO_EARLY"
    field = ("start", "start_on")

    def __init__(self, earliest: date) -> None:
        self.earliest = earliest
        super().__init__(
            f"This account is reconciled up to {earliest}. Start on that day or later."
        )


class StartLeavesLines(CounterfoilError):
    """Lines that are still for review would become history, and never be booked."""

    code = "START_LEAVES_LINES"
    field = ("start", "start_on")

    def __init__(self, count: int) -> None:
        self.count = count
        lines = "1 line is" if count == 1 else f"{count} lines are"
        super().__init__(
            f"{lines} not reconciled yet up to that day. Reconcile or exclude them first, or "
            "start earlier."
        )


class PredecessorUnsuitable(CounterfoilError):
    """The account that is to be replaced is not kept in this ledger account, or not finished."""

    code = "PREDECESSOR_UNSUITABLE"
    field = ("start", "predecessor_id")

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        super().__init__(f"“{name}” can't be replaced here: {reason}")


async def replaced(predecessor: BankAccount, ledger: LedgerAccount, start: Start) -> Replaced:
    """The account that makes way, when all of it is reconciled up to this start.

    Raises:
        PredecessorUnsuitable, StartTooEarly.
    """
    running = await running_start(predecessor)
    if running is None or predecessor.ledger_account_id != ledger.id:
        raise PredecessorUnsuitable(
            predecessor.name, "it is kept in another ledger account, or in none."
        )
    earliest = await settled_up_to(running, predecessor)
    if start.start_on < earliest:
        raise StartTooEarly(earliest)
    if waiting := await _lines_for_review(predecessor, running.start_on):
        raise PredecessorUnsuitable(
            predecessor.name, f"{waiting} of its lines are not reconciled or excluded yet."
        )
    return Replaced(predecessor, running)


async def require_possible(tying: Tying) -> None:
    """Pass silently when the account can start so.

    Raises:
        StartTooEarly, StartLeavesLines, InvalidInput.
    """
    left, start = tying.left, tying.start
    if tying.account.ledger_account_id == tying.ledger.id:
        raise InvalidInput(
            "This account is kept there already. Choose another ledger account.",
            field=("ledger_account_id",),
        )
    await _require_past(tying)
    await _require_late_enough(tying)
    _require_other_account(tying)
    if tying.leaves and start.lacking:
        raise InvalidInput(
            "What is outstanding moves along by itself. Leave these items out.",
            field=("start", "lacking"),
        )
    if left is None:
        return
    if waiting := await _lines_for_review(tying.account, left.start_on, start.start_on):
        raise StartLeavesLines(waiting)


async def _require_past(tying: Tying) -> None:
    start = tying.start
    if start.start_on >= await today(tying.viewer, tying.uow.now):
        raise InvalidInput(
            "The start is the end of a day that is over. Choose an earlier one.",
            field=("start", "start_on"),
        )
    for index, item in enumerate(start.lacking):
        if item.dated_on > start.start_on or item.amount_minor == 0:
            raise InvalidInput(
                "An outstanding item is dated up to the start, and is not 0.",
                field=("start", "lacking", str(index)),
            )


async def _require_late_enough(tying: Tying) -> None:
    left = tying.left
    earliest = await (
        settled_up_to(left, tying.account) if left else reconciled_up_to(tying.account)
    )
    for day in (earliest, await _opened_later(tying)):
        if day is not None and tying.start.start_on < day:
            raise StartTooEarly(day)


def _require_other_account(tying: Tying) -> None:
    """The difference goes elsewhere than to an account that is about to agree with the bank."""
    own = {tying.ledger.id, tying.left.ledger_account_id if tying.left else None}
    if tying.start.difference_account_id in own - {None}:
        raise InvalidInput(
            "The difference can't go to the bank account's own ledger account. Choose another "
            "one, such as opening balance equity.",
            field=("start", "difference_account_id"),
        )


async def _opened_later(tying: Tying) -> date | None:
    """The day of a later start that cleared lines of the ledger account."""
    newest = (
        await HandClearing.filter(
            journal_line__ledger_account_id=tying.ledger.id,
            origin=ClearingOrigin.START,
            cleared_on__gt=tying.start.start_on,
        )
        .order_by("-cleared_on")
        .first()
    )
    return newest.cleared_on if newest else None


async def _lines_for_review(account: BankAccount, after: date, up_to: date = date.max) -> int:
    rows = await BankTransaction.filter(
        bank_account_id=account.id,
        pending=False,
        removed_at=None,
        excluded_at=None,
        dated_on__gt=after,
        dated_on__lte=up_to,
    ).values_list("amount_minor", "reconciled_minor")
    return sum(amount != reconciled for amount, reconciled in rows)
