"""The starts of a bank account one after another: where it was kept, and from when to when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.reconciliation.models import AccountStart, HandClearing, Match
from counterfoil.transactions.models import BankTransaction


async def running_start(account: BankAccount) -> AccountStart | None:
    """The start of a tied account; None for one that is not tied.

    One that came back without its ledger account is not tied, whatever start it had there.
    """
    if account.ledger_account_id is None:
        return None
    return await AccountStart.filter(bank_account_id=account.id, ended_on=None).first()


async def standing_start(account: BankAccount) -> AccountStart | None:
    """The start under which the books hold the account's balance: running, or ended by untying.

    None when it was in no books, or another bank account goes on in that ledger account since.
    """
    newest = await AccountStart.filter(bank_account_id=account.id).order_by("-id").first()
    if newest is None:
        return None
    others = AccountStart.filter(ledger_account_id=newest.ledger_account_id, id__gt=newest.id)
    return None if await others.exclude(bank_account_id=account.id).exists() else newest


async def is_first(start: AccountStart) -> bool:
    """Whether the account was in no books when this start was given."""
    count = await AccountStart.filter(bank_account_id=start.bank_account_id).count()
    return count == 1 and start.predecessor_id is None


async def end_chain(account: BankAccount, ended_on: date | None) -> None:
    """Let the running start end, if there is one."""
    await AccountStart.filter(bank_account_id=account.id, ended_on=None).update(ended_on=ended_on)


async def end_others(account: BankAccount, ledger_account_id: UUID, ended_on: date) -> None:
    """Let the starts of accounts that were deleted or hidden end where this one is kept now."""
    others = AccountStart.filter(ledger_account_id=ledger_account_id, ended_on=None)
    await others.exclude(bank_account_id=account.id).update(ended_on=ended_on)


async def reconciled_up_to(account: BankAccount) -> date | None:
    """The latest day of a line of the account that is reconciled, or of its clearing."""
    line = await (
        BankTransaction.filter(bank_account_id=account.id)
        .exclude(reconciled_minor=0)
        .order_by("-dated_on")
        .first()
    )
    group = await (
        Match.filter(sealed=True, bank_items__bank_transaction__bank_account_id=account.id)
        .order_by("-cleared_on")
        .first()
    )
    return _latest(line.dated_on if line else None, group.cleared_on if group else None)


async def cleared_up_to(ledger_account_id: UUID) -> date | None:
    """The latest day on which a line of the ledger account was cleared, by whatever."""
    group = await (
        Match.filter(ledger_account_id=ledger_account_id, sealed=True)
        .order_by("-cleared_on")
        .first()
    )
    by_hand = await (
        HandClearing.filter(journal_line__ledger_account_id=ledger_account_id)
        .order_by("-cleared_on")
        .first()
    )
    return _latest(*(found.cleared_on for found in (group, by_hand) if found))


async def settled_up_to(start: AccountStart, account: BankAccount) -> date:
    """The earliest day on which what stands under a start can go on elsewhere."""
    cleared = await cleared_up_to(start.ledger_account_id)
    latest = _latest(start.start_on, await reconciled_up_to(account), cleared)
    return latest or start.start_on


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)
