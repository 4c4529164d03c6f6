"""Taking bank lines out of review, and bringing them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.excluding import MOST_LINES, exclude, restore
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.transactions.models import BankTransaction, Exclusion
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.fakes import NOW
from tests.reconciliation.conftest import START, Books, make_books

REASON = "A private purchase, paid back in cash"


async def excluding(
    books: Books,
    *lines: BankTransaction,
    reason: str = REASON,
    viewer: Viewer | None = None,
    wanted: Mapping[UUID, int | None] | None = None,
    key: Key | None = None,
) -> Act:
    async with books.begin() as uow:
        return await exclude(
            uow,
            viewer or books.viewer,
            wanted=wanted if wanted is not None else {line.id: line.revision for line in lines},
            reason=reason,
            key=key,
        )


async def restoring(
    books: Books,
    *lines: BankTransaction,
    viewer: Viewer | None = None,
    wanted: Mapping[UUID, int | None] | None = None,
) -> Act:
    async with books.begin() as uow:
        return await restore(
            uow,
            viewer or books.viewer,
            wanted=wanted if wanted is not None else {line.id: None for line in lines},
            key=None,
        )


async def matched(books: Books, line: BankTransaction, amount_minor: int) -> None:
    entry = await books.entry(amount_minor)
    async with books.begin() as uow:
        await match(
            uow,
            books.viewer,
            bank_items=[BankItem(line.id, amount_minor)],
            journal_items=[JournalItem(entry.lines[0].id)],
            key=None,
        )


class TestExclude:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        before = await books.written()
        with pytest.raises(Forbidden):
            await excluding(books, line, viewer=reader)
        assert await books.written() == before

    async def test_another_organizations_line_answers_as_an_absent_one(self, books: Books) -> None:
        theirs = await (await make_books()).line()
        before = await books.written()
        for line_id in (theirs.id, new_id()):
            with pytest.raises(NotFound) as refused:
                await excluding(books, wanted={line_id: None})
            assert refused.value.field == ("bank_transaction_id",)
        assert await books.written() == before

    async def test_lines_leave_review_with_a_reason(self, books: Books) -> None:
        lines = [await books.line(), await books.line(0)]
        act = await excluding(books, *lines, reason=f"  {REASON}\n")
        for line in lines:
            stored = await books.reread(line)
            assert (stored.excluded_at, stored.revision) == (NOW, 2)
            exclusion = await Exclusion.get(bank_transaction_id=line.id)
            assert (exclusion.reason, exclusion.act_id) == (REASON, act.id)
            assert (exclusion.actor, exclusion.excluded_at) == (books.viewer.actor, NOW)
        assert (act.kind, act.bank_account_id) == (ActKind.EXCLUDE, books.account.id)
        assert act.details == {"bank_transaction_ids": sorted(str(line.id) for line in lines)}

    async def test_the_same_key_twice_is_one_act(self, books: Books) -> None:
        line, key = await books.line(), Key("excludeTransactions", "key-0001", [REASON])
        first = await excluding(books, line, key=key)
        again = await excluding(books, line, key=key)
        assert again.id == first.id
        assert await Exclusion.all().count() == 1

    @pytest.mark.parametrize(
        ("columns", "reason"),
        [
            ({"pending": True}, "PENDING"),
            ({"undecided_at": NOW}, "UNDECIDED"),
            ({"excluded_at": NOW}, "EXCLUDED"),
            ({"dated_on": START}, "BEFORE_START"),
        ],
    )
    async def test_a_line_that_is_not_in_review_stops_all(
        self, books: Books, columns: dict[str, Any], reason: str
    ) -> None:
        lines = [await books.line(), await books.line(**columns)]
        before = await books.written()
        with pytest.raises(NotBookable) as refused:
            await excluding(books, *lines)
        assert refused.value.reason == reason
        assert refused.value.field == ("items", "1", "bank_transaction_id")
        assert await books.written() == before

    async def test_a_reconciled_line_says_who_did_it(self, books: Books) -> None:
        line = await books.line(-1000)
        await matched(books, line, -1000)
        with pytest.raises(AlreadyReconciled) as refused:
            await excluding(books, line)
        assert refused.value.by == books.viewer.actor

    async def test_a_partly_reconciled_line_stays(self, books: Books) -> None:
        line = await books.line(-1000)
        await matched(books, line, -400)
        before = await books.written()
        with pytest.raises(NotBookable) as refused:
            await excluding(books, wanted={line.id: None})
        assert refused.value.reason == "PARTLY_RECONCILED"
        assert await books.written() == before

    async def test_a_line_that_changed_since_it_was_read_is_a_conflict(self, books: Books) -> None:
        line = await books.line(revision=2)
        with pytest.raises(Conflict):
            await excluding(books, wanted={line.id: 1})

    @pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
    async def test_a_reason_is_needed_and_has_a_bound(self, books: Books, reason: str) -> None:
        line = await books.line()
        with pytest.raises(InvalidInput) as refused:
            await excluding(books, line, reason=reason)
        assert refused.value.field == ("reason",)
        assert (await books.reread(line)).excluded_at is None

    @pytest.mark.parametrize("count", [0, MOST_LINES + 1])
    async def test_no_lines_or_too_many_are_refused(self, books: Books, count: int) -> None:
        with pytest.raises(InvalidInput) as refused:
            await excluding(books, wanted=dict.fromkeys(new_id() for _ in range(count)))
        assert refused.value.field == ("items",)


class TestRestore:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        await excluding(books, line)
        before = await books.written()
        with pytest.raises(Forbidden):
            await restoring(books, line, viewer=reader)
        assert await books.written() == before

    async def test_lines_come_back_and_the_act_keeps_what_was_decided(self, books: Books) -> None:
        line = await books.line()
        excluded = await excluding(books, line)
        books.clock.advance(timedelta(days=2))
        act = await restoring(books, line)
        stored = await books.reread(line)
        assert (stored.excluded_at, stored.revision) == (None, 3)
        assert stored.changed_at == NOW + timedelta(days=2)
        assert await Exclusion.all().count() == 0
        assert act.kind is ActKind.RESTORE
        assert act.details["exclusions"] == [
            {
                "bank_transaction_id": str(line.id),
                "reason": REASON,
                "actor": books.viewer.actor,
                "act_id": str(excluded.id),
                "excluded_at": NOW.isoformat(),
            }
        ]

    async def test_a_line_that_is_not_excluded_is_refused(self, books: Books) -> None:
        line = await books.line()
        before = await books.written()
        with pytest.raises(NotBookable) as refused:
            await restoring(books, line)
        assert refused.value.reason == "NOT_EXCLUDED"
        assert await books.written() == before

    async def test_a_line_that_changed_since_it_was_read_is_a_conflict(self, books: Books) -> None:
        line = await books.line()
        await excluding(books, line)
        with pytest.raises(Conflict):
            await restoring(books, wanted={line.id: 1})
