"""Accounts whose lines come after them: asked about once their history tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.aggregators.port import Completeness
from counterfoil.links.doubles import answer_question
from counterfoil.links.models import BankLink, RefreshTrigger
from counterfoil.transactions.models import BankTransaction, ReviewItem
from tests.api.asking import statements
from tests.factories import KEYRING, make_ledger_account
from tests.fakes import line
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import (
    TRUTH,
    amounts,
    books,
    link,
    linked_anew,
    new_login,
    remove,
    renew,
    shop,
)
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books, tie

__all__ = ["books", "link", "shop"]

SALES = Counter({-1000 - day: 1 for day in range(8)})


@pytest.fixture
async def deleted(shop: Shop, link: BankLink, books: Books) -> BankAccount:
    """A deleted account with eight lines that are booked; its bank gave it another number."""
    for day in range(8):
        facts = {"amount_minor": -1000 - day, "description": f"Purchase {day}"}
        shop.bank.report(line(f"x{day}", dated_on=date(2026, 3, 10 + day), **facts))
    await shop.pull(link)
    account = await account_of(link)
    for day in range(8):
        await booked(books, await BankTransaction.get(aggregator_id=f"x{day}"))
    await remove(shop, account)
    renew(shop)
    shop.bank.accounts["new-checking"] = replace(shop.bank.accounts["new-checking"], number="7777")
    return account


async def without_lines(shop: Shop) -> BankLink:
    """A new login whose first pull brings its account and no line; the next one brings all."""
    again = await new_login(shop)
    history, shop.bank.history = shop.bank.history, []
    shop.bank.completeness = Completeness.NOT_READY
    await shop.pull(again, RefreshTrigger.FIRST_PULL)
    shop.bank.history, shop.bank.completeness = history, Completeness.COMPLETE
    return again


async def answer(shop: Shop, same_as: UUID | None) -> None:
    question = await AccountQuestion.get()
    async with shop.transactions.begin(shop.organization.id) as uow:
        key = await key_of(uow, KEYRING)
        await answer_question(uow, shop.viewer, question_id=question.id, same_as=same_as, key=key)
    await shop.work()


async def candidates() -> Sequence[Sequence[str]]:
    return [question.candidates for question in await AccountQuestion.all()]


class TestHistoryThatComesLater:
    async def test_it_is_asked_about_and_the_same_doubles_nothing(
        self, shop: Shop, deleted: BankAccount
    ) -> None:
        again = await without_lines(shop)
        assert await candidates() == []
        await shop.pull(again)
        assert await candidates() == [[str(deleted.id)]]
        await answer(shop, deleted.id)
        assert await amounts(deleted) == TRUTH + SALES
        assert await BankTransaction.filter(removed_at=None).count() == 12
        assert not await ReviewItem.all().exists()
        assert (await account_of(again, "new-checking")).id == deleted.id

    async def test_who_was_told_that_it_is_another_one_is_not_asked_again(
        self, shop: Shop, deleted: BankAccount
    ) -> None:
        again = await without_lines(shop)
        shop.bank.completeness = Completeness.RECENT
        await shop.pull(again)
        await answer(shop, None)
        shop.bank.completeness = Completeness.COMPLETE
        await shop.pull(again)
        assert await AccountQuestion.all().count() == 1

    async def test_nothing_is_asked_of_one_with_another_history(
        self, shop: Shop, deleted: BankAccount
    ) -> None:
        again = await without_lines(shop)
        shop.bank.history = [
            line("other", account_id="new-checking", dated_on=date(2026, 3, 10), amount_minor=-7)
        ]
        await shop.pull(again)
        assert await candidates() == []

    async def test_nothing_is_asked_of_one_in_which_something_is_booked(
        self, shop: Shop, deleted: BankAccount, books: Books
    ) -> None:
        again = await without_lines(shop)
        whole, shop.bank.history = shop.bank.history, shop.bank.history[:1]
        shop.bank.completeness = Completeness.RECENT
        await shop.pull(again)
        account = await account_of(again, "new-checking")
        await tie(account, await make_ledger_account(shop.organization))
        await booked(books, await BankTransaction.get(bank_account_id=account.id))
        shop.bank.history, shop.bank.completeness = whole, Completeness.COMPLETE
        await shop.pull(again)
        assert await candidates() == []

    async def test_nothing_is_asked_of_a_hidden_one(self, shop: Shop, deleted: BankAccount) -> None:
        again = await without_lines(shop)
        await BankAccount.filter(id=deleted.id).update(hidden_at=shop.clock.now())
        await shop.pull(again)
        assert await candidates() == []


class TestComparing:
    async def test_the_pages_are_read_once_for_all_accounts(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        async def passes(number: int) -> int:
            names = [f"{number}-{each}" for each in range(number)]
            for name in names:
                shop.bank.open_account(name, number=name, name=name)
                shop.bank.report(line(f"l-{name}", account_id=name))
            await shop.pull(link)
            for name in names:
                account = await account_of(link, name)
                await tie(account, await make_ledger_account(shop.organization))
                await booked(books, await BankTransaction.get(aggregator_id=f"l-{name}"))
            await remove(shop, *[await account_of(link, name) for name in names])
            renew(shop, f"n{number}")
            with statements() as seen:
                await linked_anew(shop)
            return sum('FROM "staged_page"' in statement for statement in seen)

        assert await passes(1) == await passes(4)
