"""Hidden accounts whose bank is added again: they stay hidden, and are themselves when shown."""

from __future__ import annotations

from dataclasses import replace

from counterfoil.accounts.models import AccountKey, AccountQuestion, BankAccount
from counterfoil.links.models import BankLink
from counterfoil.transactions.models import BankTransaction, ReviewItem
from tests.fakes import line
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import TRUTH, amounts, books, link, linked_anew, renew, shop
from tests.links.test_hiding import hide, show
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books

__all__ = ["books", "link", "shop"]


class TestShownAgain:
    async def test_under_new_ids_no_line_stands_twice_and_what_is_booked_stays_so(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        account = await account_of(link)
        rent = await BankTransaction.get(aggregator_id="rent")
        await booked(books, rent)
        await hide(shop, await account_of(link))
        renew(shop)
        shop.bank.open_account("other", number="1234", name="Other")
        again = await linked_anew(shop)
        await show(shop, account)
        await shop.work()
        after = await BankAccount.get(id=account.id)
        assert (after.hidden_at, after.bank_link_id) == (None, again.id)
        assert await amounts(account) == TRUTH
        kept = await BankTransaction.get(id=rent.id)
        assert (kept.reconciled_minor, kept.aggregator_id) == (-90_000, "new-rent")
        assert not await ReviewItem.all().exists()
        assert not await BankTransaction.filter(adrift_at__not_isnull=True).exists()


class TestStaysHidden:
    async def test_where_the_bank_prints_another_number_and_the_history_is_the_same(
        self, shop: Shop, link: BankLink
    ) -> None:
        for number in range(8):
            shop.bank.report(line(f"x{number}", amount_minor=-1_000 - number))
        await shop.pull(link)
        await hide(shop, await account_of(link))
        renew(shop)
        at = shop.bank.accounts["new-checking"]
        shop.bank.accounts["new-checking"] = replace(at, number="7777")
        await linked_anew(shop)
        assert await shown() == []

    async def test_where_two_look_like_it_and_nothing_tells_which_it_is(
        self, shop: Shop, link: BankLink
    ) -> None:
        await hide(shop, await account_of(link))
        renew(shop)
        shop.bank.history.clear()
        twin = replace(shop.bank.accounts["new-checking"], aggregator_id="twin")
        shop.bank.accounts["twin"] = twin
        again = await linked_anew(shop)
        await shop.pull(again)
        assert await shown() == []

    async def test_where_no_pull_has_brought_it_since_keys_are_kept(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.open_account("savings", number="9")
        await shop.pull(link)
        await AccountKey.all().delete()
        await hide(shop, await account_of(link, "savings"))
        await hide(shop, await account_of(link))
        renew(shop)
        await linked_anew(shop)
        assert await shown() == []

    async def test_the_history_tells_it_from_one_that_looks_like_it(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("fee", amount_minor=-77))
        await shop.pull(link)
        await hide(shop, await account_of(link))
        renew(shop)
        twin = replace(shop.bank.accounts["new-checking"], aggregator_id="twin")
        shop.bank.accounts["twin"] = twin
        await linked_anew(shop)
        assert await shown() == ["twin"]


async def shown() -> list[str]:
    """The accounts that a login brings into sight, by their ids; none that is asked about."""
    assert not await AccountQuestion.exists()
    rows = BankAccount.filter(hidden_at=None, deleted_at=None, aggregator_id__not_isnull=True)
    ids = await rows.exclude(number=None).values_list("aggregator_id", flat=True)
    return sorted(map(str, ids))
