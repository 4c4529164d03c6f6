"""Hiding an account of a login: siblings live on, the last one ends the login."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.accounts.hiding import LinesWait
from counterfoil.accounts.models import BankAccount
from counterfoil.errors import NotFound
from counterfoil.links.hiding import hide_account, show_again
from counterfoil.links.models import BankLink, Refresh, Revocation
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, ChangeKind, ChangeType
from tests.factories import KEYRING, make_account, make_organization, make_viewer
from tests.fakes import NOW, line
from tests.links.conftest import Shop, account_of, fresh


async def hide(shop: Shop, account: BankAccount, **values: Any) -> BankAccount:
    given = {"expected_revision": account.revision, "reason": None, "waiting": 0, **values}
    async with shop.transactions.begin(shop.organization.id) as uow:
        return await hide_account(
            uow, shop.viewer, bank_account_id=account.id, keyring=KEYRING, **given
        )


async def show(shop: Shop, account: BankAccount) -> BankAccount:
    async with shop.transactions.begin(shop.organization.id) as uow:
        return await show_again(uow, bank_account_id=account.id, reason="Wrong one")


class TestHideAccount:
    async def test_another_organizations_is_not_found_and_its_login_lives(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.pull(link)
        account = await account_of(link)
        stranger = await make_viewer(await make_organization())
        with pytest.raises(NotFound):
            async with shop.transactions.begin(stranger.organization_id) as uow:
                await hide_account(
                    uow,
                    stranger,
                    bank_account_id=account.id,
                    expected_revision=1,
                    reason=None,
                    waiting=0,
                    keyring=KEYRING,
                )
        assert (await fresh(link)).ended_at is None
        assert (await account_of(link)).hidden_at is None

    async def test_refused_it_ends_nothing(self, shop: Shop, link: BankLink) -> None:
        await shop.pull(link)
        with pytest.raises(LinesWait):
            await hide(shop, await account_of(link), waiting=3)
        assert (await fresh(link)).ended_at is None

    async def test_a_sibling_keeps_the_login_alive(self, shop: Shop, link: BankLink) -> None:
        shop.bank.open_account("savings")
        await shop.pull(link)
        await hide(shop, await account_of(link))
        assert (await fresh(link)).ended_at is None
        assert (await account_of(link)).hidden_at == NOW
        assert await Revocation.all().count() == 0
        told = await Change.filter(type=ChangeType.BANK_LINK).order_by("-position").first()
        assert told is not None
        assert (told.object_id, told.kind) == (link.id, ChangeKind.UPSERTED)

    async def test_the_last_one_takes_the_login_with_it(self, shop: Shop, link: BankLink) -> None:
        await shop.pull(link)
        account = await hide(shop, await account_of(link))
        assert (await fresh(link)).ended_at == NOW
        assert await Revocation.all().count() == 1
        row = await BankAccount.get(id=account.id)
        assert (row.hidden_at, row.bank_link_id, row.aggregator_id) == (NOW, None, None)

    async def test_hidden_siblings_keep_no_login_alive(self, shop: Shop, link: BankLink) -> None:
        await make_account(link, hidden_at=NOW)
        await shop.pull(link)
        await hide(shop, await account_of(link))
        assert (await fresh(link)).ended_at == NOW

    async def test_pulls_drop_its_lines(self, shop: Shop, link: BankLink) -> None:
        shop.bank.open_account("savings")
        await shop.pull(link)
        await hide(shop, await account_of(link))
        shop.bank.report(line("1"), line("2", account_id="savings"))
        refresh = await shop.pull(link)
        assert [each.aggregator_id for each in await BankTransaction.all()] == ["2"]
        assert (refresh.accounts, refresh.balances) == (1, 1)


class TestShowAgain:
    async def test_one_that_is_shown_is_not_found(self, shop: Shop, link: BankLink) -> None:
        await shop.pull(link)
        with pytest.raises(NotFound):
            await show(shop, await account_of(link))

    async def test_a_pull_is_queued_that_fetches_what_was_dropped(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.open_account("savings")
        await shop.pull(link)
        await hide(shop, await account_of(link))
        shop.bank.report(line("1"))
        await shop.pull(link)
        await show(shop, await account_of(link))
        await shop.work()
        after = await account_of(link)
        assert (after.hidden_at, after.wanted_at) == (None, None)
        assert [each.aggregator_id for each in await BankTransaction.all()] == ["1"]

    async def test_without_a_login_there_is_nothing_to_pull(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.pull(link)
        account = await hide(shop, await account_of(link))
        pulls = await Refresh.all().count()
        after = await show(shop, account)
        assert (after.hidden_at, after.wanted_at, after.bank_link_id) == (None, None, None)
        assert await Refresh.all().count() == pulls
