"""What a login is said to miss, when an account of it is hidden or deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.operations import update
from counterfoil.aggregators.port import AccountFailure, Completeness, ErrorKind
from counterfoil.links.models import BankLink, RefreshTrigger
from counterfoil.links.status import LinkStatusCode
from tests.fakes import refusal
from tests.links.conftest import Shop, account_of, fresh
from tests.links.test_adding_again import remove
from tests.links.test_hiding import hide

PARTIAL, OK = LinkStatusCode.PARTIAL, LinkStatusCode.OK


async def fails(shop: Shop, link: BankLink, *accounts: str) -> None:
    """A pull, an hour later, that brings all of a login but these accounts."""
    shop.clock.advance(timedelta(hours=1))
    failures = [AccountFailure(each, refusal(ErrorKind.BANK_DOWN)) for each in accounts]
    shop.bank.account_failures = failures
    for each in accounts:
        shop.bank.accounts.pop(each, None)
    await shop.pull(link)


async def rename(shop: Shop, account: BankAccount, name: str) -> None:
    async with shop.transactions.begin(shop.organization.id) as uow:
        await update(
            uow,
            shop.viewer,
            bank_account_id=account.id,
            expected_revision=account.revision,
            name=name,
        )


async def said(link: BankLink) -> tuple[LinkStatusCode, str | None]:
    now = await fresh(link)
    return now.status_code, now.status_missing


@pytest.fixture
async def link(shop: Shop, link: BankLink) -> BankLink:
    """A login that was pulled, with three accounts."""
    shop.bank.open_account("savings", number="1111")
    shop.bank.open_account("reserve", number="2222", name="Reserve, Old")
    await shop.pull(link, RefreshTrigger.FIRST_PULL)
    return link


@pytest.mark.parametrize("gone", [hide, remove])
class TestShownNoMore:
    async def test_it_is_named_no_more_and_alone_it_leaves_nothing_missing(
        self, shop: Shop, link: BankLink, gone: Any
    ) -> None:
        await fails(shop, link, "savings")
        assert await said(link) == (PARTIAL, "Savings")
        await gone(shop, await account_of(link, "savings"))
        assert await said(link) == (OK, None)

    async def test_nor_by_a_name_with_a_comma_in_it(
        self, shop: Shop, link: BankLink, gone: Any
    ) -> None:
        await fails(shop, link, "savings", "reserve")
        assert await said(link) == (PARTIAL, "Reserve, Old, Savings")
        await gone(shop, await account_of(link, "reserve"))
        assert await said(link) == (PARTIAL, "Savings")

    async def test_nor_by_the_name_that_it_had_then(
        self, shop: Shop, link: BankLink, gone: Any
    ) -> None:
        await fails(shop, link, "savings", "reserve")
        await rename(shop, await account_of(link, "savings"), "Payroll")
        await gone(shop, await account_of(link, "savings"))
        assert await said(link) == (PARTIAL, "Reserve, Old")

    async def test_of_two_with_one_name_the_other_is_missing_still(
        self, shop: Shop, link: BankLink, gone: Any
    ) -> None:
        await rename(shop, await account_of(link, "reserve"), "Savings")
        await fails(shop, link, "savings", "reserve")
        assert await said(link) == (PARTIAL, "Savings, Savings")
        await gone(shop, await account_of(link, "savings"))
        assert await said(link) == (PARTIAL, "Savings")

    @pytest.mark.parametrize(
        ("completeness", "words"),
        [
            (Completeness.RECENT, "older transactions"),
            (Completeness.NOT_READY, "all transactions"),
        ],
    )
    async def test_what_names_no_account_is_missing_still(
        self, shop: Shop, link: BankLink, gone: Any, completeness: Completeness, words: str
    ) -> None:
        shop.bank.completeness = completeness
        await fails(shop, link, "savings", "unknown")
        assert await said(link) == (PARTIAL, f"Savings, an account, {words}")
        await gone(shop, await account_of(link, "savings"))
        assert await said(link) == (PARTIAL, f"an account, {words}")

    async def test_where_the_end_was_cut_off_it_is_not_said_to_be_whole(
        self, shop: Shop, link: BankLink, gone: Any
    ) -> None:
        shop.bank.completeness = Completeness.RECENT
        await fails(shop, link, "savings")
        await BankLink.filter(id=link.id).update(status_missing="Savings, older trans")
        await gone(shop, await account_of(link, "savings"))
        assert await said(link) == (PARTIAL, None)


async def test_what_came_is_not_missing_because_something_is_hidden(
    shop: Shop, link: BankLink
) -> None:
    await fails(shop, link, "savings")
    await hide(shop, await account_of(link, "reserve"))
    assert await said(link) == (PARTIAL, "Savings")
