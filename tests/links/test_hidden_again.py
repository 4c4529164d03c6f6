"""Hidden accounts whose bank is added again: they stay hidden, and are themselves when shown."""

from __future__ import annotations

from counterfoil.accounts.models import BankAccount
from counterfoil.links.models import BankLink
from counterfoil.transactions.models import BankTransaction, ReviewItem
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
