"""Accepting what the bank made of a booked line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from counterfoil import verifying
from counterfoil.accounts.models import BankAccount
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, NotFound
from counterfoil.reconciliation.changed_lines import ChangeOfSettledLine
from counterfoil.reconciliation.models import ActKind, Match
from counterfoil.transactions.deciding import AlreadyDecided, Resolution
from counterfoil.transactions.models import BankTransaction, ReviewItem
from counterfoil.unit_of_work import IdempotencyKeyReused
from counterfoil.viewer import Forbidden, Right
from tests.reconciliation.acting import booked, cleared_by_hand, matched, shown, undone
from tests.reconciliation.bank_changing import (
    accepted,
    facts,
    kept,
    matched_now,
    reports,
    uncleared,
)
from tests.reconciliation.conftest import Books, make_books
from tests.reconciliation.failing import fail_at


class TestAccept:
    async def test_without_the_right_nothing_changes(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        with pytest.raises(Forbidden):
            await accepted(books, item, viewer=await books.clerk(Right.CODE))
        assert await books.written() == before

    async def test_another_organizations_is_not_found(self, books: Books) -> None:
        other = await make_books()
        line = await other.line()
        await booked(other, line)
        item = await reports(other, line, amount_minor=-1300)
        with pytest.raises(NotFound):
            await accepted(books, item)

    async def test_a_hidden_accounts_is_not_found(self, books: Books) -> None:
        line = await books.line()
        await booked(books, line)
        item = await reports(books, line, amount_minor=-1300)
        await BankAccount.filter(id=books.account.id).update(hidden_at=books.clock.now())
        with pytest.raises(NotFound):
            await accepted(books, item)

    async def test_more_leaves_a_rest_of_the_line_open(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000, dated_on="2026-03-11")
        act = await accepted(books, item)
        assert await facts(line) == (-12000, -10000, "2026-03-11", False, False)
        assert await matched_now() == [([-10000], [-10000])]
        assert (act.kind, act.bank_account_id) == (ActKind.DECIDE, books.account.id)
        decided = await ReviewItem.get(id=item.id)
        assert (decided.resolution, decided.act_id) == (Resolution.ACCEPTED, act.id)
        assert decided.resolved_at == books.clock.now()
        event = await AuditEvent.get(action="acceptBankChange")
        assert event.after is not None
        assert event.after["bank_transaction_ids"] == [str(line.id)]

    async def test_less_leaves_a_rest_of_the_entry_open(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        await accepted(books, await reports(books, line, amount_minor=-7000))
        assert await facts(line) == (-7000, -7000, "2026-03-09", False, False)
        assert await matched_now() == [([-7000], [-7000])]
        assert await uncleared(books.checking) == [-3000]

    @pytest.mark.parametrize(
        ("reported", "expected"),
        [
            ({"amount_minor": 10000}, (10000, 0, "2026-03-09", False, False)),
            ({"amount_minor": 0}, (0, 0, "2026-03-09", False, False)),
            ({"dated_on": "2026-02-28"}, (-10000, 0, "2026-02-28", False, False)),
            ({"pending": True}, (-10000, 0, "2026-03-09", False, False)),
            ({"currency": "EUR"}, (-10000, 0, "2026-03-09", False, False)),
            ({}, (-10000, 0, "2026-03-09", True, False)),
        ],
    )
    async def test_what_no_match_can_hold_leaves_the_entry_outstanding(
        self, books: Books, reported: dict[str, Any], expected: tuple[object, ...]
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        await accepted(books, await reports(books, line, **reported))
        assert await facts(line) == expected
        assert await matched_now() == []
        assert await uncleared(books.checking) == [-10000]

    async def test_a_date_alone_moves_the_day_of_clearing(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        await accepted(books, await reports(books, line, dated_on="2026-03-13"))
        assert await facts(line) == (-10000, -10000, "2026-03-13", False, False)
        assert (await Match.get(sealed=True)).cleared_on == date(2026, 3, 13)

    async def test_a_date_that_came_from_a_hand_clearing_stays(self, books: Books) -> None:
        entry = await books.entry(-10000)
        await cleared_by_hand(books, entry.lines[0], on=date(2026, 3, 10))
        line = await books.line(-10000)
        await matched(books, [line], [entry.lines[0]])
        await accepted(books, await reports(books, line, dated_on="2026-03-13"))
        assert (await Match.get(sealed=True)).cleared_on == date(2026, 3, 10)

    async def test_of_many_items_the_last_of_the_books_gives_way(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        entries = [await books.entry(-7000), await books.entry(-2000), await books.entry(-1000)]
        await matched(books, lines, [entry.lines[0] for entry in entries])
        await accepted(books, await reports(books, lines[0], amount_minor=-4500))
        assert await matched_now() == [([-4500, -4000], [-7000, -1500])]
        assert await uncleared(books.checking) == [-500, -1000]

    async def test_another_line_of_the_match_keeps_what_it_was_kept_as(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        entry = await books.entry(-10000)
        await matched(books, lines, [entry.lines[0]])
        await reports(books, lines[1], resolution=Resolution.KEPT, amount_minor=-4100)
        await accepted(books, await reports(books, lines[0]))
        assert await facts(lines[1]) == (-4000, -4000, "2026-03-09", False, False)
        assert await matched_now() == [([-4000], [-4000])]

    async def test_lines_without_an_entry_give_way_to_each_other(self, books: Books) -> None:
        lines = [await books.line(5000), await books.line(-5000)]
        await matched(books, lines, [])
        await accepted(books, await reports(books, lines[0], amount_minor=4000))
        assert await matched_now() == [([4000, -4000], [])]
        assert await facts(lines[1]) == (-5000, -4000, "2026-03-09", False, False)

    async def test_the_last_of_several_matches_gives_way(self, books: Books) -> None:
        line = await books.line(-10000)
        for amount in (-6000, -4000):
            entry = await books.entry(amount)
            books.clock.advance(timedelta(minutes=1))
            await matched(books, [(line, amount)], [entry.lines[0]])
        await accepted(books, await reports(books, line, amount_minor=-5000))
        assert await matched_now() == [([-5000], [-5000])]
        assert await uncleared(books.checking) == [-1000, -4000]

    async def test_the_same_call_again_is_the_same_act(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-7000)
        first = await accepted(books, item, key="key-00000001")
        before = await kept(books)
        again = await accepted(books, item, key="key-00000001")
        assert (again.id, again.replayed) == (first.id, True)
        assert await kept(books) == before

    async def test_another_call_with_its_key_is_refused(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-7000)
        await accepted(books, item, key="key-00000001")
        with pytest.raises(IdempotencyKeyReused):
            await accepted(books, item, key="key-00000001", asked="another")

    async def test_an_older_revision_is_a_conflict(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-7000)
        before = await books.written()
        with pytest.raises(Conflict):
            await accepted(books, item, revision=line.revision)
        assert await books.written() == before

    async def test_it_is_decided_once(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-7000)
        await accepted(books, item)
        with pytest.raises(AlreadyDecided):
            await accepted(books, item)

    async def test_what_a_new_start_settled_stays(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-7000)
        await BankAccount.filter(id=books.account.id).update(start_on=date(2026, 3, 31))
        with pytest.raises(ChangeOfSettledLine, match="Keep ours"):
            await accepted(books, item)

    @pytest.mark.parametrize(
        "statement", ["match_journal_item DELETE", "bank_transaction UPDATE", "audit_event INSERT"]
    )
    async def test_a_failure_in_the_middle_leaves_nothing(
        self, books: Books, statement: str
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-7000)
        before = await books.written()
        await fail_at(statement)
        with pytest.raises(Exception, match="x"):
            await accepted(books, item)
        assert await books.written() == before


class TestUndoingIt:
    @pytest.mark.parametrize("amount_minor", [-12000, -7000, 10000, 0])
    async def test_the_line_is_as_it_was_booked_and_waits(
        self, books: Books, amount_minor: int
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=amount_minor, dated_on="2026-03-13")
        [match] = await Match.filter(sealed=True)
        act = await accepted(books, item)
        books.clock.advance(timedelta(days=9))
        assert [one.text for one in (await shown(books, act)).effects] == [
            "The bank line is -100.00 USD of 2026-03-09 again, as it was booked.",
            "That the bank changed it waits for a decision again.",
        ]
        await undone(books, act)
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)
        assert await matched_now() == [([-10000], [-10000])]
        [again] = await Match.filter(sealed=True)
        assert (again.id, again.cleared_on) == (match.id, match.cleared_on)
        waiting = await ReviewItem.get(id=item.id)
        assert (waiting.resolved_at, waiting.resolution, waiting.act_id) == (None, None, None)
        await accepted(books, waiting)
        assert (await facts(line))[0] == amount_minor

    async def test_a_withdrawn_line_comes_back(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        act = await accepted(books, await reports(books, line))
        texts = [one.text for one in (await shown(books, act)).effects]
        assert texts[-1] == "That the bank withdrew it waits for a decision again."
        await undone(books, act)
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)

    async def test_many_items_come_back_as_they_were(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        entries = [await books.entry(-7000), await books.entry(-2000), await books.entry(-1000)]
        await matched(books, lines, [entry.lines[0] for entry in entries])
        act = await accepted(books, await reports(books, lines[0], amount_minor=-4500))
        await undone(books, act)
        assert await matched_now() == [([-6000, -4000], [-7000, -2000, -1000])]

    async def test_not_while_the_rest_is_booked(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        act = await accepted(books, await reports(books, line, amount_minor=-12000))
        rest = await booked(books, line)
        blocked = (await shown(books, act)).blocked
        assert blocked is not None
        assert blocked.startswith("What came of this was matched")
        await undone(books, rest)
        await undone(books, act)
        assert await matched_now() == [([-10000], [-10000]), ([], [-2000, 2000])]

    async def test_not_while_the_rest_of_the_entry_is_matched(self, books: Books) -> None:
        line = await books.line(-10000)
        entry = await books.entry(-10000)
        await matched(books, [line], [entry.lines[0]])
        act = await accepted(books, await reports(books, line, amount_minor=-7000))
        await matched(books, [await books.line(-3000)], [entry.lines[0]])
        blocked = (await shown(books, act)).blocked
        assert blocked is not None
        assert blocked.startswith("What came of this was matched")

    async def test_not_when_the_bank_changed_it_once_more(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        act = await accepted(books, await reports(books, line, amount_minor=-7000))
        books.clock.advance(timedelta(hours=1))
        await reports(books, await books.reread(line), amount_minor=-8000)
        blocked = (await shown(books, act)).blocked
        assert blocked is not None
        assert blocked.startswith("The bank changed this line once more")

    async def test_not_when_a_pull_changed_the_free_line(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        act = await accepted(books, await reports(books, line))
        await BankTransaction.filter(id=line.id).update(removed_at=None)
        assert (await shown(books, act)).blocked is not None

    async def test_undoing_the_booking_after_it_leaves_nothing_of_it(self, books: Books) -> None:
        line = await books.line(-10000)
        booking = await booked(books, line)
        act = await accepted(books, await reports(books, line, amount_minor=-7000))
        await undone(books, booking)
        assert await facts(line) == (-7000, 0, "2026-03-09", False, False)
        assert await uncleared(books.checking) == []
        blocked = (await shown(books, act)).blocked
        assert blocked is not None
        assert blocked.startswith("Nothing of this is left")

    async def test_a_hand_clearing_comes_back_only_where_its_place_is_free(
        self, books: Books
    ) -> None:
        entry = await books.entry(-10000)
        await cleared_by_hand(books, entry.lines[0])
        line = await books.line(-10000)
        match = await matched(books, [line], [entry.lines[0]])
        await accepted(books, await reports(books, line, amount_minor=-7000))
        other = await matched(books, [await books.line(-3000)], [entry.lines[0]])
        blocked = (await shown(books, match)).blocked
        assert blocked is not None
        assert blocked.startswith("What was cleared by hand before is matched")
        await undone(books, other)
        await undone(books, match)
        assert await books.cleared(entry.lines[0]) == -10000
        assert await facts(line) == (-7000, 0, "2026-03-09", False, False)

    async def test_the_books_are_whole_after_all_of_it(self, books: Books) -> None:
        lines = [await books.line(-10000) for _ in range(3)]
        acts = []
        for line, amount in zip(lines, (-12000, -7000, 0), strict=True):
            await booked(books, line)
            acts.append(await accepted(books, await reports(books, line, amount_minor=amount)))
        await undone(books, acts[-1])
        assert [one.sentence async for one in verifying.findings() if not one.holds] == []
