"""An account that comes back: what it had is given back to it, as far as nobody took it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.accounts.models import BankAccount
from counterfoil.ledger.models import LedgerAccount


async def bring_back(account: BankAccount) -> None:
    """Make a locked account, deleted or hidden, one that is shown again; the caller saves it.

    It keeps its ledger account where that is free; otherwise it comes back without, and says why.
    """
    account.update_from_dict({"deleted_at": None, "hidden_at": None, "wanted_at": None})
    account.untied_because = await _why_untied(account)
    if account.untied_because is not None:
        account.update_from_dict({"ledger_account_id": None, "start_on": None})


async def stop_waiting(bank_link_id: UUID, *, handed_over: Collection[str]) -> bool:
    """Let go of the deleted accounts that a person wanted back by a locked login, where they are
    not among those that it hands over (by the aggregator's id). They are deleted as before, and
    can be asked for again. Says whether there were any.
    """
    waiting = BankAccount.filter(
        bank_link_id=bank_link_id, deleted_at__not_isnull=True, wanted_at__not_isnull=True
    )
    there = Q(aggregator_id__in=sorted(handed_over)) if handed_over else Q(aggregator_id=None)
    done = await waiting.filter(~there).update(
        bank_link_id=None, aggregator_id=None, wanted_at=None
    )
    return done > 0


async def _why_untied(account: BankAccount) -> str | None:
    """Why the account can't have its ledger account again; None where nothing is in the way."""
    if account.ledger_account_id is None:
        return None
    ledger = await LedgerAccount.get(id=account.ledger_account_id)
    holders = BankAccount.filter(ledger_account_id=ledger.id, deleted_at=None, hidden_at=None)
    if await holders.exclude(id=account.id).exists():  # not named: it may be hidden later
        return f"The ledger account {ledger.number} is kept by another bank account now."
    if ledger.inactive_at is not None:
        return f"The ledger account {ledger.number} is inactive."
    return None
