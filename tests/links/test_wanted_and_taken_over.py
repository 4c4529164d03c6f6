"""A person chooses an account that was deleted, and its login was taken over while they looked."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.links.guarding import Choice
from counterfoil.links.models import BankLink, LinkSession, LinkSessionState
from tests.links.attempts import accounts_added, wanted
from tests.links.conftest import Shop, fresh
from tests.links.test_adding_again import amounts, books, link, remove, shop
from tests.links.test_mending_with_deleted import savings, taken_over

__all__ = ["books", "link", "savings", "shop"]


@pytest.fixture
async def asked(shop: Shop, link: BankLink, savings: BankAccount) -> LinkSession:
    """The question whether Savings is to come back, asked of the login as it was."""
    await remove(shop, savings)
    session = await accounts_added(shop, link)
    assert session.state is LinkSessionState.DECIDING
    return session


async def test_it_comes_back_under_its_new_id_with_its_history(
    shop: Shop, link: BankLink, savings: BankAccount, asked: LinkSession
) -> None:
    await taken_over(shop, link, Choice.FIX)
    await wanted(shop, asked, [savings.id])
    await shop.work()
    back = await BankAccount.get(id=savings.id)
    assert (back.deleted_at, back.wanted_at) == (None, None)
    assert (back.bank_link_id, back.aggregator_id) == (link.id, "new-savings")
    assert await amounts(savings) == {31: 1}
    assert await BankAccount.filter(bank_link_id=link.id).count() == 2
    assert not await AccountQuestion.exists()
    shop.bank.cursors.clear()
    await shop.pull(link)
    assert shop.bank.cursors == [(await fresh(link)).cursor]
