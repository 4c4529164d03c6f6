"""Accounts that are wanted back by a login, and that the bank hands over no more."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import BankAccount, FeedState
from counterfoil.aggregators.port import AccountFailure, Completeness, LinkPurpose, Repaired
from counterfoil.links.models import BankLink, Refresh, RefreshState, Revocation
from counterfoil.unit_of_work import Change, ChangeKind, ChangeType
from tests.fakes import TRANSIENT, line
from tests.links.attempts import accounts_added, begun, wanted
from tests.links.conftest import Shop, account_of, fresh
from tests.links.test_adding_again import amounts, books, link, remove, shop
from tests.links.test_hiding import hide, show

__all__ = ["books", "link", "shop"]


@pytest.fixture
async def savings(shop: Shop, link: BankLink) -> BankAccount:
    """A second account of the login, with a line."""
    shop.bank.open_account("savings", name="Savings", number="9")
    shop.bank.report(line("interest", account_id="savings", amount_minor=31))
    await shop.pull(link)
    return await account_of(link, "savings")


@pytest.fixture
async def awaited(shop: Shop, link: BankLink, savings: BankAccount) -> BankAccount:
    """A deleted account that a person wants back, and that the bank shares no more."""
    await remove(shop, savings)
    await wanted(shop, await accounts_added(shop, link), [savings.id])
    del shop.bank.accounts["savings"]
    return await BankAccount.get(id=savings.id)


async def is_let_go(account: BankAccount) -> bool:
    now = await BankAccount.get(id=account.id)
    assert now.deleted_at is not None
    return (now.bank_link_id, now.aggregator_id, now.wanted_at) == (None, None, None)


class TestADeletedOne:
    async def test_is_let_go_and_its_login_is_read_on_from_its_cursor(
        self, shop: Shop, link: BankLink, awaited: BankAccount
    ) -> None:
        await shop.work()
        assert await is_let_go(awaited)
        assert (await fresh(link)).ended_at is None
        shop.bank.cursors.clear()
        await shop.pull(link)
        assert None not in shop.bank.cursors

    async def test_can_be_asked_for_again(
        self, shop: Shop, link: BankLink, awaited: BankAccount
    ) -> None:
        await shop.work()
        shop.bank.open_account("savings", name="Savings", number="9")
        again = await begun(shop, mode=LinkPurpose.ADD_ACCOUNTS, link=link, key="another-key")
        shop.bank.answer(f"handle-{len(shop.bank.link_requests)}", Repaired())
        asked = await shop.linking.advance(shop.viewer, again.id)
        await wanted(shop, asked, [awaited.id])
        await shop.work()
        assert await amounts(awaited) == {31: 1}

    async def test_keeps_no_login_alive(
        self, shop: Shop, link: BankLink, awaited: BankAccount
    ) -> None:
        await shop.work()
        await remove(shop, await account_of(link))
        assert (await fresh(link)).ended_at is not None

    async def test_for_which_alone_a_login_lives_it_ends(
        self, shop: Shop, link: BankLink, awaited: BankAccount
    ) -> None:
        await remove(shop, await account_of(link))
        assert (await fresh(link)).ended_at is None
        shop.bank.accounts.clear()
        await shop.work()
        assert await is_let_go(awaited)
        after = await fresh(link)
        assert (after.ended_at, after.next_update_at) == (shop.clock.now(), None)
        assert (await Revocation.get(id=link.grant_id)).done_at is not None
        for refresh in await Refresh.filter(bank_link_id=link.id):
            assert (refresh.state, refresh.under_way) == (RefreshState.DONE, None)
        for type_ in (ChangeType.BANK_LINK, ChangeType.REFRESH):
            told = await Change.filter(type=type_).order_by("-position").first()
            assert told is not None
            assert told.kind is ChangeKind.GONE

    async def test_waits_while_the_bank_cannot_tell_of_it(
        self, shop: Shop, link: BankLink, awaited: BankAccount
    ) -> None:
        shop.bank.account_failures = [AccountFailure("savings", TRANSIENT)]
        await shop.work()
        assert not await is_let_go(awaited)
        shop.bank.account_failures = []
        shop.bank.completeness = Completeness.RECENT
        await shop.pull(link)
        assert not await is_let_go(awaited)
        shop.bank.open_account("savings", name="Savings", number="9")
        shop.bank.completeness = Completeness.COMPLETE
        await shop.pull(link)
        assert await amounts(awaited) == {31: 1}


class TestAShownOne:
    async def test_waits_without_its_login_being_read_again_and_comes_in_whole(
        self, shop: Shop, link: BankLink, savings: BankAccount
    ) -> None:
        await hide(shop, savings)
        shop.bank.report(line("more", account_id="savings", amount_minor=32))
        await shop.pull(link)
        await show(shop, savings)
        del shop.bank.accounts["savings"]
        await shop.work()
        assert (await account_of(link, "savings")).feed_state is FeedState.ACCESS_LOST
        shop.bank.cursors.clear()
        await shop.pull(link)
        assert None not in shop.bank.cursors
        shop.bank.open_account("savings", name="Savings", number="9")
        await shop.pull(link)
        assert shop.bank.cursors[-1] is None
        after = await account_of(link, "savings")
        assert (after.feed_state, after.wanted_at) == (FeedState.OPEN, None)
        assert await amounts(savings) == {31: 1, 32: 1}
