"""Lines of an account that comes back under new ids: each is the line that it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest

from counterfoil.aggregators.port import TransactionSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.transactions import attaching
from counterfoil.transactions.erasing import erase
from counterfoil.transactions.models import BankTransaction, PreparedCoding, ReviewKind
from counterfoil.transactions.operations import NOTHING, Applied
from tests.api.asking import statements
from tests.factories import make_account
from tests.fakes import NOW, line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed, many, offered_again

COFFEE = {"description": "Elm Street Coffee", "amount_minor": -500}


@pytest.fixture
async def feed(database: str) -> Feed:
    """An account whose line "1" is reconciled."""
    feed = Feed(await make_books())
    await feed.apply(line("1", description="Paper"))
    await feed.book()
    return feed


async def deleting(feed: Feed) -> None:
    async with feed.books.begin() as uow:
        await erase(uow, bank_account_ids=[feed.books.account.id], key=bytes(32))


async def returning(
    feed: Feed, *reported: TransactionSnapshot, new: bool = True, complete: bool = True
) -> Applied:
    """A pull of the login that the account came back with (`new`), or of a later one."""
    if new:
        async with feed.books.begin() as uow:
            await attaching.set_adrift(uow, [feed.books.account.id])
    return await feed.apply(*reported, complete=complete)


async def rows() -> dict[str, BankTransaction]:
    return {row.aggregator_id: row for row in await BankTransaction.filter(removed_at=None)}


class TestAnAccountThatWasDeletedComesBack:
    async def test_a_kept_line_is_the_line_that_is_offered(self, feed: Feed) -> None:
        await deleting(feed)
        before = await feed.row()
        applied = await returning(feed, line("a", description="Paper"), line("b"))
        after = await rows()
        assert applied == Applied(added=1, modified=1)
        assert after.keys() == {"a", "b"}
        assert (after["a"].id, after["a"].reconciled_minor) == (before.id, -1234)
        assert (after["a"].adrift_at, after["a"].undecided_at) == (None, None)
        assert after["a"].change_position > before.change_position
        assert await feed.items() == []

    async def test_two_equal_purchases_stay_two(self, feed: Feed) -> None:
        await feed.apply(line("2", description="Paper"))
        await deleting(feed)
        await returning(feed, line("a", description="Paper"), line("b", description="Paper"))
        after = await rows()
        assert sorted(row.reconciled_minor for row in after.values()) == [-1234, 0]

    async def test_another_date_near_by_is_a_question_about_the_same_line(self, feed: Feed) -> None:
        await deleting(feed)
        await returning(feed, line("a", dated_on=date(2026, 3, 11)))
        [row], [item] = (await rows()).values(), await feed.items()
        assert (row.dated_on, row.reconciled_minor) == (date(2026, 3, 9), -1234)
        assert (item.kind, item.reported["dated_on"]) == (ReviewKind.CHANGED, "2026-03-11")

    async def test_what_the_bank_changed_before_is_recognised_as_it_told_it(
        self, feed: Feed
    ) -> None:
        changed = {"description": "Paper", "amount_minor": -1300}
        await feed.apply(line("1", **changed))
        await deleting(feed)
        await returning(feed, line("a", **changed))
        assert (await rows()).keys() == {"a"}
        assert len(await feed.items()) == 1

    async def test_under_the_ids_that_it_had_it_is_known_by_them(self, feed: Feed) -> None:
        await deleting(feed)
        await returning(feed, line("1", description="Something else", amount_minor=-1300))
        [row], [item] = (await rows()).values(), await feed.items()
        assert (row.aggregator_id, row.adrift_at) == ("1", None)
        assert item.reported["amount_minor"] == -1300

    async def test_a_matched_line_that_is_not_offered_waits_for_a_person(self, feed: Feed) -> None:
        await deleting(feed)
        await returning(feed, line("a", dated_on=date(2026, 3, 1)))
        row, [item] = await feed.row(), await feed.items()
        assert item.kind == ReviewKind.WITHDRAWN
        assert (row.removed_at, row.adrift_at) == (None, None)
        assert row.undecided_at == feed.books.clock.now()

    async def test_what_is_older_than_the_history_is_left_alone(self, feed: Feed) -> None:
        await deleting(feed)
        await returning(feed, line("a", dated_on=date(2026, 3, 10), amount_minor=-9))
        row = await feed.row()
        assert (row.adrift_at, row.undecided_at) == (None, None)
        assert await feed.items() == []

    async def test_older_history_that_comes_in_a_later_pull_finds_its_lines(
        self, feed: Feed
    ) -> None:
        before = await feed.row()
        await deleting(feed)
        await returning(
            feed, line("a", dated_on=date(2026, 3, 10), amount_minor=-9), complete=False
        )
        assert (await feed.row()).adrift_at is not None
        await returning(feed, line("b", description="Paper"), new=False)
        after = await rows()
        assert after.keys() == {"a", "b"}
        assert after["b"].id == before.id

    async def test_until_it_is_complete_nothing_is_held_against_a_line(self, feed: Feed) -> None:
        await deleting(feed)
        older = line("a", dated_on=date(2026, 3, 1))
        await returning(feed, older, complete=False)
        assert await feed.items() == []
        await returning(feed, new=False)
        assert [item.kind for item in await feed.items()] == [ReviewKind.WITHDRAWN]

    async def test_while_nothing_of_the_account_came_its_lines_wait(self, feed: Feed) -> None:
        await deleting(feed)
        await returning(feed)
        assert (await feed.row()).adrift_at is not None
        await returning(feed, line("a", description="Paper"), new=False)
        assert (await rows()).keys() == {"a"}

    async def test_once_it_is_settled_a_pull_has_nothing_to_attach(self, feed: Feed) -> None:
        await deleting(feed)
        await returning(feed, line("a", description="Paper"))
        assert await attaching.with_lines_adrift([feed.books.account.id]) == frozenset()


class TestALoginIsTakenOver:
    async def test_every_line_goes_on_and_what_is_not_offered_is_withdrawn(
        self, feed: Feed
    ) -> None:
        await feed.apply(line("2", **COFFEE), line("3", amount_minor=-7))
        before = await rows()
        applied = await returning(
            feed, line("a", description="Paper"), line("b", **COFFEE), line("c", amount_minor=-8)
        )
        after = await rows()
        assert after.keys() == {"a", "b", "c"}
        assert (after["a"].id, after["b"].id) == (before["1"].id, before["2"].id)
        assert applied == Applied(added=1, modified=2, removed=1)
        gone = await feed.row("3")
        assert (gone.removed_at, gone.adrift_at) == (feed.books.clock.now(), None)

    async def test_of_equal_lines_the_booked_one_goes_on(self, feed: Feed) -> None:
        await feed.apply(line("0", description="Paper"), line("2", description="Paper"))
        await returning(feed, line("a", description="Paper"))
        [row] = (await rows()).values()
        assert row.reconciled_minor == -1234

    async def test_a_pending_line_goes_on_with_what_people_noted(self, feed: Feed) -> None:
        await feed.apply(line("p", pending=True, amount_minor=-700))
        before = await feed.row("p")
        await BankTransaction.filter(id=before.id).update(comment="Ask Bo")
        await PreparedCoding.create(
            bank_transaction_id=before.id, amount_minor=-700, coding={}, actor="x", prepared_at=NOW
        )
        await returning(
            feed,
            line("a", description="Paper"),
            line("b", dated_on=date(2026, 3, 12), amount_minor=-700),
        )
        after = (await rows())["b"]
        assert (after.id, after.pending, after.comment) == (before.id, False, "Ask Bo")
        assert (await PreparedCoding.get()).bank_transaction_id == before.id

    async def test_a_pending_line_that_is_not_offered_is_withdrawn_at_once(
        self, feed: Feed
    ) -> None:
        await feed.apply(line("p", pending=True, amount_minor=-700))
        applied = await returning(feed, line("a", description="Paper"), complete=False)
        assert (await rows()).keys() == {"a"}
        assert applied == Applied(modified=1, removed=1)

    async def test_a_line_that_the_new_login_named_before_is_nobody_elses(self, feed: Feed) -> None:
        await returning(
            feed, line("a", dated_on=date(2026, 3, 10), amount_minor=-9), complete=False
        )
        await returning(feed, line("a", description="Paper"), new=False, complete=False)
        after = await rows()
        assert after.keys() == {"1", "a"}
        assert after["1"].reconciled_minor == -1234


class TestALongHistory:
    async def test_it_attaches_in_as_many_statements_as_a_short_one(self, feed: Feed) -> None:
        async def counted(lines: int) -> int:
            account = await make_account(feed.books.link)
            await many(account, lines)
            again = await offered_again(account)
            with statements() as seen:
                assert await comes_back(feed, account.id, again) == (lines, NOTHING)
            return len(seen)

        assert await counted(5_000) == await counted(2)


async def comes_back(
    feed: Feed, account_id: UUID, offered: Sequence[TransactionSnapshot]
) -> tuple[int, Applied]:
    async with feed.books.begin() as uow:
        await attaching.set_adrift(uow, [account_id])
        attached = await attaching.attach(
            bank_account_ids={account_id: "again"}, offered={"again": offered}
        )
        return attached, await attaching.settle_leftovers(
            uow,
            bank_account_ids=[account_id],
            bank_link_id=feed.books.link.id,
            refresh_id=new_id(),
            complete=True,
        )
