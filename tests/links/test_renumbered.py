"""An account that its login hands over under another id, while lines are read from a cursor on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from counterfoil import jobs
from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.aggregators.port import TransactionSnapshot
from counterfoil.links.doubles import answer_question
from counterfoil.links.models import BankLink
from counterfoil.transactions.models import BankTransaction, ReviewItem
from tests.factories import KEYRING
from tests.fakes import line, line_with
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import MARCH, TRUTH, amounts, books, link, shop
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books

__all__ = ["books", "link", "shop"]

NEWEST = 777
"""The amount of the only line that lies after the cursor."""


def renumber(shop: Shop, *, newest_on: date) -> Sequence[TransactionSnapshot]:
    """Give the account another id, and a line after the cursor; its lines before."""
    account = shop.bank.accounts.pop("checking")
    shop.bank.accounts["new"] = replace(account, aggregator_id="new")
    before = [one for one in shop.bank.history if isinstance(one, TransactionSnapshot)]
    newest = line("newest", account_id="new", dated_on=newest_on, amount_minor=NEWEST)
    shop.bank.report(newest)
    return before


def tell_all(shop: Shop, before: Sequence[TransactionSnapshot]) -> None:
    """Let the bank name the whole history under the new ids when it is read from the start."""
    newest = shop.bank.history[-1]
    moved = [
        line_with(one, aggregator_id=f"n-{one.aggregator_id}", account_id="new") for one in before
    ]
    shop.bank.history[:] = [*moved, newest]


async def one_pull(shop: Shop, link: BankLink) -> None:
    """A pull without the one that it asks for."""
    await shop.request(link)
    [job] = shop.queue.take()
    refresh_id, generation = str(job.arguments["refresh_id"]), int(job.arguments["generation"])
    await jobs.run_refresh(
        {"workshop": shop.workshop}, refresh_id=refresh_id, generation=generation
    )


async def same(shop: Shop, former_id: UUID) -> None:
    question = await AccountQuestion.get()
    async with shop.transactions.begin(shop.organization.id) as uow:
        key = await key_of(uow, KEYRING)
        await answer_question(uow, shop.viewer, question_id=question.id, same_as=former_id, key=key)


class TestRecognised:
    async def test_its_lines_wait_for_the_reading_that_names_them_all(
        self, shop: Shop, link: BankLink, books: Books
    ) -> None:
        account = await account_of(link)
        await booked(books, await BankTransaction.get(aggregator_id="rent"))
        before = renumber(shop, newest_on=date(2026, 3, 20))
        await one_pull(shop, link)
        assert await BankTransaction.filter(bank_account_id=account.id, adrift_at=None).count() == 0
        tell_all(shop, before)
        await shop.work()
        await shop.pull(link)
        assert await amounts(account) == TRUTH + Counter({NEWEST: 1})
        assert not await ReviewItem.all().exists()
        rent = await BankTransaction.get(aggregator_id="n-rent")
        assert (rent.reconciled_minor, rent.adrift_at) == (-90_000, None)


class TestAskedAbout:
    @pytest.mark.parametrize("newest_on", [MARCH[6], date(2026, 3, 20)])
    async def test_said_to_be_the_same_it_has_its_whole_history(
        self, shop: Shop, link: BankLink, books: Books, newest_on: date
    ) -> None:
        account = await account_of(link)
        await booked(books, await BankTransaction.get(aggregator_id="rent"))
        before = renumber(shop, newest_on=newest_on)
        shop.bank.accounts["new"] = replace(shop.bank.accounts["new"], number="9999")
        await shop.pull(link)
        await AccountQuestion.get_or_create(
            bank_account_id=(await account_of(link, "new")).id,
            defaults={
                "organization_id": shop.organization.id,
                "candidates": [str(account.id)],
                "raised_at": shop.clock.now(),
            },
        )
        await same(shop, account.id)
        tell_all(shop, before)
        await shop.work()
        after = await BankAccount.get(id=account.id)
        assert (after.wanted_at, after.aggregator_id) == (None, "new")
        assert await amounts(account) == TRUTH + Counter({NEWEST: 1})
        assert not await ReviewItem.all().exists()
