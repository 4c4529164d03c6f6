"""Letting another line take over the match of one that the bank changed or withdrew."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.reconciliation.bank_changes import DuplicateOfItself, OtherWayRound
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.grouping import MatchOfTwoCurrencies
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.reconciliation.models import EntryOrigin
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import Exclusion, ReviewItem
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_ledger_account
from tests.reconciliation.acting import booked, matched, restored, shown, undone
from tests.reconciliation.bank_changing import duplicated, facts, matched_now, reports, uncleared
from tests.reconciliation.conftest import Books
from tests.reconciliation.failing import fail_at


class TestMarkDuplicate:
    async def test_without_the_right_nothing_changes(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line)
        before = await books.written()
        with pytest.raises(Forbidden):
            await duplicated(books, item, heir, viewer=await books.clerk(Right.CODE))
        assert await books.written() == before

    async def test_another_line_takes_over_from_a_withdrawn_one(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line)
        act = await duplicated(books, item, heir)
        assert await facts(line) == (-10000, 0, "2026-03-09", True, False)
        assert await facts(heir) == (-10000, -10000, "2026-03-09", False, False)
        assert await matched_now() == [([-10000], [-10000])]
        assert await EntryOrigin.filter(bank_transaction_id=heir.id).count() == 1
        decided = await ReviewItem.get(id=item.id)
        assert (decided.resolution, decided.act_id) == (Resolution.DUPLICATE, act.id)
        assert not await Exclusion.exists()

    async def test_a_line_that_is_still_reported_is_excluded(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000)
        await booked(books, line)
        await duplicated(books, await reports(books, line, amount_minor=-12000), heir)
        assert await facts(line) == (-12000, 0, "2026-03-09", False, False)
        exclusion = await Exclusion.get(bank_transaction_id=line.id)
        assert exclusion.reason == "The same as “Elm Street Coffee” of 2026-03-09."

    @pytest.mark.parametrize(
        ("amount_minor", "items", "left"),
        [(-12000, ([-10000], [-10000]), []), (-7000, ([-7000], [-7000]), [-3000])],
    )
    async def test_it_gives_as_much_as_it_has(
        self, books: Books, amount_minor: int, items: object, left: list[int]
    ) -> None:
        line, heir = await books.line(-10000), await books.line(amount_minor)
        await booked(books, line)
        await duplicated(books, await reports(books, line), heir)
        assert await matched_now() == [items]
        assert await uncleared(books.checking) == left

    async def test_in_a_match_of_many(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        heir = await books.line(-6000)
        entry = await books.entry(-10000)
        await matched(books, lines, [entry.lines[0]])
        await duplicated(books, await reports(books, lines[0]), heir)
        assert await matched_now() == [([-6000, -4000], [-10000])]

    async def test_a_line_of_the_same_match_takes_it_with_its_rest(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-10000)]
        entry = await books.entry(-10000)
        await matched(books, [lines[0], (lines[1], -4000)], [entry.lines[0]])
        await duplicated(books, await reports(books, lines[0]), lines[1])
        assert await matched_now() == [([-10000], [-10000])]

    async def test_not_the_line_itself(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        with pytest.raises(DuplicateOfItself):
            await duplicated(books, item, line)

    async def test_not_one_that_moves_money_the_other_way(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(10000)
        await booked(books, line)
        item = await reports(books, line)
        with pytest.raises(OtherWayRound):
            await duplicated(books, item, heir)

    async def test_not_one_that_is_booked_itself(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000)
        await booked(books, line)
        await booked(books, heir)
        item = await reports(books, line)
        with pytest.raises(AlreadyReconciled):
            await duplicated(books, item, heir)

    async def test_not_one_of_another_ledger_account(self, books: Books) -> None:
        other = await make_ledger_account(books.organization, name="Savings")
        line = await books.line(-10000)
        heir = await books.line(-10000, account=await books.tied_account(other, name="Savings"))
        await booked(books, line)
        item = await reports(books, line)
        before = await books.written()
        with pytest.raises(NotBookable):
            await duplicated(books, item, heir)
        assert await books.written() == before

    async def test_not_one_in_another_currency(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000, currency="EUR")
        await booked(books, line)
        item = await reports(books, line)
        with pytest.raises(MatchOfTwoCurrencies):
            await duplicated(books, item, heir)

    async def test_a_failure_in_the_middle_leaves_nothing(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        await fail_at("exclusion INSERT")
        with pytest.raises(Exception, match="x"):
            await duplicated(books, item, heir)
        assert await books.written() == before


class TestUndoingIt:
    @pytest.mark.parametrize("reported", [{}, {"amount_minor": -12000}])
    async def test_the_match_goes_back(self, books: Books, reported: dict[str, Any]) -> None:
        line, heir = await books.line(-10000), await books.line(-7000)
        await booked(books, line)
        act = await duplicated(books, await reports(books, line, **reported), heir)
        await undone(books, act)
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)
        assert await facts(heir) == (-7000, 0, "2026-03-09", False, False)
        assert await matched_now() == [([-10000], [-10000])]
        assert not await Exclusion.exists()
        assert not await EntryOrigin.exists(bank_transaction_id=heir.id)

    async def test_not_once_the_line_was_restored_and_booked(self, books: Books) -> None:
        line, heir = await books.line(-10000), await books.line(-10000)
        await booked(books, line)
        act = await duplicated(books, await reports(books, line, amount_minor=-12000), heir)
        await restored(books, line)
        assert (await shown(books, act)).blocked is None
        await booked(books, line)
        assert (await shown(books, act)).blocked is not None
