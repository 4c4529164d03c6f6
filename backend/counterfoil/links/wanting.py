"""Accounts that were asked back on a login that lives: their history lies behind its cursor."""

from __future__ import annotations

from tortoise.expressions import Q

from counterfoil.accounts.models import BankAccount, FeedState
from counterfoil.links.models import BankLink

_LOST = Q(deleted_at=None, feed_state=FeedState.ACCESS_LOST)
"""An account that is shown and that its login hands over no more: it waits until it does again."""


async def is_history_behind(link: BankLink) -> bool:
    """Whether the login must be read from an empty cursor too, to bring back an account's history.

    A login that has no cursor yet is read from there anyway.
    """
    if not link.cursor:
        return False
    wanted = BankAccount.filter(bank_link_id=link.id, wanted_at__not_isnull=True)
    return await wanted.filter(~_LOST).exists()


async def lock_accounts(link: BankLink) -> None:
    """Lock the accounts of a locked login: nobody asks for one back from here on."""
    await BankAccount.filter(bank_link_id=link.id).select_for_update(no_key=True).only("id")
