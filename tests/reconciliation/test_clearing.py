"""Clearing journal lines by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from counterfoil.errors import InvalidInput, NotFound
from counterfoil.ledger.models import JournalLine
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.clearing import clear_by_hand
from counterfoil.reconciliation.grouping import MatchTooMuch
from counterfoil.reconciliation.models import Act, ActKind, ClearingOrigin, HandClearing
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.fakes import NOW
from tests.reconciliation.acting import reversed_by_hand
from tests.reconciliation.conftest import DAY, START, Books, make_books


async def clearing(
    books: Books,
    line: JournalLine,
    *,
    amount_minor: int | None = None,
    on: date = DAY,
    reason: str = "The bank has no feed",
    viewer: Viewer | None = None,
) -> Act:
    async with books.begin() as uow:
        return await clear_by_hand(
            uow,
            viewer or books.viewer,
            journal_line_id=line.id,
            amount_minor=amount_minor,
            cleared_on=on,
            reason=reason,
            key=None,
        )


class TestClearByHand:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        line, reader = (await books.entry()).lines[0], await books.clerk(Right.CODE)
        before = await books.written()
        with pytest.raises(Forbidden):
            await clearing(books, line, viewer=reader)
        assert await books.written() == before

    async def test_another_organizations_line_is_not_found(self, books: Books) -> None:
        theirs = (await (await make_books()).entry()).lines[0]
        with pytest.raises(NotFound) as refused:
            await clearing(books, theirs)
        assert refused.value.field == ("journal_line_id",)

    async def test_the_whole_line_on_a_later_day(self, books: Books) -> None:
        line = (await books.entry(-1234)).lines[0]
        act = await clearing(books, line, on=DAY + timedelta(days=1))
        row = await HandClearing.get(journal_line_id=line.id)
        assert (row.amount_minor, row.cleared_on) == (-1234, DAY + timedelta(days=1))
        assert (row.origin, row.reason) == (ClearingOrigin.PERSON, "The bank has no feed")
        assert (row.act_id, act.kind) == (act.id, ActKind.CLEAR_BY_HAND)
        assert await books.cleared(line) == -1234
        assert act.details["hand_clearing_ids"] == [str(row.id)]

    async def test_up_to_the_start_of_the_account_it_is_refused(self, books: Books) -> None:
        line = (await books.entry(on=START - timedelta(days=9))).lines[0]
        before = await books.written()
        with pytest.raises(InvalidInput, match="reconciled from 2026-03-01 on") as refused:
            await clearing(books, line, on=START)
        assert refused.value.field == ("cleared_on",)
        assert await books.written() == before
        await clearing(books, line, on=START + timedelta(days=1))

    async def test_in_the_future_it_is_refused(self, books: Books) -> None:
        line = (await books.entry()).lines[0]
        before = await books.written()
        with pytest.raises(InvalidInput, match="future") as refused:
            await clearing(books, line, on=NOW.date() + timedelta(days=1))
        assert refused.value.field == ("cleared_on",)
        assert await books.written() == before

    async def test_it_tells_those_who_follow_the_entry(self, books: Books) -> None:
        line = (await books.entry()).lines[0]
        act = await clearing(books, line)
        changed = await books.changed_since(1)
        assert changed == {("JOURNAL_ENTRY", line.journal_entry_id), ("ACT", act.id)}

    async def test_a_part_and_then_the_rest(self, books: Books) -> None:
        line = (await books.entry(-1000)).lines[0]
        await clearing(books, line, amount_minor=-400)
        assert await books.cleared(line) == -400
        await clearing(books, line)
        assert await books.cleared(line) == -1000

    @pytest.mark.parametrize("amount", [-1001, 1, 0])
    async def test_too_much_nothing_or_the_other_sign_is_refused(
        self, books: Books, amount: int
    ) -> None:
        line = (await books.entry(-1000)).lines[0]
        before = await books.written()
        with pytest.raises((MatchTooMuch, InvalidInput)) as refused:
            await clearing(books, line, amount_minor=amount)
        assert refused.value.field == ("amount",)
        assert await books.written() == before

    async def test_a_cleared_line_is_cleared_only_once(self, books: Books) -> None:
        line = (await books.entry()).lines[0]
        await clearing(books, line)
        with pytest.raises(MatchTooMuch) as refused:
            await clearing(books, line)
        assert refused.value.open_minor == 0

    async def test_a_day_before_the_lines_own_is_refused(self, books: Books) -> None:
        line = (await books.entry()).lines[0]
        with pytest.raises(InvalidInput) as refused:
            await clearing(books, line, on=DAY - timedelta(days=1))
        assert refused.value.field == ("cleared_on",)

    async def test_nothing_clears_on_an_expense(self, books: Books) -> None:
        line = (await books.entry()).lines[1]
        with pytest.raises(InvalidInput) as refused:
            await clearing(books, line)
        assert refused.value.field == ("journal_line_id",)

    async def test_a_reversed_entry_is_refused(self, books: Books) -> None:
        entry = await books.entry()
        await reversed_by_hand(books, entry)
        with pytest.raises(NotBookable) as refused:
            await clearing(books, entry.lines[0])
        assert refused.value.reason == "REVERSED"

    async def test_a_reason_is_needed(self, books: Books) -> None:
        line = (await books.entry()).lines[0]
        with pytest.raises(InvalidInput) as refused:
            await clearing(books, line, reason=" ")
        assert refused.value.field == ("reason",)
        assert await books.cleared(line) == 0
