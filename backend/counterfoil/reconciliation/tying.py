"""Tying bank accounts to ledger accounts, with the start from which on they are reconciled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from counterfoil.accounts import operations as accounts
from counterfoil.accounts.models import BankAccount
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.identity.queries import today
from counterfoil.ledger.drafting import Entry, Rate
from counterfoil.ledger.models import LedgerAccount
from counterfoil.reconciliation import acts
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.models import (
    AccountStart,
    Act,
    ActKind,
    ClearingOrigin,
    HandClearing,
)
from counterfoil.reconciliation.opening import (
    Replaced,
    Tying,
    move_books,
    open_books,
    take_start_back,
)
from counterfoil.reconciliation.starting import Start
from counterfoil.reconciliation.suiting import suitable
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer


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


async def tie(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    ledger_account_id: UUID,
    start: Start,
    key: Key | None,
    rates: Sequence[Rate] = (),
) -> Act:
    """Tie a bank account to a ledger account from the day after `start.start_on` on.

    What the ledger account holds up to that day is cleared, but for what is named outstanding; an
    opening entry posts what the books lack. A tied account is moved: its new start lies not
    before its latest reconciled line, the opening entry is against the old ledger account, and
    what is outstanding there moves along.

    Raises:
        NotFound, Forbidden, Conflict, CurrencyMismatch, LedgerAccountUnsuitable,
        LedgerAccountTaken, StartingBalanceDiffers, StartTooEarly, StartLeavesLines,
        PredecessorUnsuitable, InvalidInput; what posting an entry raises.
    """
    account, predecessor = await _locked(viewer, bank_account_id, start.predecessor_id)
    act, replayed = await acts.begin(
        uow, viewer, ActKind.TIE, key=key, bank_account_id=account.id, right=Right.ACCOUNTS
    )
    if replayed:
        return act
    accounts.require_current(account, expected_revision)
    ledger = await suitable(viewer, account, ledger_account_id, predecessor)
    tying = Tying(
        uow,
        viewer,
        act,
        account,
        ledger,
        start,
        rates,
        left=await _running(account),
        replaced=await _replaced(predecessor, ledger, start) if predecessor else None,
    )
    await _require_possible(tying)
    before = _facts(account)
    entry = await (open_books(tying) if tying.left is None else move_books(tying, tying.left))
    await _begin_chain(tying, entry)
    return await _finish(uow, viewer, act, account, before, [entry.entry.id] if entry else [])


async def untie(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    key: Key | None,
) -> Act:
    """Part a bank account from its ledger account: its lines still come, and none is bookable.

    What is reconciled stays so. A first start under which nothing was reconciled yet is taken
    back, so that a mistaken one can be given anew.

    Raises:
        NotFound, Forbidden, Conflict; PeriodLocked: its opening entry can't be reversed.
    """
    account = await accounts.locked(viewer, bank_account_id)
    act, replayed = await acts.begin(
        uow, viewer, ActKind.TIE, key=key, bank_account_id=account.id, right=Right.ACCOUNTS
    )
    if replayed:
        return act
    accounts.require_current(account, expected_revision)
    before = _facts(account)
    running, latest = await _running(account), await _latest_reconciled(account)
    if running is not None and latest is None and await _is_first(running):
        await take_start_back(uow, viewer, act, running)
    await _end_chain(account, latest or account.start_on)
    await accounts.set_ledger_account(uow, account, None, start_on=None)
    return await _finish(uow, viewer, act, account, before, [])


def _facts(account: BankAccount) -> Facts:
    return {"ledger_account_id": account.ledger_account_id, "start_on": account.start_on}


async def _finish(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    account: BankAccount,
    before: Facts,
    journal_entry_ids: Sequence[UUID],
) -> Act:
    action = "assignLedgerAccount"
    await audit.record(
        uow,
        viewer,
        action=action,
        object_type="BankAccount",
        object_id=account.id,
        before=before,
        after=_facts(account),
    )
    return await acts.finish(
        uow,
        viewer,
        act,
        action=action,
        bank_account_ids=[account.id],
        journal_entry_ids=journal_entry_ids,
    )


async def _locked(
    viewer: Viewer, bank_account_id: UUID, predecessor_id: UUID | None
) -> tuple[BankAccount, BankAccount | None]:
    """The account and the one that it replaces, locked in the order of their ids."""
    if predecessor_id == bank_account_id:
        raise InvalidInput("An account can't replace itself.", field=PredecessorUnsuitable.field)
    wanted = sorted({bank_account_id, predecessor_id or bank_account_id})
    found = {one: await accounts.locked(viewer, one) for one in wanted}
    return found[bank_account_id], found[predecessor_id] if predecessor_id else None


async def _running(account: BankAccount) -> AccountStart | None:
    return await AccountStart.filter(bank_account_id=account.id, ended_on=None).first()


async def _is_first(start: AccountStart) -> bool:
    """Whether the account was in no books when this start was given."""
    earlier = await AccountStart.filter(bank_account_id=start.bank_account_id).count()
    return earlier == 1 and start.predecessor_id is None


async def _replaced(predecessor: BankAccount, ledger: LedgerAccount, start: Start) -> Replaced:
    running = await _running(predecessor)
    if running is None or predecessor.ledger_account_id != ledger.id:
        raise PredecessorUnsuitable(
            predecessor.name, "it is kept in another ledger account, or in none."
        )
    latest = await _latest_reconciled(predecessor)
    if latest is not None and start.start_on < latest:
        raise StartTooEarly(latest)
    if waiting := await _lines_for_review(predecessor, running.start_on):
        raise PredecessorUnsuitable(
            predecessor.name, f"{waiting} of its lines are not reconciled or excluded yet."
        )
    return Replaced(predecessor, running)


async def _require_possible(tying: Tying) -> None:
    start, account = tying.start, tying.account
    await _require_past(tying)
    latest = await _latest_reconciled(account)
    if latest is not None and start.start_on < latest:
        raise StartTooEarly(latest)
    if (opened := await _opened_later(tying)) is not None:
        raise StartTooEarly(opened)
    if tying.left is None:
        return
    if start.lacking:
        raise InvalidInput(
            "What is outstanding moves along by itself. Leave these items out.",
            field=("start", "lacking"),
        )
    waiting = await _lines_for_review(account, tying.left.start_on, start.start_on)
    if waiting:
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


async def _latest_reconciled(account: BankAccount) -> date | None:
    newest = (
        await BankTransaction.filter(bank_account_id=account.id)
        .exclude(reconciled_minor=0)
        .order_by("-dated_on")
        .first()
    )
    return newest.dated_on if newest else None


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


async def _begin_chain(tying: Tying, entry: Entry | None) -> None:
    start, account, replaced = tying.start, tying.account, tying.replaced
    await _end_chain(account, start.start_on)
    if replaced is not None:
        await _end_chain(replaced.account, start.start_on)
        await accounts.set_ledger_account(tying.uow, replaced.account, None, start_on=None)
    await AccountStart.create(
        organization_id=tying.viewer.organization_id,
        bank_account_id=account.id,
        ledger_account_id=tying.ledger.id,
        predecessor_id=replaced.start.id if replaced else None,
        start_on=start.start_on,
        balance_minor=start.balance_minor,
        opening_entry_id=entry.entry.id if entry else None,
        act_id=tying.act.id,
        created_at=tying.uow.now,
    )
    await accounts.set_ledger_account(tying.uow, account, tying.ledger.id, start_on=start.start_on)


async def _end_chain(account: BankAccount, ended_on: date | None) -> None:
    await AccountStart.filter(bank_account_id=account.id, ended_on=None).update(ended_on=ended_on)
