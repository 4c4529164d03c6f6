"""Tying bank accounts to ledger accounts, with the start from which on they are reconciled."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from counterfoil.accounts import operations as accounts
from counterfoil.accounts.models import BankAccount
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import InvalidInput
from counterfoil.ledger.drafting import Entry, Rate
from counterfoil.reconciliation import acts
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.chains import (
    end_chain,
    end_others,
    is_first,
    reconciled_up_to,
    running_start,
    settled_up_to,
    standing_start,
)
from counterfoil.reconciliation.models import AccountStart, Act, ActKind
from counterfoil.reconciliation.moving import move_books
from counterfoil.reconciliation.opening import Tying, open_books, take_start_back
from counterfoil.reconciliation.start_checks import (
    PredecessorUnsuitable,
    replaced,
    require_possible,
)
from counterfoil.reconciliation.starting import Start
from counterfoil.reconciliation.suitability import suitable
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer


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
    opening entry posts what the books lack. An account that is or was kept in another ledger
    account is moved: its new start lies not before what was cleared there last, the opening entry
    is against the old ledger account, and what is outstanding there moves along.

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
        left=await standing_start(account),
        replaced=await replaced(predecessor, ledger, start) if predecessor else None,
    )
    await require_possible(tying)
    before = _facts(account)
    leaves = tying.leaves
    entry = await (move_books(tying, leaves) if leaves else open_books(tying))
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
    if (running := await running_start(account)) is not None:
        await _end(uow, viewer, act, account, running)
    await accounts.set_ledger_account(uow, account, None, start_on=None)
    return await _finish(uow, viewer, act, account, before, [])


async def _end(
    uow: UnitOfWork, viewer: Viewer, act: Act, account: BankAccount, running: AccountStart
) -> None:
    if await is_first(running) and await reconciled_up_to(account) is None:
        await take_start_back(uow, viewer, act, running)
    else:
        await end_chain(account, await settled_up_to(running, account))


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


async def _begin_chain(tying: Tying, entry: Entry | None) -> None:
    start, account, replaced = tying.start, tying.account, tying.replaced
    await end_chain(account, start.start_on)
    if replaced is not None:
        await end_chain(replaced.account, start.start_on)
        await accounts.set_ledger_account(tying.uow, replaced.account, None, start_on=None)
    await end_others(account, tying.ledger.id, start.start_on)
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
