"""Ending a login: nobody sees it any more, nothing pulls it, and the aggregator is told.

The secret moves to the outbox in the same transaction, so that whatever happens afterwards, the
login ends at the aggregator once, and no copy of its secret is left here.
"""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import F, Q

from counterfoil.accounts.deleting import remember
from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.placing import LinkFacts
from counterfoil.links.models import BankLink, Refresh, RefreshState
from counterfoil.links.outbox import give_up_grant
from counterfoil.links.staging import drop
from counterfoil.unit_of_work import ChangeType, UnitOfWork

NEEDS_LOGIN = Q(hidden_at=None) & (Q(deleted_at=None) | Q(wanted_at__not_isnull=True))
"""An account for which its login lives on: one that is shown, or that is to come back by it."""


async def remember_accounts(uow: UnitOfWork, link: BankLink, *, key: bytes) -> None:
    """Keep by what all accounts of a login are known again, hidden ones too: it may end.

    `key` is the organization's identity key. One that no pull has brought since keys are kept has
    none yet, and would be new, in everybody's sight, when its bank is added again.
    """
    await link.fetch_related("institution")
    facts = LinkFacts(link.id, link.aggregator, link.institution.name)
    await remember(uow, await BankAccount.filter(bank_link_id=link.id), link=facts, key=key)


async def end_login(uow: UnitOfWork, link: BankLink, *, reason: str) -> None:
    """End a locked login that no shown account needs any more.

    Hidden accounts that came by it are cut off from it, and stay hidden: by what they are known
    again is kept before (`remember_accounts`). The pull under way ends
    here: its pages are dropped, and a page that comes late is refused. `reason` is for the log of
    the outbox.
    """
    if (refresh := await end_pull(uow, link)) is not None:
        uow.gone(ChangeType.REFRESH, refresh.id)
    await BankAccount.filter(bank_link_id=link.id).update(
        bank_link_id=None, aggregator_id=None, wanted_at=None
    )
    await give_up_grant(uow, link, reason=reason)
    link.ended_at = uow.now
    link.update_from_dict({"next_update_at": None, "next_health_at": None, "news_at": None})
    link.revision += 1
    await link.save()
    uow.gone(ChangeType.BANK_LINK, link.id)


async def end_if_unused(uow: UnitOfWork, link: BankLink, *, reason: str) -> bool:
    """End a locked login unless an account still needs it; says whether it ended."""
    if await BankAccount.filter(NEEDS_LOGIN, bank_link_id=link.id).exists():
        return False
    await end_login(uow, link, reason=reason)
    return True


async def end_after_pull(uow: UnitOfWork, link: BankLink, refresh: Refresh, *, key: bytes) -> bool:
    """End a locked login after a pull of it, which has finished, unless an account still needs it;
    says whether it ended. `key` as for `remember_accounts`."""
    await remember_accounts(uow, link, key=key)
    if not await end_if_unused(uow, link, reason="wanted account not handed over"):
        return False
    uow.gone(ChangeType.REFRESH, refresh.id)
    return True


async def lock_pull(bank_link_id: UUID) -> Refresh | None:
    """The pull of a locked login that is queued or runs, locked too. A pull that stages a page
    holds its own row before it takes the organization's counter: so must whoever ends it."""
    return await Refresh.filter(under_way=bank_link_id).select_for_update(no_key=True).first()


async def end_pull(uow: UnitOfWork, link: BankLink) -> Refresh | None:
    """End the pull of a locked login that is queued or runs, as it is then; None: there is none.

    What it staged is dropped, and what it still brings is refused.
    """
    refresh = await lock_pull(link.id)
    if refresh is None:
        return None
    await Refresh.filter(id=refresh.id).update(
        state=RefreshState.FAILED,
        under_way=None,
        finished_at=uow.now,
        lease_until=None,
        deadline_at=None,
        generation=F("generation") + 1,
        revision=F("revision") + 1,
    )
    await drop(refresh.id)
    return await Refresh.get(id=refresh.id)
