"""Accounts that were deleted and come again, by their old login or by a new one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import Completeness, ErrorKind
from counterfoil.kit.ids import new_id
from counterfoil.links.deletion_preview import Chosen, preview
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger, Revocation
from counterfoil.links.removing import delete
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from tests.api.asking import statements
from tests.factories import KEYRING, make_link
from tests.fakes import NOW, line, line_with, refusal
from tests.links.conftest import Shop, account_of, make_shop
from tests.reconciliation.acting import booked, excluded
from tests.reconciliation.conftest import Books, books, tie

__all__ = ["books"]

MARCH = [date(2026, 3, day) for day in range(1, 10)]


@pytest.fixture
async def shop(books: Books) -> Shop:
    """The bank of a company that keeps books; the login of `books` itself is not used."""
    shop = make_shop(books.organization, books.viewer)
    shop.bank.open_account(number="4021", persistent_id=None)
    shop.bank.report(
        line("rent", dated_on=MARCH[1], amount_minor=-90_000, description="Rent"),
        line("coffee-1", dated_on=MARCH[4], amount_minor=-450, description="Elm Street Coffee"),
        line("coffee-2", dated_on=MARCH[4], amount_minor=-450, description="Elm Street Coffee"),
        line("sale", dated_on=MARCH[6], amount_minor=12_000, description="Deposit"),
    )
    return shop


@pytest.fixture
async def link(shop: Shop, books: Books) -> BankLink:
    """A login that was pulled, and whose account is kept in a ledger account."""
    link = await make_link(shop.organization)
    await shop.pull(link, RefreshTrigger.FIRST_PULL)
    await BankAccount.filter(id=books.account.id).update(ledger_account_id=None)
    await tie(await account_of(link), books.checking)
    return link


async def remove(shop: Shop, *accounts: BankAccount) -> None:
    chosen = Chosen.accounts(account.id for account in accounts)
    token = (await preview(shop.viewer, chosen)).token
    async with shop.transactions.begin(shop.organization.id) as uow:
        key = f"delete-{new_id()}"
        await delete(uow, shop.viewer, chosen, token=token, key=key, keyring=KEYRING)


def renew(shop: Shop, prefix: str = "new", **facts: Any) -> None:
    """Let the bank hand out everything under new ids, as it does for a login that is added."""
    accounts, lines = list(shop.bank.accounts.values()), list(shop.bank.lines.values())
    shop.bank.accounts.clear()
    shop.bank.lines.clear()
    shop.bank.history.clear()
    for account in accounts:
        aggregator_id = f"{prefix}-{account.aggregator_id}"
        shop.bank.accounts[aggregator_id] = replace(account, aggregator_id=aggregator_id)
    for each in lines:
        shop.bank.report(
            line_with(
                each,
                aggregator_id=f"{prefix}-{each.aggregator_id}",
                account_id=f"{prefix}-{each.account_id}",
                **facts,
            )
        )


async def linked_anew(shop: Shop) -> BankLink:
    """A new login at the same bank, pulled."""
    link = await new_login(shop)
    await shop.pull(link, RefreshTrigger.FIRST_PULL)
    return link


async def new_login(shop: Shop) -> BankLink:
    """Another login at the same institution."""
    first = await BankLink.filter(organization_id=shop.organization.id).order_by("-id").first()
    assert first is not None
    return await make_link(shop.organization, institution_id=first.institution_id, grant="grant-2")


async def amounts(account: BankAccount) -> Counter[int]:
    rows = await BankTransaction.filter(bank_account_id=account.id, removed_at=None)
    return Counter(row.amount_minor for row in rows)


def _first(seen: list[str], words: str) -> int:
    return next(place for place, statement in enumerate(seen) if words in statement)


TRUTH = Counter({-90_000: 1, -450: 2, 12_000: 1})


class TestUnderNewIds:
    async def test_it_is_the_same_account_with_its_booked_lines_and_no_double(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        account = await account_of(link)
        coffee = await BankTransaction.get(aggregator_id="coffee-1")
        await booked(books, coffee)
        await remove(shop, account)
        assert await amounts(account) == {-450: 1}
        renew(shop)
        again = await linked_anew(shop)
        after = await account_of(again, "new-checking")
        assert (after.id, after.deleted_at) == (account.id, None)
        assert after.ledger_account_id == books.checking.id
        assert await amounts(account) == TRUTH
        kept = await BankTransaction.get(id=coffee.id)
        assert (kept.reconciled_minor, kept.adrift_at) == (-450, None)
        assert kept.aggregator_id in {"new-coffee-1", "new-coffee-2"}
        assert not await ReviewItem.all().exists()
        await shop.pull(again)
        assert await amounts(account) == TRUTH

    async def test_history_that_comes_later_is_attached_when_it_comes(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        account = await account_of(link)
        await booked(books, await BankTransaction.get(aggregator_id="rent"))
        await remove(shop, account)
        renew(shop)
        whole, shop.bank.history = shop.bank.history, shop.bank.history[1:]
        shop.bank.completeness = Completeness.RECENT
        again = await linked_anew(shop)
        assert await amounts(account) == TRUTH
        shop.bank.history = [*shop.bank.history, whole[0]]
        shop.bank.completeness = Completeness.COMPLETE
        await shop.pull(again)
        assert await amounts(account) == TRUTH
        rent = await BankTransaction.get(aggregator_id="new-rent")
        assert (rent.reconciled_minor, rent.adrift_at) == (-90_000, None)

    async def test_the_counter_is_taken_before_lines_are_attached(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        """As every act on lines takes it: else an act and a pull may wait for each other."""
        account = await account_of(link)
        await booked(books, await BankTransaction.get(aggregator_id="rent"))
        await remove(shop, account)
        renew(shop)
        whole, shop.bank.history = shop.bank.history, []
        shop.bank.completeness = Completeness.NOT_READY
        again = await linked_anew(shop)
        shop.bank.history = whole
        with statements() as seen:
            await shop.pull(again)
        looked = _first(seen, "SELECT DISTINCT bank_account_id FROM bank_transaction")
        named = _first(seen, "SET aggregator_id = ")
        assert "INSERT INTO change_head" in "".join(seen[looked:named])

    async def test_it_comes_back_by_a_later_pull_where_the_first_one_failed(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await account_of(link)
        await remove(shop, account)
        renew(shop)
        again = await new_login(shop)
        shop.bank.fail("snapshot", refusal(ErrorKind.BANK_DOWN))
        failed = await shop.pull(again, RefreshTrigger.FIRST_PULL)
        assert failed.state is RefreshState.FAILED
        await shop.pull(again)
        assert (await account_of(again, "new-checking")).id == account.id
        assert await amounts(account) == TRUTH

    async def test_a_booked_line_that_the_bank_no_longer_names_is_asked_about(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        shop.bank.open_account(number="4021", persistent_id="the-very-account")
        await shop.pull(link)
        account = await account_of(link)
        sale = await BankTransaction.get(aggregator_id="sale")
        await booked(books, sale)
        await remove(shop, account)
        shop.bank.withdraw("sale")
        renew(shop)
        await linked_anew(shop)
        assert await amounts(account) == TRUTH
        item = await ReviewItem.get(bank_transaction_id=sale.id)
        assert (item.kind, item.resolved_at) == (ReviewKind.WITHDRAWN, None)

    async def test_an_excluded_line_comes_back_excluded(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        account = await account_of(link)
        rent = await BankTransaction.get(aggregator_id="rent")
        await excluded(books, rent)
        await remove(shop, account)
        assert await amounts(account) == {}
        renew(shop)
        await linked_anew(shop)
        assert await amounts(account) == TRUTH
        out = await BankTransaction.filter(excluded_at__not_isnull=True)
        assert [row.aggregator_id for row in out] == ["new-rent"]

    async def test_it_works_while_the_old_login_is_still_in_the_outbox(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await account_of(link)
        await remove(shop, account)
        waiting = shop.queue.take()
        renew(shop)
        again = await linked_anew(shop)
        assert not (await Revocation.get(id=link.grant_id)).done_at
        assert (await account_of(again, "new-checking")).id == account.id
        await shop.sweeper.revoke(link.grant_id)
        assert (await Revocation.get(id=link.grant_id)).outcome == "REMOTE"
        assert [job.name for job in waiting] == ["revoke"]
        assert (await shop.pull(again)).state is RefreshState.DONE

    async def test_what_was_hidden_stays_hidden(self, shop: Shop, link: BankLink) -> None:
        shop.bank.open_account("payroll", number="7777", name="Payroll")
        shop.bank.report(line("wages", account_id="payroll"))
        await shop.pull(link)
        payroll = await account_of(link, "payroll")
        await BankAccount.filter(id=payroll.id).update(hidden_at=NOW)
        await remove(shop, await account_of(link))
        assert (await BankAccount.get(id=payroll.id)).bank_link_id is None
        renew(shop)
        shop.bank.report(line("new-bonus", account_id="new-payroll"))
        again = await linked_anew(shop)
        after = await account_of(again, "new-payroll")
        assert (after.id, after.hidden_at) == (payroll.id, NOW)
        assert not await BankTransaction.filter(aggregator_id="new-bonus").exists()
        assert await BankAccount.filter(organization_id=shop.organization.id).count() == 3


class TestOnALoginThatLives:
    @pytest.fixture
    async def card(self, shop: Shop, link: BankLink) -> BankAccount:
        """A second account of the login, with two lines."""
        shop.bank.open_account("card", number="1111", name="Card")
        for name, amount in (("fuel", -3_000), ("toll", -200)):
            shop.bank.report(line(name, account_id="card", amount_minor=amount, dated_on=MARCH[3]))
        await shop.pull(link)
        return await account_of(link, "card")

    async def want(self, link: BankLink, account: BankAccount) -> None:
        """Ask the account back, as the person does who chooses it in the bank's page."""
        await BankAccount.filter(id=account.id).update(
            wanted_at=NOW, bank_link_id=link.id, aggregator_id="card"
        )

    async def test_a_pull_never_revives_a_deleted_sibling(
        self, shop: Shop, link: BankLink, card: BankAccount
    ) -> None:
        await remove(shop, card)
        shop.bank.report(line("fuel-2", account_id="card"))
        for trigger in (RefreshTrigger.PERSON, RefreshTrigger.REPAIR, RefreshTrigger.ADDED):
            refresh = await shop.pull(link, trigger)
            assert refresh.state is RefreshState.DONE
        assert (await BankAccount.get(id=card.id)).deleted_at == NOW
        assert await BankAccount.filter(bank_link_id=link.id).count() == 1
        assert await amounts(card) == {}

    async def test_one_that_is_wanted_back_has_its_whole_history_again(
        self, shop: Shop, link: BankLink, card: BankAccount
    ) -> None:
        await remove(shop, card)
        shop.bank.report(line("fuel-2", account_id="card", amount_minor=-700))
        await self.want(link, card)
        shop.bank.cursors.clear()
        await shop.pull(link, RefreshTrigger.ADDED)
        after = await BankAccount.get(id=card.id)
        assert (after.deleted_at, after.wanted_at, after.bank_link_id) == (None, None, link.id)
        assert await amounts(card) == {-3_000: 1, -200: 1, -700: 1}
        assert await amounts(await account_of(link)) == TRUTH
        assert len(shop.bank.cursors) == 2
        await shop.pull(link)
        assert len(shop.bank.cursors) == 3

    async def test_a_siblings_line_that_is_gone_by_then_counts_as_withdrawn(
        self, shop: Shop, link: BankLink, card: BankAccount, books: Books
    ) -> None:
        sale = await BankTransaction.get(aggregator_id="sale")
        await booked(books, sale)
        await remove(shop, card)
        await self.want(link, card)
        for gone in ("coffee-2", "sale"):
            del shop.bank.lines[gone]
        shop.bank.history = list(shop.bank.lines.values())
        await BankLink.filter(id=link.id).update(cursor=str(len(shop.bank.history)))
        refresh = await shop.pull(link, RefreshTrigger.ADDED)
        assert refresh.removed == 1
        checking = await account_of(link)
        assert await amounts(checking) == {-90_000: 1, -450: 1, 12_000: 1}
        item = await ReviewItem.get(bank_transaction_id=sale.id)
        assert item.kind is ReviewKind.WITHDRAWN
        assert await Refresh.filter(state=RefreshState.FAILED).count() == 0

    async def test_history_that_a_pull_passed_over_before_it_was_added_comes_too(
        self, shop: Shop, link: BankLink, card: BankAccount
    ) -> None:
        await remove(shop, card)
        del shop.bank.accounts["card"]
        shop.bank.open_account("card-2", number="1111", name="Card")
        for name, amount in (("fuel", -3_000), ("toll", -200)):
            shop.bank.report(
                line(f"{name}-2", account_id="card-2", amount_minor=amount, dated_on=MARCH[3])
            )
        await shop.pull(link)
        assert await amounts(card) == {}
        shop.bank.report(line("bridge", account_id="card-2", amount_minor=-50))
        await shop.pull(link, RefreshTrigger.ADDED)
        await shop.work()
        after = await BankAccount.get(id=card.id)
        assert (after.deleted_at, after.wanted_at, after.aggregator_id) == (None, None, "card-2")
        assert await amounts(card) == {-3_000: 1, -200: 1, -50: 1}
        assert await amounts(await account_of(link)) == TRUTH
        assert not await Refresh.filter(under_way__not_isnull=True).exists()
