"""How much of a history that is kept here is told again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from counterfoil.aggregators.port import TransactionSnapshot
from counterfoil.transactions.comparing import Common, Histories, told
from tests.api.asking import statements
from tests.fakes import line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed

COFFEE = {"description": "Elm Street Coffee", "amount_minor": -500}


@pytest.fixture
async def feed(database: str) -> Feed:
    """An account whose line "1" is reconciled."""
    feed = Feed(await make_books())
    await feed.apply(line("1", description="Paper"))
    await feed.book()
    return feed


async def common(feed: Feed, offered: Iterable[TransactionSnapshot]) -> Common:
    return await Histories().common(feed.books.account.id, told(offered))


class TestCommon:
    async def test_nothing_offered_is_nothing_in_common(self, feed: Feed) -> None:
        pending = line("a", description="Paper", pending=True)
        for offered in ([], [pending]):
            assert await common(feed, offered) == Common(0, 0)

    async def test_lines_within_the_span_that_say_the_same_count(self, feed: Feed) -> None:
        await feed.apply(
            line("2", dated_on=date(2026, 3, 8), **COFFEE),
            line("3", dated_on=date(2026, 3, 1)),
            line("4", dated_on=date(2026, 3, 20), pending=True),
            line("gone"),
        )
        await feed.apply(removed=["gone"])
        offered = [
            line("a", description="PAPER "),
            line("b", dated_on=date(2026, 3, 8), description="Tea", amount_minor=-500),
        ]
        assert await common(feed, offered) == Common(kept=2, found=1, theirs=2)

    async def test_a_booked_line_is_compared_as_the_bank_told_it_last(self, feed: Feed) -> None:
        await feed.apply(line("1", description="Paper", amount_minor=-1300))
        offered = [line("a", description="Paper", amount_minor=-1300)]
        assert await common(feed, offered) == Common(1, 1, theirs=1)

    async def test_equal_ones_count_as_often_as_they_occur(self, feed: Feed) -> None:
        await feed.apply(*[line(name, dated_on=date(2026, 3, 10), **COFFEE) for name in "234"])
        offered = [line(name, dated_on=date(2026, 3, 10), **COFFEE) for name in "ab"]
        assert await common(feed, offered) == Common(3, 2, theirs=2)

    async def test_theirs_count_between_the_oldest_and_the_newest_kept_line(
        self, feed: Feed
    ) -> None:
        await feed.apply(line("2", dated_on=date(2026, 3, 8), **COFFEE))
        days = [date(2026, 3, day) for day in (1, 7, 8, 9, 9, 10, 11)]
        offered = [line(f"o{place}", dated_on=day) for place, day in enumerate(days)]
        assert await common(feed, offered) == Common(2, 0, theirs=3)

    async def test_a_history_is_read_once_however_often_it_is_compared(self, feed: Feed) -> None:
        histories = Histories()
        for times in (True, False):
            with statements() as seen:
                await histories.common(feed.books.account.id, told([line("a")]))
            assert bool(seen) is times
