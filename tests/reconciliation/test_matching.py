"""Matching bank lines with journal lines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import Conflict, CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.ledger.reversing import post_reversal
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.clearing import clear_by_hand
from counterfoil.reconciliation.grouping import (
    MOST_ITEMS,
    MatchOfTwoCurrencies,
    MatchTooMuch,
    MatchUnbalanced,
    share,
)
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act, HandClearing, Match
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, START, Books, make_books


@dataclass
class Matching:
    """Books, and a short way to match in them."""

    books: Books
    positions: list[int] = field(default_factory=list)

    async def match(
        self,
        bank: Sequence[BankItem | BankTransaction],
        journal: Sequence[JournalItem | JournalLine],
        *,
        viewer: Viewer | None = None,
    ) -> Act:
        async with self.books.begin() as uow:
            self.positions.append(await uow.position())
            return await match(
                uow,
                viewer or self.books.viewer,
                bank_items=[
                    item if isinstance(item, BankItem) else BankItem(item.id) for item in bank
                ],
                journal_items=[
                    item if isinstance(item, JournalItem) else JournalItem(item.id)
                    for item in journal
                ],
                key=None,
            )

    async def refuses(
        self,
        error: type[CounterfoilError],
        bank: list[Any],
        journal: list[Any],
        *,
        viewer: Viewer | None = None,
        **said: Any,
    ) -> CounterfoilError:
        """Matching is refused with these facts, and writes nothing."""
        before = await self.books.written()
        with pytest.raises(error) as refused:
            await self.match(bank, journal, viewer=viewer)
        assert await self.books.written() == before
        facts = {name: getattr(refused.value, name) for name in said}
        assert facts == said
        return refused.value

    async def entry_line(self, amount_minor: int = -1234, **values: Any) -> JournalLine:
        return (await self.books.entry(amount_minor, **values)).lines[0]

    async def reconciled(self, line: BankTransaction) -> int:
        stored: int = (await self.books.reread(line)).reconciled_minor
        return stored


@pytest.fixture
async def desk(books: Books) -> Matching:
    return Matching(books)


class TestMatch:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, desk: Matching
    ) -> None:
        reader = await desk.books.clerk(Right.CODE)
        line, entry = await desk.books.line(), await desk.entry_line()
        await desk.refuses(Forbidden, [line], [entry], viewer=reader, right=Right.CODE)

    async def test_another_organizations_lines_answer_as_absent_ones(self, desk: Matching) -> None:
        theirs = await make_books()
        their_line = await theirs.line()
        their_entry = (await theirs.entry()).lines[0]
        line, entry = await desk.books.line(), await desk.entry_line()
        answers = {
            (str(refused), refused.field)
            for bank in (their_line.id, new_id())
            for refused in [await desk.refuses(NotFound, [BankItem(bank)], [entry])]
        }
        assert len(answers) == 1
        answers = {
            (str(refused), refused.field)
            for journal in (their_entry.id, new_id())
            for refused in [await desk.refuses(NotFound, [line], [JournalItem(journal)])]
        }
        assert len(answers) == 1

    async def test_one_with_one(self, desk: Matching) -> None:
        line, entry = await desk.books.line(-1234), await desk.entry_line(-1234)
        act = await desk.match([line], [entry])
        assert (await desk.reconciled(line), await desk.books.cleared(entry)) == (-1234, -1234)
        group = await Match.get(act_id=act.id)
        assert (group.sealed, group.cleared_on, group.currency) == (True, DAY, "USD")
        assert act.bank_account_id == desk.books.account.id
        assert act.details == {
            "match_ids": [str(group.id)],
            "bank_transaction_ids": [str(line.id)],
            "journal_line_ids": [str(entry.id)],
            "journal_entry_ids": [str(entry.journal_entry_id)],
        }

    async def test_it_tells_those_who_follow_lines_entries_and_acts(self, desk: Matching) -> None:
        line, entry = await desk.books.line(), await desk.entry_line()
        before = await JournalEntry.get(id=entry.journal_entry_id)
        act = await desk.match([line], [entry])
        stored = await desk.books.reread(line)
        assert (stored.revision, stored.change_position) == (2, desk.positions[-1])
        assert await desk.books.changed_since(desk.positions[-1] - 1) == {
            ("JOURNAL_ENTRY", entry.journal_entry_id),
            ("ACT", act.id),
        }
        after = await JournalEntry.get(id=entry.journal_entry_id)
        assert after.revision == before.revision + 1

    async def test_two_lines_with_three_clear_on_the_latest_date(self, desk: Matching) -> None:
        later = DAY + timedelta(days=3)
        lines = [await desk.books.line(-1000), await desk.books.line(-500, dated_on=later)]
        entries = [await desk.entry_line(amount) for amount in (-700, -300, -500)]
        act = await desk.match(lines, entries)
        assert [await desk.reconciled(line) for line in lines] == [-1000, -500]
        assert [await desk.books.cleared(line) for line in entries] == [-700, -300, -500]
        assert (await Match.get(act_id=act.id)).cleared_on == later

    async def test_an_entry_dated_after_the_bank_clears_on_its_own_date(
        self, desk: Matching
    ) -> None:
        later = DAY + timedelta(days=2)
        act = await desk.match([await desk.books.line()], [await desk.entry_line(on=later)])
        assert (await Match.get(act_id=act.id)).cleared_on == later

    async def test_a_part_leaves_the_rest_open_for_another_match(self, desk: Matching) -> None:
        line, entry = await desk.books.line(-1000), await desk.entry_line(-400)
        await desk.match([BankItem(line.id, -400)], [entry])
        assert (await desk.reconciled(line), await desk.books.cleared(entry)) == (-400, -400)
        rest = await desk.entry_line(-900)
        await desk.match([line], [JournalItem(rest.id, -600)])
        assert (await desk.reconciled(line), await desk.books.cleared(rest)) == (-1000, -600)

    async def test_a_bank_error_and_its_correction_need_no_entry(self, desk: Matching) -> None:
        wrong, corrected = await desk.books.line(-777), await desk.books.line(777)
        await desk.match([wrong, corrected], [])
        assert [await desk.reconciled(one) for one in (wrong, corrected)] == [-777, 777]

    async def test_entries_that_cancel_each_other_need_no_bank_line(self, desk: Matching) -> None:
        one, other = await desk.entry_line(250), await desk.entry_line(-250)
        act = await desk.match([], [one, other])
        assert [await desk.books.cleared(line) for line in (one, other)] == [250, -250]
        assert act.bank_account_id is None

    async def test_income_and_expense_may_meet_in_one_group(self, desk: Matching) -> None:
        line = await desk.books.line(700)
        sale, fee = await desk.entry_line(1000), await desk.entry_line(-300)
        await desk.match([line], [sale, fee])
        assert await desk.reconciled(line) == 700


class TestWhatIsRefused:
    async def test_sides_that_differ(self, desk: Matching) -> None:
        line, entry = await desk.books.line(-1234), await desk.entry_line(-1235)
        await desk.refuses(
            MatchUnbalanced,
            [line],
            [entry],
            bank_minor=-1234,
            journal_minor=-1235,
            field=("journal_items",),
        )

    async def test_more_than_is_open_of_a_bank_line(self, desk: Matching) -> None:
        line, entry = await desk.books.line(-1000), await desk.entry_line(-5000)
        await desk.match([BankItem(line.id, -400)], [JournalItem(entry.id, -400)])
        await desk.refuses(
            MatchTooMuch,
            [BankItem(line.id, -700)],
            [JournalItem(entry.id, -700)],
            open_minor=-600,
            field=("bank_items", "0", "amount"),
        )

    async def test_more_than_is_open_of_a_journal_line(self, desk: Matching) -> None:
        entry = await desk.entry_line(-1000)
        await desk.match([await desk.books.line(-1000)], [entry])
        await desk.refuses(
            MatchTooMuch,
            [await desk.books.line(-1000)],
            [entry],
            open_minor=0,
            field=("journal_items", "0", "amount"),
        )

    @pytest.mark.parametrize("amount", [0, 1])
    async def test_an_amount_of_nothing_or_against_the_lines_sign(
        self, desk: Matching, amount: int
    ) -> None:
        line, entry = await desk.books.line(-1000), await desk.entry_line(-1000)
        await desk.refuses(
            InvalidInput,
            [BankItem(line.id, amount)],
            [JournalItem(entry.id, amount)],
            field=("bank_items", "0", "amount"),
        )

    async def test_a_reconciled_line_says_who_did_it_and_when(self, desk: Matching) -> None:
        line, entry = await desk.books.line(), await desk.entry_line()
        act = await desk.match([line], [entry])
        refused = await desk.refuses(
            AlreadyReconciled,
            [BankItem(line.id, expected_revision=1)],
            [await desk.entry_line()],
            by=desk.books.viewer.actor,
            at=NOW,
            act_id=act.id,
            object_id=line.id,
            field=("bank_items", "0", "bank_transaction_id"),
        )
        assert str(refused).startswith("Ada Abbott reconciled this line already.")

    async def test_a_line_that_changed_since_it_was_read(self, desk: Matching) -> None:
        line, entry = await desk.books.line(revision=4), await desk.entry_line()
        await desk.refuses(
            Conflict,
            [BankItem(line.id, expected_revision=3)],
            [entry],
            object_id=line.id,
            expected=3,
            actual=4,
        )

    @pytest.mark.parametrize(
        ("columns", "reason"),
        [
            ({"pending": True}, "PENDING"),
            ({"excluded_at": NOW}, "EXCLUDED"),
            ({"undecided_at": NOW}, "UNDECIDED"),
            ({"dated_on": START}, "BEFORE_START"),
            ({"amount_minor": 0}, "ZERO"),
        ],
    )
    async def test_a_line_that_cannot_be_booked(
        self, desk: Matching, columns: dict[str, Any], reason: str
    ) -> None:
        line = await desk.books.line(**{"amount_minor": -1234, **columns})
        await desk.refuses(
            NotBookable,
            [line],
            [await desk.entry_line()],
            reason=reason,
            field=("bank_items", "0", "bank_transaction_id"),
        )

    async def test_a_line_that_the_bank_withdrew_is_not_there(self, desk: Matching) -> None:
        line = await desk.books.line(removed_at=NOW)
        await desk.refuses(NotFound, [line], [await desk.entry_line()])

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_a_line_of_a_hidden_or_deleted_account_is_not_there(
        self, desk: Matching, column: str
    ) -> None:
        line, entry = await desk.books.line(), await desk.entry_line()
        setattr(desk.books.account, column, NOW)
        await desk.books.account.save()
        await desk.refuses(NotFound, [line], [entry])

    @pytest.mark.parametrize(
        ("columns", "reason"),
        [
            ({"ledger_account_id": None, "start_on": None}, "NO_LEDGER_ACCOUNT"),
            ({"start_on": None}, "NO_START"),
        ],
    )
    async def test_a_line_of_an_account_that_is_not_in_the_books(
        self, desk: Matching, columns: dict[str, Any], reason: str
    ) -> None:
        line, entry = await desk.books.line(), await desk.entry_line()
        await desk.books.account.update_from_dict(columns).save()
        await desk.refuses(NotBookable, [line], [entry], reason=reason)

    async def test_a_draft(self, desk: Matching) -> None:
        books = desk.books
        draft = EntryDraft(
            posted_on=DAY,
            lines=[
                LineDraft(ledger_account_id=books.checking.id, amount_minor=-1234),
                LineDraft(ledger_account_id=books.supplies.id, amount_minor=1234),
            ],
        )
        async with books.begin() as uow:
            entry = await create_entry(uow, books.viewer, draft, post=False)
        await desk.refuses(NotBookable, [await books.line()], [entry.lines[0]], reason="DRAFT")

    @pytest.mark.parametrize("which", ["original", "reversal"])
    async def test_a_reversed_entry_and_a_reversal(self, desk: Matching, which: str) -> None:
        books = desk.books
        entry = await books.entry(-1234)
        async with books.begin() as uow:
            reversal = await post_reversal(
                uow, books.viewer, journal_entry_id=entry.entry.id, act_id=None
            )
        chosen, line = (
            (entry, await books.line(-1234))
            if which == "original"
            else (reversal, await books.line(1234))
        )
        await desk.refuses(
            NotBookable,
            [line],
            [chosen.lines[0]],
            reason="REVERSED",
            field=("journal_items", "0", "journal_line_id"),
        )

    async def test_an_item_of_another_ledger_account(self, desk: Matching) -> None:
        entry = await desk.books.entry(-1234)
        await desk.refuses(
            NotBookable,
            [await desk.books.line(1234)],
            [entry.lines[1]],
            reason="ANOTHER_LEDGER_ACCOUNT",
            field=("journal_items", "0", "journal_line_id"),
        )

    async def test_entries_alone_where_nothing_clears(self, desk: Matching) -> None:
        one, other = await desk.books.entry(-1234), await desk.books.entry(1234)
        await desk.refuses(
            NotBookable,
            [],
            [one.lines[1], other.lines[1]],
            reason="NOTHING_CLEARS",
            field=("journal_items", "0", "journal_line_id"),
        )

    async def test_entries_alone_clear_where_a_bank_account_was(self, desk: Matching) -> None:
        one, other = await desk.entry_line(-1234), await desk.entry_line(1234)
        await BankAccount.filter(id=desk.books.account.id).update(ledger_account_id=None)
        await desk.match([], [one, other])
        assert await desk.books.cleared(one) == -1234

    async def test_an_item_in_another_currency(self, desk: Matching) -> None:
        books = desk.books
        euros = await make_ledger_account(books.organization, currency="EUR")
        account = await books.tied_account(euros, currency="EUR")
        await desk.refuses(
            MatchOfTwoCurrencies,
            [await books.line(account=account), await books.line()],
            [],
            currency="EUR",
            other="USD",
            field=("bank_items", "1", "bank_transaction_id"),
        )

    async def test_a_line_that_is_named_twice(self, desk: Matching) -> None:
        line, entry = await desk.books.line(-1000), await desk.entry_line(-1000)
        await desk.refuses(
            InvalidInput,
            [BankItem(line.id, -500), BankItem(line.id, -500)],
            [entry],
            field=("bank_items",),
        )

    async def test_an_item_alone(self, desk: Matching) -> None:
        await desk.refuses(InvalidInput, [await desk.books.line()], [])

    async def test_more_items_than_anybody_can_look_through(self, desk: Matching) -> None:
        many = [BankItem(new_id()) for _ in range(MOST_ITEMS + 1)]
        await desk.refuses(InvalidInput, many, [])


class TestThePlaceOfAHandClearing:
    async def cleared_line(self, desk: Matching, on: date, amount: int = -1234) -> JournalLine:
        entry = await desk.entry_line(amount)
        await self.clear(desk, entry.id, on)
        return entry

    async def clear(
        self, desk: Matching, line_id: UUID, on: date, amount: int | None = None
    ) -> None:
        async with desk.books.begin() as uow:
            await clear_by_hand(
                uow,
                desk.books.viewer,
                journal_line_id=line_id,
                amount_minor=amount,
                cleared_on=on,
                reason="On the paper statement",
                key=None,
            )

    async def test_a_bank_line_takes_it_and_the_match_inherits_the_date(
        self, desk: Matching
    ) -> None:
        early = DAY + timedelta(days=1)
        entry = await self.cleared_line(desk, early)
        kept = await HandClearing.get(journal_line_id=entry.id)
        line = await desk.books.line(dated_on=DAY + timedelta(days=30))
        act = await desk.match([line], [entry])
        assert (await Match.get(act_id=act.id)).cleared_on == early
        assert await HandClearing.all().count() == 0
        assert (await desk.reconciled(line), await desk.books.cleared(entry)) == (-1234, -1234)
        assert act.details["displaced"] == [
            {
                "id": str(kept.id),
                "journal_line_id": str(entry.id),
                "amount_minor": -1234,
                "cleared_on": early.isoformat(),
                "origin": "PERSON",
                "reason": "On the paper statement",
                "act_id": str(kept.act_id),
            }
        ]

    async def test_of_two_clearings_of_one_line_it_takes_the_one_of_its_amount(
        self, desk: Matching
    ) -> None:
        entry = await desk.entry_line(-1000)
        await self.clear(desk, entry.id, DAY, -400)
        await self.clear(desk, entry.id, DAY + timedelta(days=1), -600)
        await desk.match([await desk.books.line(-600)], [JournalItem(entry.id, -600)])
        [left] = await HandClearing.all()
        assert (left.amount_minor, await desk.books.cleared(entry)) == (-400, -1000)

    async def test_what_is_open_beside_it_is_matched_as_ever(self, desk: Matching) -> None:
        entry = await desk.entry_line(-1000)
        await self.clear(desk, entry.id, DAY, -400)
        await desk.match([await desk.books.line(-600)], [entry])
        assert await HandClearing.all().count() == 1
        assert await desk.books.cleared(entry) == -1000

    async def test_another_amount_than_it_has_is_refused(self, desk: Matching) -> None:
        entry = await self.cleared_line(desk, DAY, -1000)
        await desk.refuses(
            MatchTooMuch,
            [await desk.books.line(-900)],
            [JournalItem(entry.id, -900)],
            open_minor=0,
        )

    async def test_two_dates_cannot_be_inherited(self, desk: Matching) -> None:
        entries = [await self.cleared_line(desk, DAY + timedelta(days=days)) for days in (0, 1)]
        await desk.refuses(
            InvalidInput, [await desk.books.line(-2468)], entries, field=("journal_items",)
        )

    async def test_open_lines_do_not_inherit_a_date(self, desk: Matching) -> None:
        entries = [await self.cleared_line(desk, DAY), await desk.entry_line(-1234)]
        await desk.refuses(
            InvalidInput, [await desk.books.line(-2468)], entries, field=("journal_items",)
        )

    async def test_an_entry_alone_takes_no_such_place(self, desk: Matching) -> None:
        entry = await self.cleared_line(desk, DAY)
        await desk.refuses(MatchTooMuch, [], [entry, await desk.entry_line(1234)])


class TestAtTheSameMoment:
    async def test_of_twenty_matches_of_one_line_one_wins_and_nineteen_learn_who(
        self, desk: Matching
    ) -> None:
        line = await desk.books.line()
        entries = [await desk.entry_line() for _ in range(20)]
        answers = await asyncio.gather(
            *(desk.match([BankItem(line.id, expected_revision=1)], [entry]) for entry in entries),
            return_exceptions=True,
        )
        [won] = [answer for answer in answers if isinstance(answer, Act)]
        lost = [answer for answer in answers if isinstance(answer, AlreadyReconciled)]
        assert len(lost) == 19
        assert {(one.act_id, one.by, one.at, str(one)) for one in lost} == {
            (won.id, desk.books.viewer.actor, NOW, str(lost[0]))
        }
        assert await Match.all().count() == 1
        assert await Act.all().count() == 1
        assert await desk.reconciled(line) == -1234


class TestShare:
    @given(
        open_minor=st.integers(min_value=-(10**15), max_value=10**15),
        asked=st.none() | st.integers(min_value=-(10**15), max_value=10**15),
    )
    def test_it_lies_between_nothing_and_what_is_open(
        self, open_minor: int, asked: int | None
    ) -> None:
        try:
            given = share(asked, open_minor, field=("amount",))
        except MatchTooMuch:
            assert open_minor == 0 or (asked is not None and abs(asked) > abs(open_minor))
        except InvalidInput:
            assert asked is not None
            assert asked * open_minor <= 0
        else:
            assert given == (open_minor if asked is None else asked)
            assert 0 < abs(given) <= abs(open_minor)
            assert given * open_minor > 0
