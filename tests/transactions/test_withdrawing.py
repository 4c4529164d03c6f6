"""Lines that a reading from the start no longer names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from counterfoil.aggregators.port import (
    ChangesPage,
    Completeness,
    RemovedTransaction,
    TransactionSnapshot,
)
from counterfoil.kit.ids import new_id
from counterfoil.transactions.models import BankTransaction, ReviewKind
from counterfoil.transactions.operations import Applied
from counterfoil.transactions.withdrawing import Reading, withdraw_missing
from tests.factories import make_account, make_line
from tests.fakes import NOW, line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed


@pytest.fixture
async def feed(database: str) -> Feed:
    """An account whose line "1" is reconciled, with a line "2" beside it and an older one "0"."""
    feed = Feed(await make_books())
    await feed.apply(
        line("1"),
        line("2", amount_minor=-500),
        line("0", dated_on=date(2026, 3, 1), amount_minor=-7),
    )
    await feed.book()
    return feed


def page(*events: TransactionSnapshot | str) -> ChangesPage:
    """A page of lines, and of ids of lines that went."""
    lines = [event for event in events if isinstance(event, TransactionSnapshot)]
    gone = [RemovedTransaction(event, None) for event in events if isinstance(event, str)]
    return ChangesPage(lines, [], gone, "cursor", False, Completeness.COMPLETE)


async def missing(feed: Feed, *pages: ChangesPage) -> Applied:
    reading = Reading()
    for each in pages:
        reading.take([each])
    feed.books.clock.advance(timedelta(hours=1))
    async with feed.books.begin() as uow:
        return await withdraw_missing(
            uow,
            reading,
            targets={"checking": feed.books.account.id},
            bank_link_id=feed.books.link.id,
            refresh_id=new_id(),
        )


class TestReading:
    def test_the_last_word_about_a_line_counts(self) -> None:
        reading = Reading()
        reading.take([page(line("1"), line("2")), page("1", line("3", account_id="card"))])
        reading.take([page(line("2", dated_on=date(2026, 3, 1)))])
        assert reading.by_account() == {
            "checking": {"2": date(2026, 3, 1)},
            "card": {"3": date(2026, 3, 9)},
        }


class TestWithdrawMissing:
    async def test_what_is_named_stays_and_nothing_is_written(self, feed: Feed) -> None:
        before = await feed.books.written()
        assert await missing(feed, page(line("1"), line("2"))) == Applied()
        assert await feed.books.written() == before

    async def test_a_line_that_is_not_named_is_withdrawn(self, feed: Feed) -> None:
        assert await missing(feed, page(line("1"))) == Applied(removed=1)
        row = await feed.row("2")
        assert row.removed_at == feed.books.clock.now()

    async def test_a_booked_one_waits_for_a_person(self, feed: Feed) -> None:
        assert await missing(feed, page(line("2"))) == Applied(modified=1)
        row, [item] = await feed.row("1"), await feed.items()
        assert (row.removed_at, item.kind) == (None, ReviewKind.WITHDRAWN)
        assert await missing(feed, page(line("2"))) == Applied()

    async def test_one_older_than_what_was_read_is_left_alone(self, feed: Feed) -> None:
        await missing(feed, page(line("1"), line("2")))
        assert (await feed.row("0")).removed_at is None
        await missing(feed, page(line("1"), line("2"), line("9", dated_on=date(2026, 3, 1))))
        assert (await feed.row("0")).removed_at is not None

    async def test_of_an_account_of_which_nothing_was_read_nothing_goes(self, feed: Feed) -> None:
        sibling = await make_account(feed.books.link, aggregator_id="savings")
        await make_line(sibling)
        assert await missing(feed, page(line("1"), line("2"))) == Applied()
        assert await missing(feed) == Applied()

    async def test_nor_of_one_that_takes_no_lines(self, feed: Feed) -> None:
        assert await missing(feed, page(line("9", account_id="hidden"))) == Applied()

    async def test_what_is_adrift_is_settled_elsewhere(self, feed: Feed) -> None:
        await BankTransaction.filter(aggregator_id="2").update(adrift_at=NOW)
        assert await missing(feed, page(line("1"))) == Applied()
