"""Pending lines of an account that comes under new ids, of which no posted line is told."""

from __future__ import annotations

import pytest

from counterfoil.transactions.operations import NOTHING, Applied
from tests.fakes import line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed
from tests.transactions.test_attaching import returning, rows


@pytest.fixture
async def feed(database: str) -> Feed:
    """An account of which nothing is there but a pending line, "p"."""
    feed = Feed(await make_books())
    await feed.apply(line("p", pending=True))
    return feed


async def test_while_more_may_come_they_wait(feed: Feed) -> None:
    assert await returning(feed, complete=False) == NOTHING
    row = await feed.row("p")
    assert (row.removed_at, row.adrift_at is None) == (None, False)


async def test_what_the_whole_history_does_not_name_is_withdrawn(feed: Feed) -> None:
    assert await returning(feed) == Applied(removed=1)
    row = await feed.row("p")
    assert (row.removed_at, row.adrift_at) == (feed.books.clock.now(), None)


async def test_what_is_pending_under_another_id_goes_on(feed: Feed) -> None:
    before = await feed.row("p")
    await returning(feed, line("a", pending=True))
    after = await rows()
    assert after.keys() == {"a"}
    assert (after["a"].id, after["a"].adrift_at) == (before.id, None)


async def test_a_posted_line_beside_it_goes_on_waiting(feed: Feed) -> None:
    await feed.apply(line("1"))
    assert await returning(feed) == Applied(removed=1)
    after = await rows()
    assert after.keys() == {"1"}
    assert after["1"].adrift_at is not None
