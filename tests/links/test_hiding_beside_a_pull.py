"""An account is hidden while its login is pulled: both lock the same rows in the same order."""

from __future__ import annotations

import asyncio

from counterfoil.kit.sql import fetch, on_sqlite
from counterfoil.links.ending import lock_pull
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger
from tests.fakes import NOW
from tests.links.conftest import Shop, account_of, fresh
from tests.links.test_hiding import hide


async def until_somebody_waits() -> None:
    """Until a transaction waits for a lock; on SQLite none begins before the other has ended."""
    async with asyncio.timeout(10):
        while not (on_sqlite() or await fetch("SELECT 1 FROM pg_locks WHERE NOT granted")):
            await fetch("SELECT pg_sleep(0.01)")


async def test_the_last_one_waits_for_the_page_that_is_being_staged(
    shop: Shop, link: BankLink
) -> None:
    await shop.pull(link, RefreshTrigger.FIRST_PULL)
    account = await account_of(link)
    refresh = await shop.request(link)
    staging = asyncio.Event()

    async def hide_meanwhile() -> None:
        await staging.wait()
        await hide(shop, account)

    hiding = asyncio.create_task(hide_meanwhile())
    async with shop.transactions.begin(shop.organization.id) as uow:
        await lock_pull(link.id)  # as a pull does that stages a page
        staging.set()
        await until_somebody_waits()
        await uow.position()
    await hiding
    assert (await fresh(link)).ended_at == NOW
    assert (await Refresh.get(id=refresh.id)).state is RefreshState.FAILED
