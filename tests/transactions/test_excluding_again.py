"""A line that was excluded when it was erased comes back excluded, once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from counterfoil.kit.ids import new_id
from counterfoil.transactions.erasing import erase
from counterfoil.transactions.excluding_again import exclude_again
from counterfoil.transactions.models import BankTransaction, Exclusion, RememberedExclusion
from counterfoil.transactions.reviewing import Excluded, exclude
from tests.api.asking import statements
from tests.factories import make_account, make_line
from tests.fakes import NOW, line
from tests.reconciliation.conftest import make_books
from tests.reconciliation.test_excluding import excluding, restoring
from tests.transactions.feeds import Feed, many

KEY = bytes(range(32))
TEA = {"description": "Tea", "amount_minor": -300}


@pytest.fixture
async def feed(database: str) -> Feed:
    """An account with two equal lines "1" and "2", and another one "3"."""
    feed = Feed(await make_books())
    await feed.apply(line("1", **TEA), line("2", **TEA), line("3"))
    return feed


async def deleting(feed: Feed) -> None:
    async with feed.books.begin() as uow:
        await erase(uow, bank_account_ids=[feed.books.account.id], key=KEY)


async def again(feed: Feed, *, key: bytes = KEY, all_lines: bool = False) -> int:
    """What follows a pull: of the lines that it brought, or of all of them."""
    newest = await BankTransaction.all().order_by("-changed_at").first()
    refresh_id = newest.first_refresh_id if newest and not all_lines else None
    async with feed.books.begin() as uow:
        return await exclude_again(
            uow, bank_account_id=feed.books.account.id, key=key, refresh_id=refresh_id
        )


async def out_of_review() -> Sequence[str]:
    rows = await BankTransaction.filter(excluded_at__isnull=False).order_by("aggregator_id")
    return [row.aggregator_id for row in rows]


class TestExcludeAgain:
    async def test_with_nothing_remembered_nothing_is_done(self, feed: Feed) -> None:
        before = await feed.books.written()
        assert await again(feed) == 0
        assert await feed.books.written() == before

    async def test_the_line_is_excluded_as_it_was(self, feed: Feed) -> None:
        act = await excluding(feed.books, await feed.row("3"), reason="Not ours")
        [said] = await Exclusion.all()
        await deleting(feed)
        await feed.apply(line("a", description="LINE  3"), line("b", **TEA))
        before = await feed.row("a")
        assert await again(feed) == 1
        assert await out_of_review() == ["a"]
        [exclusion], row = await Exclusion.all(), await feed.row("a")
        assert (exclusion.bank_transaction_id, exclusion.reason) == (row.id, "Not ours")
        assert (exclusion.actor, exclusion.act_id) == (said.actor, act.id)
        assert exclusion.excluded_at == row.excluded_at == said.excluded_at
        assert (row.revision, row.binding_revision) == (before.revision + 1, before.revision + 1)
        assert row.change_position > before.change_position
        assert row.changed_at == feed.books.clock.now()
        assert not await RememberedExclusion.all().exists()

    @pytest.mark.parametrize("both", [False, True])
    async def test_of_equal_lines_as_many_are_excluded_as_were(
        self, feed: Feed, both: bool
    ) -> None:
        lines = [await feed.row("1"), *([await feed.row("2")] if both else [])]
        await excluding(feed.books, *lines)
        await deleting(feed)
        await feed.apply(line("a", **TEA), line("b", **TEA), line("c", **TEA))
        assert await again(feed) == len(lines)
        assert len(await out_of_review()) == len(lines)

    async def test_an_equal_line_that_is_booked_does_not_count(self, feed: Feed) -> None:
        await feed.apply(line("1", description="Paper"), line("4", description="Paper"))
        await feed.book()
        await excluding(feed.books, await feed.row("4"))
        await deleting(feed)
        await feed.apply(line("1", description="Paper"), line("a", description="Paper"))
        assert await again(feed) == 1
        assert await out_of_review() == ["a"]

    async def test_a_pending_line_is_not_meant(self, feed: Feed) -> None:
        await excluding(feed.books, await feed.row("3"))
        await deleting(feed)
        await feed.apply(line("a", description="Line 3", pending=True))
        assert await again(feed) == 0

    async def test_one_that_a_person_restored_stays_restored(self, feed: Feed) -> None:
        await excluding(feed.books, await feed.row("3"))
        await deleting(feed)
        await feed.apply(line("a", description="Line 3"))
        await again(feed)
        await restoring(feed.books, await feed.row("a"))
        await feed.apply(line("b"))
        assert await again(feed, all_lines=True) == 0
        assert await out_of_review() == []

    async def test_under_another_key_nothing_is_known(self, feed: Feed) -> None:
        await excluding(feed.books, await feed.row("3"))
        await deleting(feed)
        await feed.apply(line("a", description="Line 3"))
        assert await again(feed, key=bytes(32)) == 0
        assert await RememberedExclusion.all().count() == 1

    async def test_lines_of_another_account_are_not_meant(self, feed: Feed) -> None:
        await excluding(feed.books, await feed.row("3"))
        await deleting(feed)
        other = await make_account(feed.books.link)
        await make_line(other, description="Line 3")
        assert await again(feed, all_lines=True) == 0

    async def test_deleted_a_second_time_it_is_remembered_anew(self, feed: Feed) -> None:
        await excluding(feed.books, await feed.row("3"))
        for aggregator_id in ("a", "b"):
            await deleting(feed)
            await feed.apply(line(aggregator_id, description="Line 3"))
            assert await again(feed) == 1
            assert await out_of_review() == [aggregator_id]

    async def test_many_are_remembered_and_excluded_in_a_bounded_number_of_statements(
        self, feed: Feed
    ) -> None:
        async def counted(lines: int) -> int:
            account = feed.books.account
            await many(account, lines)
            await _exclude_all(feed)
            with statements() as seen:
                await deleting(feed)
                await many(account, lines)
                assert await again(feed, all_lines=True) == lines
            await BankTransaction.all().delete()
            return len(seen)

        await BankTransaction.all().delete()
        few = await counted(2)
        assert await counted(60) == few
        assert await counted(2_100) <= few + 2_100 // 1_000


async def _exclude_all(feed: Feed) -> None:
    async with feed.books.begin() as uow:
        await exclude(
            uow,
            [
                Excluded(
                    bank_transaction_id=row.id,
                    reason="Not ours",
                    actor="USER:",
                    act_id=new_id(),
                    excluded_at=NOW,
                )
                for row in await BankTransaction.all()
            ],
        )
