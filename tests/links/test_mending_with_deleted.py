"""A login is put in order by a new sign-in, which hands over accounts that were deleted here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.aggregators.port import AccountType, Found, FoundAccount, GrantSecret
from counterfoil.links.guarding import Choice
from counterfoil.links.models import BankLink, Institution, LinkSessionState, RefreshTrigger
from counterfoil.transactions.models import BankTransaction
from tests.factories import make_ledger_account
from tests.fakes import PLATYPUS, line
from tests.links.attempts import accounts_added, answered, signed_in, wanted
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import TRUTH, amounts, books, link, remove, renew, shop
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books, tie

__all__ = ["books", "link", "shop"]


@pytest.fixture
async def savings(shop: Shop, link: BankLink) -> BankAccount:
    """A deleted account of the login, with a line that the bank still has."""
    shop.bank.open_account("savings", name="Savings", number="9")
    shop.bank.report(line("interest", account_id="savings", amount_minor=31))
    await shop.pull(link, RefreshTrigger.ADDED)
    return await account_of(link, "savings")


async def taken_over(shop: Shop, link: BankLink, choice: Choice) -> None:
    """Sign in to the same bank anew, where everything has other ids, and say `choice`."""
    at = await Institution.get(id=link.institution_id)
    platypus = replace(PLATYPUS, aggregator_id=at.aggregator_id, name=at.name)
    accounts = [
        FoundAccount("new-checking", "Checking", "4021", AccountType.BANK),
        FoundAccount("new-savings", "Savings", "9", AccountType.BANK),
    ]
    found = Found(platypus, accounts, GrantSecret("handover-1"))
    session = await signed_in(shop, found, key="a-key-of-the-other-sign-in")
    renew(shop)
    await answered(shop, session, choice, link)
    await shop.work()


async def is_deleted(account: BankAccount) -> bool:
    now = await BankAccount.get(id=account.id)
    return now.deleted_at is not None and now.bank_link_id is None


async def test_fixing_brings_no_deleted_account_back_and_adding_asks(
    shop: Shop, link: BankLink, savings: BankAccount
) -> None:
    checking = await account_of(link)
    await remove(shop, savings)
    await taken_over(shop, link, Choice.FIX)
    await shop.pull(link)
    assert await is_deleted(savings)
    assert await BankAccount.filter(bank_link_id=link.id).count() == 1
    assert (await account_of(link, "new-checking")).id == checking.id
    assert await amounts(checking) == TRUTH
    session = await accounts_added(shop, link)
    assert session.state is LinkSessionState.DECIDING
    await wanted(shop, session, [savings.id])
    await shop.work()
    back = await BankAccount.get(id=savings.id)
    assert (back.deleted_at, back.aggregator_id) == (None, "new-savings")
    assert await amounts(savings) == {31: 1}


async def test_nor_does_it_ask_about_one_whose_lines_are_other_ones(
    shop: Shop, link: BankLink, savings: BankAccount, books: Books
) -> None:
    ledger = await make_ledger_account(shop.organization, name="Savings")
    await tie(savings, ledger)
    await booked(books, await BankTransaction.get(aggregator_id="interest"))
    await remove(shop, savings)
    shop.bank.withdraw("interest")
    shop.bank.report(line("fee", account_id="savings", amount_minor=-5))
    await taken_over(shop, link, Choice.FIX)
    assert await is_deleted(savings)
    assert not await AccountQuestion.exists()
    assert await BankAccount.filter(bank_link_id=link.id).count() == 1


async def test_nor_one_of_two_that_it_may_be_where_both_are_deleted(
    shop: Shop, link: BankLink, savings: BankAccount
) -> None:
    shop.bank.open_account("reserve", name="Reserve", number="9")
    await shop.pull(link, RefreshTrigger.ADDED)
    reserve = await account_of(link, "reserve")
    await remove(shop, savings, reserve)
    shop.bank.open_account("savings", name="Renamed", number="9")
    del shop.bank.accounts["reserve"]
    await taken_over(shop, link, Choice.FIX)
    await shop.pull(link)
    assert await is_deleted(savings)
    assert await is_deleted(reserve)
    assert not await AccountQuestion.exists()
    assert await BankAccount.filter(bank_link_id=link.id).count() == 1
    session = await accounts_added(shop, link)
    assert session.state is LinkSessionState.DECIDING


async def test_adding_accounts_by_it_brings_the_deleted_one_back(
    shop: Shop, link: BankLink, savings: BankAccount
) -> None:
    await remove(shop, savings)
    await taken_over(shop, link, Choice.ADD_ACCOUNTS)
    assert (await BankAccount.get(id=savings.id)).deleted_at is None
    assert await amounts(savings) == {31: 1}
