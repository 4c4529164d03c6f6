"""What of a line's changes comes between a person's reading and acting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from counterfoil.errors import Conflict
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.reviewing import locked_lines
from tests.fakes import line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed


@pytest.fixture
async def feed(database: str) -> Feed:
    """A feed that brought the line "1", of 12.34 out on the 9th."""
    feed = Feed(await make_books())
    await feed.apply(line("1"))
    return feed


async def act_on(feed: Feed, seen: BankTransaction) -> None:
    """Take the line as one who saw it as it was then."""
    async with feed.books.begin() as uow:
        await locked_lines(uow, feed.books.viewer, {seen.id: seen.revision})


class TestARevisionThatWasSeen:
    @pytest.mark.parametrize(
        "told", [{"description": "Corrected"}, {"category": "FOOD", "counterparty": "Elm"}]
    )
    async def test_a_pull_that_tells_it_in_other_words_is_no_conflict(
        self, feed: Feed, told: dict[str, Any]
    ) -> None:
        seen = await feed.row()
        await feed.apply(line("1", **told))
        assert (await feed.row()).revision == seen.revision + 1
        await act_on(feed, seen)

    @pytest.mark.parametrize(
        "changed",
        [
            {"amount_minor": -1300},
            {"dated_on": date(2026, 3, 10)},
            {"currency": "CAD"},
            {"currency": "JPY", "exponent": 0},
            {"pending": True},
        ],
    )
    async def test_what_an_act_depends_on_is(self, feed: Feed, changed: dict[str, Any]) -> None:
        seen = await feed.row()
        await feed.apply(line("1", **changed))
        await feed.apply(line("1", **changed, description="Corrected"))
        with pytest.raises(Conflict):
            await act_on(feed, seen)
        await act_on(feed, await feed.row())

    async def test_a_line_that_went_and_came_back_is(self, feed: Feed) -> None:
        seen = await feed.row()
        await feed.apply(removed=("1",))
        gone = await feed.row()
        await feed.apply(line("1"))
        for earlier in (seen, gone):
            with pytest.raises(Conflict):
                await act_on(feed, earlier)

    async def test_a_pending_line_that_posted_under_no_name_is(self, feed: Feed) -> None:
        await feed.apply(line("2", pending=True, amount_minor=-700))
        seen = await feed.row("2")
        await feed.apply(line("3", amount_minor=-700), removed=("2",))
        assert (await feed.row("3")).id == seen.id
        with pytest.raises(Conflict):
            await act_on(feed, seen)

    async def test_what_a_person_did_with_it_is(self, feed: Feed) -> None:
        seen = await feed.row()
        await feed.book()
        await feed.apply(line("1", description="Corrected"))
        with pytest.raises(Conflict):
            await act_on(feed, seen)

    async def test_a_question_about_a_booked_line_is_and_so_is_its_end(self, feed: Feed) -> None:
        await feed.book()
        seen = await feed.row()
        await feed.apply(line("1", amount_minor=-1300))
        asked = await feed.row()
        await feed.apply(line("1"))
        for earlier in (seen, asked):
            with pytest.raises(Conflict):
                await act_on(feed, earlier)

    async def test_a_revision_that_never_was_is(self, feed: Feed) -> None:
        seen = await feed.row()
        seen.revision += 1
        feed.books.clock.advance(timedelta(hours=1))
        with pytest.raises(Conflict):
            await act_on(feed, seen)
