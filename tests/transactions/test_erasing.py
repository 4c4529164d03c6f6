"""Erasing the lines of a deleted account, and counting them before."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from counterfoil.transactions.erasing import Erased, Month, erase, would_erase
from counterfoil.transactions.models import (
    BankTransaction,
    Exclusion,
    PreparedCoding,
    RememberedExclusion,
    ReviewItem,
)
from tests.api.asking import statements
from tests.factories import make_account, make_line
from tests.fakes import NOW, line
from tests.reconciliation.conftest import make_books
from tests.reconciliation.test_excluding import excluding
from tests.transactions.feeds import Feed, many

KEY = bytes(range(32))
NOTHING = Erased(lines=0, kept=0, months=[])


@pytest.fixture
async def feed(database: str) -> Feed:
    """An account whose line "1" is reconciled."""
    feed = Feed(await make_books())
    await feed.apply(line("1"))
    await feed.book()
    return feed


async def erasing(feed: Feed, account_id: UUID | None = None) -> Erased:
    """Erase the lines of an account; what had been counted before."""
    ids = [account_id or feed.books.account.id]
    counted = await would_erase(ids)
    async with feed.books.begin() as uow:
        await erase(uow, bank_account_ids=ids, key=KEY)
    return counted[ids[0]]


async def counted(feed: Feed) -> Erased:
    """What erasing the lines of the account would do."""
    return (await would_erase([feed.books.account.id]))[feed.books.account.id]


class TestWouldErase:
    async def test_an_account_without_lines(self, feed: Feed) -> None:
        other = await make_account(feed.books.link)
        assert await would_erase([other.id]) == {other.id: NOTHING}

    async def test_it_counts_by_month_and_currency_with_signs(self, feed: Feed) -> None:
        await feed.apply(
            line("2", amount_minor=-500),
            line("3", amount_minor=700),
            line("4", dated_on=date(2026, 2, 28), amount_minor=-(2**53) - 1),
            line("5", dated_on=date(2026, 2, 1), currency="JPY", exponent=0, amount_minor=-9),
            line("6", pending=True, amount_minor=-1),
            line("gone"),
        )
        await feed.apply(removed=["gone"])
        before = await feed.books.written()
        counts = await counted(feed)
        assert counts == Erased(
            lines=5,
            kept=1,
            months=[
                Month("2026-02", "JPY", 0, 1, -9),
                Month("2026-02", "USD", 2, 1, -(2**53) - 1),
                Month("2026-03", "USD", 2, 3, 199),
            ],
        )
        assert await feed.books.written() == before

    async def test_a_month_of_which_everything_stays_is_none(self, feed: Feed) -> None:
        assert await counted(feed) == Erased(lines=0, kept=1, months=[])


class TestErase:
    async def test_what_was_counted_goes_and_matched_lines_stay_adrift(self, feed: Feed) -> None:
        await feed.apply(line("2", amount_minor=-500), line("3", pending=True), line("gone"))
        await feed.apply(removed=["gone"])
        before = await feed.row()
        assert (await erasing(feed)).lines == 2
        [kept] = await BankTransaction.all()
        assert (kept.id, kept.aggregator_id, kept.reconciled_minor) == (before.id, "1", -1234)
        assert kept.adrift_at == feed.books.clock.now()
        assert (kept.revision, kept.change_position) == (before.revision, before.change_position)

    async def test_a_part_in_a_match_keeps_the_whole_line(self, feed: Feed) -> None:
        await feed.unmatch(*await feed.matches())
        await feed.book(-1000)
        assert (await erasing(feed)).kept == 1
        assert (await feed.row()).amount_minor == -1234

    async def test_what_was_noted_of_a_line_goes_with_it(self, feed: Feed) -> None:
        await feed.apply(line("2", amount_minor=-500))
        row = await feed.row("2")
        await PreparedCoding.create(
            bank_transaction_id=row.id, amount_minor=-500, coding={}, actor="USER:", prepared_at=NOW
        )
        await feed.apply(line("1", amount_minor=-1300))
        await feed.unmatch(*await feed.matches())
        assert await ReviewItem.all().exists()
        await erasing(feed)
        for model in (BankTransaction, PreparedCoding, ReviewItem):
            assert not await model.all().exists(), model.__name__

    async def test_lines_of_siblings_are_left_alone(self, feed: Feed) -> None:
        sibling = await make_account(feed.books.link)
        theirs = await make_line(sibling)
        await erasing(feed)
        assert (await BankTransaction.get(id=theirs.id)).adrift_at is None

    async def test_of_an_excluded_line_the_decision_is_remembered(self, feed: Feed) -> None:
        await feed.apply(line("2", amount_minor=-500, bank_description="CHEQUE 7"))
        act = await excluding(feed.books, await feed.row("2"), reason="Not ours")
        await erasing(feed)
        assert not await Exclusion.all().exists()
        [kept] = await RememberedExclusion.all()
        assert (kept.bank_account_id, kept.version, kept.ordinal) == (feed.books.account.id, 1, 1)
        assert (kept.reason, kept.actor, kept.act_id) == (
            "Not ours",
            feed.books.viewer.actor,
            act.id,
        )
        assert kept.excluded_at == feed.books.clock.now()
        assert "CHEQUE" not in kept.fingerprint

    async def test_twice_is_once(self, feed: Feed) -> None:
        await feed.apply(line("2"))
        await erasing(feed)
        [before] = await BankTransaction.all().values()
        assert await erasing(feed) == Erased(lines=0, kept=1, months=[])
        assert await BankTransaction.all().values() == [before]

    async def test_a_long_history_goes_in_as_many_statements_as_a_short_one(
        self, feed: Feed
    ) -> None:
        async def taken(lines: int) -> int:
            account = await make_account(feed.books.link)
            await many(account, lines)
            with statements() as seen:
                assert (await erasing(feed, account.id)).lines == lines
            return len(seen)

        assert await taken(5_000) == await taken(2)
