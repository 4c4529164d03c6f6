"""A login is added again, and the bank can't tell of one of its accounts at first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountFailure, ErrorKind
from counterfoil.links.guarding import Choice
from counterfoil.links.models import BankLink, RefreshTrigger
from counterfoil.links.status import LinkStatusCode
from tests.fakes import line, refusal
from tests.links.attempts import accounts_added, wanted
from tests.links.conftest import Shop, account_of, fresh
from tests.links.test_adding_again import (
    amounts,
    books,
    link,
    linked_anew,
    remove,
    renew,
    shop,
)
from tests.links.test_mending_with_deleted import is_deleted, savings, taken_over

__all__ = ["books", "link", "savings", "shop"]


def fail(shop: Shop, aggregator_id: str) -> None:
    """Let the bank hand over one account no more, since it can't tell of it."""
    shop.bank.open_account(aggregator_id)
    del shop.bank.accounts[aggregator_id]
    shop.bank.account_failures = [AccountFailure(aggregator_id, refusal(ErrorKind.BANK_DOWN))]


def recover(shop: Shop, aggregator_id: str) -> None:
    """Let the bank hand over Savings, under this id, and fail no more."""
    shop.bank.account_failures = []
    shop.bank.open_account(aggregator_id, name="Savings", number="9")


@pytest.fixture
async def again(shop: Shop, link: BankLink, savings: BankAccount) -> BankLink:
    """The login was deleted and added again, and Savings failed in its first two pulls."""
    await remove(shop, await account_of(link), savings)
    shop.clock.advance(timedelta(hours=1))
    renew(shop)
    fail(shop, "new-savings")
    again = await linked_anew(shop)
    await shop.pull(again)
    assert (await fresh(again)).status_code is LinkStatusCode.PARTIAL
    assert await is_deleted(savings)
    return again


async def test_it_comes_back_by_the_pull_that_has_it(
    shop: Shop, again: BankLink, savings: BankAccount
) -> None:
    recover(shop, "new-savings")
    await shop.pull(again)
    back = await BankAccount.get(id=savings.id)
    assert (back.deleted_at, back.aggregator_id) == (None, "new-savings")
    assert await amounts(savings) == {31: 1}
    assert (await fresh(again)).status_code is LinkStatusCode.OK


async def test_one_that_is_deleted_later_does_not(
    shop: Shop, again: BankLink, savings: BankAccount
) -> None:
    checking = await account_of(again, "new-checking")
    shop.bank.open_account("third", name="Third", number="3")
    await shop.pull(again)
    shop.clock.advance(timedelta(hours=1))
    await remove(shop, checking)
    facts = {"name": "Checking", "number": "4021", "persistent_id": None}
    shop.bank.open_account("newest-checking", **facts)
    await shop.pull(again)
    assert await is_deleted(checking)
    rows = await BankAccount.filter(bank_link_id=again.id)
    assert [row.name for row in rows] == ["Third"]


async def test_nothing_comes_back_so_where_the_login_was_taken_over_meanwhile(
    shop: Shop, link: BankLink, savings: BankAccount
) -> None:
    await remove(shop, savings)
    shop.clock.advance(timedelta(hours=1))
    fail(shop, "card")
    await wanted(shop, await accounts_added(shop, link), [])
    await shop.work()
    assert (await fresh(link)).status_code is LinkStatusCode.PARTIAL
    shop.clock.advance(timedelta(hours=1))
    shop.bank.account_failures = []
    await taken_over(shop, link, Choice.FIX)
    assert await is_deleted(savings)


async def test_nor_once_a_pull_has_brought_all(
    shop: Shop, again: BankLink, savings: BankAccount
) -> None:
    shop.bank.account_failures = []
    await shop.pull(again)
    recover(shop, "newest-savings")
    shop.bank.report(line("interest-2", account_id="newest-savings", amount_minor=5))
    await shop.pull(again, RefreshTrigger.WEBHOOK)
    assert await is_deleted(savings)
