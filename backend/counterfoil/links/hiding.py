"""Hiding an account, with what that means for the login that brings it in."""

from __future__ import annotations

from uuid import UUID

from counterfoil.accounts import hiding
from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.models import BankAccount
from counterfoil.kit.crypto import Keyring
from counterfoil.links.ending import end_if_unused, lock_pull, remember_accounts
from counterfoil.links.missing import say_anew
from counterfoil.links.models import BankLink, RefreshTrigger
from counterfoil.links.operations import locked, request_refresh
from counterfoil.transactions.attaching import set_adrift
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Viewer


async def hide_account(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    reason: str | None,
    waiting: int,
    keyring: Keyring,
) -> BankAccount:
    """Hide an account for ever (`accounts.hiding.hide`), and end its login where it was the last
    one that is shown, as deleting it would. By what it is known again is kept, under the key that
    `keyring` opens.

    Raises:
        NotFound, Conflict, Forbidden, InvalidInput; LinesWait: see there.
    """
    link = await _login_of(viewer, bank_account_id)
    if link is not None:
        await lock_pull(link.id)
    account = await hiding.hide(
        uow,
        viewer,
        bank_account_id=bank_account_id,
        expected_revision=expected_revision,
        reason=reason,
        waiting=waiting,
    )
    if link is not None:
        await remember_accounts(uow, link, key=await key_of(uow, keyring))
        if not await end_if_unused(uow, link, reason="last account hidden"):
            await _leave_out(uow, link)
    return account


async def show_again(uow: UnitOfWork, *, bank_account_id: UUID, reason: str) -> BankAccount:
    """Show a hidden account again, by the word of whoever runs the server, and pull its history.

    Its lines may be here under ids of an earlier login: they wait for what that history names.

    Raises:
        NotFound, InvalidInput: see `accounts.hiding.unhide`.
    """
    operator = Viewer.operator(uow.organization_id)
    link = await _login_of(operator, bank_account_id)
    account = await hiding.unhide(
        uow, bank_account_id=bank_account_id, reason=reason, attached=link is not None
    )
    if link is not None:
        await set_adrift(uow, [account.id])
        await request_refresh(uow, operator, bank_link_id=link.id, trigger=RefreshTrigger.SCHEDULE)
    return account


async def _login_of(viewer: Viewer, bank_account_id: UUID) -> BankLink | None:
    """The login that brings an account in, locked: logins come before their accounts."""
    account = await BankAccount.get_or_none(
        id=bank_account_id, organization_id=viewer.organization_id
    )
    if account is None or account.bank_link_id is None:
        return None
    return await locked(viewer, account.bank_link_id)


async def _leave_out(uow: UnitOfWork, link: BankLink) -> None:
    """Tell that the login's accounts are others now, and no more that this one is missing."""
    await say_anew(link, now=uow.now)
    link.revision += 1
    await link.save()
    uow.upserted(ChangeType.BANK_LINK, link.id, link.revision)
