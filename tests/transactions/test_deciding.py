"""Booked lines that the bank changes or withdraws, and how that is decided."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.reconciliation.models import Match
from counterfoil.transactions import deciding
from counterfoil.transactions.deciding import AlreadyDecided, Resolution
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from counterfoil.transactions.operations import Applied
from counterfoil.unit_of_work import IdempotencyKeyReused
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.fakes import NOW, line
from tests.reconciliation.conftest import make_books
from tests.transactions.feeds import Feed

CHANGED = {
    "amount_minor": -1300,
    "currency": "USD",
    "exponent": 2,
    "dated_on": "2026-03-09",
    "pending": False,
}
"""What the bank says of the line once it was booked: 13.00 out instead of 12.34."""


async def keep(
    feed: Feed, *, by: Viewer | None = None, item: UUID | None = None, **given: str
) -> ReviewItem:
    chosen = item or (await feed.items())[-1].id
    asked = {"reason": "The bank is wrong", "key": "key-00000001", **given}
    async with feed.books.begin() as uow:
        return await deciding.keep_ours(
            uow, by or feed.books.viewer, review_item_id=chosen, **asked
        )


@pytest.fixture
async def feed(database: str) -> Feed:
    """A feed whose line "1", of 12.34 out on the 9th, is reconciled."""
    feed = Feed(await make_books())
    await feed.apply(line("1"))
    await feed.book()
    return feed


class TestAPullMeetsABookedLine:
    async def test_a_description_follows_and_nothing_is_asked(self, feed: Feed) -> None:
        before = await feed.row()
        applied = await feed.apply(line("1", description="Corrected", category="FOOD"))
        after = await feed.row()
        assert applied == Applied(modified=1)
        assert (after.description, after.category) == ("Corrected", "FOOD")
        assert (after.revision, after.undecided_at) == (before.revision + 1, None)
        assert await feed.items() == []

    @pytest.mark.parametrize(
        ("reported", "said"),
        [
            ({"amount_minor": -1300}, CHANGED),
            ({"dated_on": date(2026, 3, 11)}, {"dated_on": "2026-03-11"}),
            ({"pending": True}, {"pending": True}),
            ({"currency": "JPY", "exponent": 0}, {"currency": "JPY", "exponent": 0}),
        ],
    )
    async def test_what_the_match_holds_stays_and_is_asked(
        self, feed: Feed, reported: dict[str, Any], said: dict[str, Any]
    ) -> None:
        before = await feed.row()
        applied = await feed.apply(line("1", description="Corrected", **reported))
        after, [item] = await feed.row(), await feed.items()
        assert applied == Applied(modified=1)
        for name in ("amount_minor", "currency", "exponent", "dated_on", "pending", "removed_at"):
            assert getattr(after, name) == getattr(before, name), name
        assert after.description == "Corrected"
        assert after.undecided_at == feed.books.clock.now()
        assert after.revision == before.revision + 1
        assert after.change_position > before.change_position
        assert (item.kind, item.bank_transaction_id) == (ReviewKind.CHANGED, after.id)
        assert item.reported == {**CHANGED, "amount_minor": -1234, **said}
        assert (item.refresh_id, item.raised_at) == (after.last_refresh_id, after.undecided_at)
        assert (item.resolved_at, item.organization_id) == (None, after.organization_id)

    async def test_a_withdrawal_stays_a_question_too(self, feed: Feed) -> None:
        before = await feed.row()
        applied = await feed.apply(removed=("1",))
        after, [item] = await feed.row(), await feed.items()
        assert applied == Applied(modified=1)
        assert (after.removed_at, after.undecided_at) == (None, feed.books.clock.now())
        assert after.revision == before.revision + 1
        assert after.change_position > before.change_position
        assert item.kind == ReviewKind.WITHDRAWN
        assert not item.reported

    async def test_the_same_report_again_is_no_news(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        before = await feed.books.written()
        assert await feed.apply(line("1", amount_minor=-1300)) == Applied()
        await feed.apply(line("1", amount_minor=-1300))
        assert await feed.books.written() == before

    async def test_the_same_withdrawal_again_is_no_news(self, feed: Feed) -> None:
        await feed.apply(removed=("1",))
        before = await feed.books.written()
        assert await feed.apply(removed=("1",)) == Applied()
        after = await feed.books.written()
        del before["Change"], after["Change"]  # the pull has its position all the same
        assert after == before

    async def test_another_description_keeps_the_question_as_it_is(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        [before] = await feed.items()
        await feed.apply(line("1", amount_minor=-1300, description="Corrected"))
        [after] = await feed.items()
        assert (after.id, after.resolved_at) == (before.id, None)
        assert (await feed.row()).description == "Corrected"

    async def test_a_later_report_takes_the_place_of_the_earlier_one(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await feed.apply(removed=("1",))
        await feed.apply(line("1", amount_minor=-1301))
        first, second, third = await feed.items()
        assert [item.resolution for item in (first, second)] == [Resolution.REPLACED] * 2
        assert (third.resolution, third.reported) == (None, {**CHANGED, "amount_minor": -1301})
        assert (await feed.row()).undecided_at == feed.books.clock.now()

    @pytest.mark.parametrize("withdrawn", [False, True])
    async def test_what_is_booked_reported_again_closes_the_question(
        self, feed: Feed, withdrawn: bool
    ) -> None:
        if withdrawn:
            await feed.apply(removed=("1",))
        else:
            await feed.apply(line("1", amount_minor=-1300))
        await feed.apply(line("1"))
        [item], row = await feed.items(), await feed.row()
        assert (item.resolution, item.resolved_at) == (
            Resolution.REVERTED,
            feed.books.clock.now(),
        )
        assert (row.undecided_at, row.removed_at, row.amount_minor) == (None, None, -1234)

    async def test_a_part_in_a_match_holds_the_whole_line(self, feed: Feed) -> None:
        await feed.unmatch(*await Match.all())
        await feed.book(-1000)
        await feed.apply(line("1", amount_minor=-1300))
        assert (await feed.row()).amount_minor == -1234
        assert len(await feed.items()) == 1

    async def test_other_lines_of_the_same_pull_follow_as_ever(self, feed: Feed) -> None:
        await feed.apply(line("1"), line("2"), line("3"))
        applied = await feed.apply(
            line("1", amount_minor=-1300), line("2", amount_minor=-9), removed=("3",)
        )
        assert applied == Applied(modified=2, removed=1)
        assert (await feed.row("2")).amount_minor == -9
        assert (await feed.row("3")).removed_at == feed.books.clock.now()
        assert (await feed.row("3")).undecided_at is None
        assert len(await feed.items()) == 1

    async def test_an_excluded_line_follows_the_bank(self, feed: Feed) -> None:
        await feed.apply(line("2"))
        await BankTransaction.filter(aggregator_id="2").update(excluded_at=NOW)
        await feed.apply(line("2", amount_minor=-9))
        row = await feed.row("2")
        assert (row.amount_minor, row.undecided_at, row.excluded_at) == (-9, None, NOW)


class TestTheMatchIsUndone:
    async def test_the_changed_line_becomes_what_the_bank_reports(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300, dated_on=date(2026, 3, 11)))
        before = await feed.row()
        await feed.unmatch(*await Match.all())
        after, [item] = await feed.row(), await feed.items()
        assert (after.amount_minor, after.dated_on) == (-1300, date(2026, 3, 11))
        assert (after.reconciled_minor, after.undecided_at) == (0, None)
        assert after.revision == before.revision + 1
        assert (item.resolution, item.resolved_at) == (
            Resolution.UNMATCHED,
            feed.books.clock.now(),
        )

    async def test_the_withdrawn_line_goes(self, feed: Feed) -> None:
        await feed.apply(removed=("1",))
        await feed.unmatch(*await Match.all())
        after, [item] = await feed.row(), await feed.items()
        assert (after.removed_at, after.undecided_at) == (feed.books.clock.now(), None)
        assert item.resolution == Resolution.UNMATCHED

    async def test_a_line_that_came_back_later_is_its_old_row(self, feed: Feed) -> None:
        await feed.apply(removed=("1",))
        await feed.unmatch(*await Match.all())
        assert await feed.apply(line("1")) == Applied(added=1)
        assert (await feed.row()).removed_at is None

    async def test_while_another_match_holds_the_line_it_waits(self, feed: Feed) -> None:
        await feed.unmatch(*await Match.all())
        first, second = await feed.book(-1000, -234)
        await feed.apply(line("1", amount_minor=-1300))
        await feed.unmatch(first)
        row, [item] = await feed.row(), await feed.items()
        assert (row.amount_minor, row.undecided_at is None) == (-1234, False)
        assert item.resolved_at is None
        await feed.unmatch(second)
        assert (await feed.row()).amount_minor == -1300

    async def test_a_line_of_which_nothing_is_asked_stays(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await feed.apply(line("1"))
        await feed.unmatch(*await Match.all())
        row, [item] = await feed.row(), await feed.items()
        assert (row.amount_minor, row.removed_at) == (-1234, None)
        assert item.resolution == Resolution.REVERTED

    async def test_what_was_kept_was_kept_by_the_match(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await keep(feed)
        await feed.unmatch(*await Match.all())
        assert (await feed.row()).amount_minor == -1300
        await feed.apply(line("1", amount_minor=-1400))
        await feed.book(-1400)
        await feed.unmatch(*await Match.all())
        assert (await feed.row()).amount_minor == -1400


class TestKeepOurs:
    async def test_without_the_right_nothing_changes(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        clerk = await feed.books.clerk(Right.CODE)
        before = await feed.books.written()
        with pytest.raises(Forbidden):
            await keep(feed, by=clerk)
        assert await feed.books.written() == before

    async def test_another_organizations_item_is_not_there(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        stranger = (await make_books()).viewer
        before = await feed.books.written()
        with pytest.raises(NotFound):
            await keep(feed, by=stranger)
        assert await feed.books.written() == before

    async def test_an_item_of_a_hidden_account_is_not_there(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await BankAccount.all().update(hidden_at=NOW)
        with pytest.raises(NotFound):
            await keep(feed)

    async def test_the_line_is_decided_and_the_reason_is_kept(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        before = await feed.row()
        kept = await keep(feed, reason="  The bank\tis wrong ")
        row, [item] = await feed.row(), await feed.items()
        assert kept.id == item.id
        assert (item.resolution, item.reason) == (Resolution.KEPT, "The bank is wrong")
        assert item.resolved_at == feed.books.clock.now()
        assert (row.amount_minor, row.reconciled_minor, row.undecided_at) == (-1234, -1234, None)
        assert row.revision == before.revision + 1
        event = await AuditEvent.get(action="keepOurs")
        assert (event.object_type, event.object_id) == ("BankTransaction", row.id)
        assert event.after == {
            "review_item_id": str(item.id),
            "kind": "CHANGED",
            "reason": "The bank is wrong",
        }

    async def test_twice_is_once(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        first = await keep(feed)
        row = await feed.row()
        second = await keep(feed)
        assert (second.id, await feed.row()) == (first.id, row)
        assert await AuditEvent.filter(action="keepOurs").count() == 1

    async def test_twice_is_once_also_when_the_booking_was_undone_since(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        first = await keep(feed)
        await feed.unmatch(*await Match.all())
        before = {**await feed.books.written(), "Change": None}
        again = await keep(feed)
        assert {**await feed.books.written(), "Change": None} == before
        assert again.id == first.id

    async def test_another_call_for_what_was_kept_is_told_so(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await keep(feed)
        with pytest.raises(AlreadyDecided):
            await keep(feed, key="key-00000002")

    async def test_a_key_with_another_reason_is_refused(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await keep(feed)
        with pytest.raises(IdempotencyKeyReused):
            await keep(feed, reason="Another one")

    async def test_what_was_decided_is_not_decided_again(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        [stale] = await feed.items()
        await feed.apply(line("1", amount_minor=-1301))
        before = await feed.books.written()
        with pytest.raises(AlreadyDecided):
            await keep(feed, item=stale.id)
        assert await feed.books.written() == before

    @pytest.mark.parametrize("reason", ["", " \t", "x" * 501])
    async def test_it_takes_a_reason(self, feed: Feed, reason: str) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        with pytest.raises(InvalidInput) as refused:
            await keep(feed, reason=reason)
        assert refused.value.field == ("reason",)

    async def test_the_kept_report_again_asks_nothing(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await keep(feed)
        await feed.apply(line("1", amount_minor=-1300, description="Corrected"))
        row = await feed.row()
        assert (row.description, row.amount_minor, row.undecided_at) == ("Corrected", -1234, None)
        assert len(await feed.items()) == 1

    async def test_another_report_asks_again(self, feed: Feed) -> None:
        await feed.apply(line("1", amount_minor=-1300))
        await keep(feed)
        await feed.apply(line("1", amount_minor=-1301))
        _, item = await feed.items()
        assert (item.resolution, item.reported) == (None, {**CHANGED, "amount_minor": -1301})
        assert (await feed.row()).undecided_at == feed.books.clock.now()
