"""What a refresh is said to have brought: of a hidden account nothing, whatever the bank says."""

from __future__ import annotations

import pytest

from counterfoil.links.models import BankLink, Refresh
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from tests.fakes import line
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import books, link, shop
from tests.links.test_hiding import hide
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books

__all__ = ["books", "link", "shop"]


@pytest.fixture
async def sibling(shop: Shop, link: BankLink) -> None:
    """A second account of the login, which keeps the login alive."""
    shop.bank.open_account("savings", number="1111", name="Savings")
    shop.bank.report(line("interest", account_id="savings"))
    await shop.pull(link)


def counted(refresh: Refresh) -> tuple[int, int, int]:
    return refresh.added, refresh.modified, refresh.removed


async def withdrawn(shop: Shop, link: BankLink, *aggregator_ids: str) -> tuple[int, int, int]:
    """The counts of a pull with which the bank withdraws these lines."""
    for aggregator_id in aggregator_ids:
        shop.bank.withdraw(aggregator_id)
    return counted(await shop.pull(link))


@pytest.mark.usefixtures("sibling")
class TestAHiddenAccount:
    async def test_what_the_bank_withdraws_there_goes_and_is_not_counted(
        self, shop: Shop, link: BankLink
    ) -> None:
        await hide(shop, await account_of(link))
        assert await withdrawn(shop, link, "rent", "interest") == (0, 0, 1)
        assert (await BankTransaction.get(aggregator_id="rent")).removed_at is not None

    async def test_of_a_booked_line_the_question_waits_and_is_not_counted(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        await booked(books, await BankTransaction.get(aggregator_id="rent"))
        await hide(shop, await account_of(link))
        assert await withdrawn(shop, link, "rent") == (0, 0, 0)
        assert (await ReviewItem.get()).kind is ReviewKind.WITHDRAWN


@pytest.mark.usefixtures("sibling")
async def test_of_shown_accounts_all_is_counted(shop: Shop, link: BankLink, books: Books) -> None:
    await booked(books, await BankTransaction.get(aggregator_id="rent"))
    assert await withdrawn(shop, link, "rent", "sale", "interest") == (0, 1, 2)
