"""Undoing acts: what is shown, what is done, what is refused."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import NotFound
from counterfoil.ledger import models as ledger
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import JournalEntry, JournalLine, LedgerAccount
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.bookable import Obstacle
from counterfoil.reconciliation.bookable import obstacle as hindrance
from counterfoil.reconciliation.models import (
    Act,
    ActKind,
    CodingExample,
    HandClearing,
    Match,
    MatchBankItem,
)
from counterfoil.reconciliation.undo_plans import NOTHING_LEFT
from counterfoil.reconciliation.undo_steps import EffectKind
from counterfoil.reconciliation.undoing import NotUndoable, PreviewOutdated, preview
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import BankTransaction, Exclusion, ReviewItem, ReviewKind
from counterfoil.viewer import Forbidden, Right
from tests.fakes import NOW
from tests.reconciliation.acting import (
    booked,
    cleared_by_hand,
    excluded,
    matched,
    restored,
    reversed_by_hand,
    shown,
    undone,
)
from tests.reconciliation.conftest import DAY, Books, make_books

E = EffectKind


async def entry_of(act: Act) -> JournalEntry:
    """The one entry that an act made."""
    return await JournalEntry.get(act_id=act.id)


async def bulk_of(books: Books, *lines: BankTransaction) -> Act:
    """These lines booked in one bulk."""
    async with books.begin() as uow:
        bulk, _ = await begin(uow, books.viewer, ActKind.BULK, key=None, bank_account_id=None)
        await finish(uow, books.viewer, bulk, action="acceptSuggestions")
    for line in lines:
        await booked(books, line, parent=bulk)
    return bulk


async def refuses(books: Books, act: Act, reason: str) -> None:
    """Preview and undo both say why not, and nothing is written."""
    seen = await shown(books, act)
    assert reason in (seen.blocked or "")
    before = await books.written()
    with pytest.raises(NotUndoable) as refused:
        await undone(books, act)
    assert refused.value.reason == seen.blocked
    assert await books.written() == before


class TestPreview:
    async def test_without_the_right_to_read_it_is_forbidden(self, books: Books) -> None:
        act = await excluded(books, await books.line())
        with pytest.raises(Forbidden):
            await preview(await books.clerk(Right.READ), act.id)

    async def test_another_organizations_act_answers_as_an_absent_one(self, books: Books) -> None:
        theirs = await make_books()
        act = await excluded(theirs, await theirs.line())
        answers = set()
        for act_id in (act.id, UUID(int=1)):
            with pytest.raises(NotFound) as refused:
                await preview(books.viewer, act_id)
            answers.add((str(refused.value), refused.value.field))
        [(_, field)] = answers
        assert field == ("act_id",)

    async def test_it_says_what_will_happen_and_changes_nothing(self, books: Books) -> None:
        act = await booked(books, await books.line())
        before = await books.written()
        seen = await shown(books, act)
        assert [(one.kind, one.text) for one in seen.effects] == [
            (E.REVERSE, "Entry 2026-0001 is reversed, dated 2026-03-09."),
            (E.REOPEN, "1 bank line is open again."),
            (E.FORGET, "What was chosen here is no longer proposed for similar lines."),
        ]
        assert seen.blocked is None
        assert await books.written() == before

    async def test_its_token_changes_with_what_would_happen_alone(self, books: Books) -> None:
        line = await books.line(-1000)
        entry = await books.entry(-1000)
        act = await matched(books, [(line, -400)], [(entry.lines[0], -400)])
        first = (await shown(books, act)).token
        await excluded(books, await books.line(-5))
        assert (await shown(books, act)).token == first
        await undone(books, act)
        assert (await shown(books, act)).token != first

    async def test_it_names_a_right_that_is_missing(self, books: Books) -> None:
        act = await excluded(books, await books.line())
        bookkeeper = await books.clerk(Right.CLOSE)
        assert "“close”" in str((await preview(bookkeeper, act.id)).blocked)
        reader = await books.clerk(Right.CODE)
        assert "“code”" in str((await preview(reader, act.id)).blocked)


class TestUndo:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        act = await excluded(books, await books.line())
        before = await books.written()
        for right in (Right.CODE, Right.CLOSE):
            with pytest.raises(Forbidden) as refused:
                await undone(books, act, viewer=await books.clerk(right))
            assert refused.value.right is right
        assert await books.written() == before

    async def test_ones_own_act_takes_no_more_than_doing_it(self, books: Books) -> None:
        bookkeeper = await books.clerk(Right.CLOSE)
        act = await booked(books, await books.line(), viewer=bookkeeper)
        await undone(books, act, viewer=bookkeeper)
        assert (await Act.get(id=act.id)).undone_at == NOW

    async def test_another_organizations_act_is_not_found(self, books: Books) -> None:
        theirs = await make_books()
        act = await excluded(theirs, await theirs.line())
        with pytest.raises(NotFound):
            await undone(books, act, token="any")

    async def test_the_act_says_when_and_by_which_act_it_was_undone(self, books: Books) -> None:
        act = await excluded(books, await books.line())
        books.clock.advance(timedelta(days=400))
        undo = await undone(books, act)
        stored = await Act.get(id=act.id)
        assert (stored.undone_at, stored.undone_by_id) == (NOW + timedelta(days=400), undo.id)
        assert (stored.revision, undo.kind) == (2, ActKind.UNDO)
        assert undo.details["undone_act_ids"] == [str(act.id)]
        assert undo.bank_account_id == books.account.id
        assert {("ACT", act.id), ("ACT", undo.id)} <= await books.changed_since(1)

    async def test_another_token_is_refused_and_nothing_changes(self, books: Books) -> None:
        act = await booked(books, await books.line())
        before = await books.written()
        with pytest.raises(PreviewOutdated):
            await undone(books, act, token="of another day")
        assert await books.written() == before

    async def test_a_preview_of_an_older_state_is_refused(self, books: Books) -> None:
        line, entry = await books.line(-1000), await books.entry(-1000)
        first = await matched(books, [(line, -400)], [(entry.lines[0], -400)])
        bulk = await bulk_of(books, await books.line(-5), await books.line(-6))
        token = (await shown(books, bulk)).token
        [part, _] = await Act.filter(parent_id=bulk.id)
        await undone(books, part)
        with pytest.raises(PreviewOutdated):
            await undone(books, bulk, token=token)
        assert (await Act.get(id=first.id)).undone_at is None

    async def test_the_same_key_twice_undoes_once(self, books: Books) -> None:
        act = await booked(books, await books.line())
        token, key = (await shown(books, act)).token, Key("undo", "key-0001", str(act.id))
        first = await undone(books, act, token=token, key=key)
        again = await undone(books, act, token=token, key=key)
        assert again.id == first.id
        assert await JournalEntry.all().count() == 2

    async def test_of_ten_people_at_once_one_undoes_it(self, books: Books) -> None:
        act = await booked(books, await books.line())
        token = (await shown(books, act)).token
        answers = await asyncio.gather(
            *(undone(books, act, token=token) for _ in range(10)), return_exceptions=True
        )
        lost = [answer for answer in answers if isinstance(answer, NotUndoable)]
        assert len(lost) == 9
        assert {str(one) for one in lost} == {"This has been undone already."}
        assert await JournalEntry.all().count() == 2

    async def test_twice_is_refused(self, books: Books) -> None:
        act = await excluded(books, await books.line())
        await undone(books, act)
        await refuses(books, act, "undone already")

    async def test_an_undo_and_a_start_are_not_undone(self, books: Books) -> None:
        act = await excluded(books, await books.line())
        await refuses(books, await undone(books, act), "An undo is not undone")
        async with books.begin() as uow:
            tie, _ = await begin(uow, books.viewer, ActKind.TIE, key=None, bank_account_id=None)
        await refuses(books, tie, "A start in the books is not undone")


class TestABooking:
    async def test_the_line_reopens_and_both_entries_clear(self, books: Books) -> None:
        line = await books.line(-1234)
        act = await booked(books, line)
        entry = await entry_of(act)
        undo = await undone(books, act)
        stored = await books.reread(line)
        assert (stored.reconciled_minor, stored.revision) == (0, 3)
        reversal = await JournalEntry.get(reverses_id=entry.id)
        assert (reversal.act_id, reversal.posted_on) == (undo.id, DAY)
        lines = await JournalLine.filter(ledger_account_id=books.checking.id).order_by("id")
        assert [(one.amount_minor, one.cleared_minor) for one in lines] == [
            (-1234, -1234),
            (1234, 1234),
        ]
        assert await CodingExample.all().count() == 0
        assert await MatchBankItem.all().count() == 0

    async def test_it_can_be_booked_again(self, books: Books) -> None:
        line = await books.line(-1234)
        await undone(books, await booked(books, line))
        await booked(books, line)
        assert (await books.reread(line)).reconciled_minor == -1234
        assert await JournalEntry.all().count() == 3

    async def test_in_a_locked_period_it_is_refused(self, books: Books) -> None:
        act = await booked(books, await books.line())
        await ledger.Books.create(organization_id=books.organization.id, hard_lock_on=DAY)
        await refuses(books, act, "locked up to 2026-03-09")

    async def test_when_its_entry_was_reversed_by_hand_nothing_is_left_of_it(
        self, books: Books
    ) -> None:
        line = await books.line()
        act = await booked(books, line)
        await reversed_by_hand(books, await entry_of(act))
        await CodingExample.all().delete()
        await refuses(books, act, NOTHING_LEFT)


class TestAnEntryPostedByHand:
    async def posted(self, books: Books) -> tuple[Act, JournalLine]:
        draft = EntryDraft(
            posted_on=DAY,
            lines=[
                LineDraft(ledger_account_id=books.checking.id, amount_minor=-1000),
                LineDraft(ledger_account_id=books.supplies.id, amount_minor=1000),
            ],
        )
        async with books.begin() as uow:
            act, _ = await begin(uow, books.viewer, ActKind.POST, key=None, bank_account_id=None)
            entry = await create_entry(uow, books.viewer, draft, act_id=act.id)
            await finish(uow, books.viewer, act, action="createJournalEntry")
        return act, entry.lines[0]

    async def test_what_was_matched_with_it_later_reopens_too(self, books: Books) -> None:
        act, entry_line = await self.posted(books)
        lines = [await books.line(-400), await books.line(-600)]
        matches = [
            await matched(books, [line], [(entry_line, line.amount_minor)]) for line in lines
        ]
        seen = await shown(books, act)
        assert [one.text for one in seen.effects] == [
            "Entry 2026-0001 is reversed, dated 2026-03-09.",
            "2 bank lines are open again.",
        ]
        await undone(books, act)
        assert [(await books.reread(line)).reconciled_minor for line in lines] == [0, 0]
        for match in matches:
            await refuses(books, match, NOTHING_LEFT)


class TestAMatch:
    async def test_its_lines_are_open_again(self, books: Books) -> None:
        line, entry = await books.line(-1000), await books.entry(-400)
        act = await matched(books, [(line, -400)], [entry.lines[0]])
        seen = await shown(books, act)
        assert [one.kind for one in seen.effects] == [E.REOPEN, E.UNCLEAR]
        await undone(books, act)
        assert (await books.reread(line)).reconciled_minor == 0
        assert await books.cleared(entry.lines[0]) == 0
        assert await Match.all().count() == 0
        assert await JournalEntry.all().count() == 1

    async def test_another_match_of_the_same_line_stays(self, books: Books) -> None:
        line = await books.line(-1000)
        one, other = await books.entry(-400), await books.entry(-600)
        first = await matched(books, [(line, -400)], [one.lines[0]])
        await matched(books, [line], [other.lines[0]])
        await undone(books, first)
        assert (await books.reread(line)).reconciled_minor == -600
        assert await books.cleared(other.lines[0]) == -600

    async def test_in_a_locked_period_it_can_be_undone(self, books: Books) -> None:
        line, entry = await books.line(-400), await books.entry(-400)
        act = await matched(books, [line], [entry.lines[0]])
        await ledger.Books.create(organization_id=books.organization.id, hard_lock_on=DAY)
        await undone(books, act)
        assert (await books.reread(line)).reconciled_minor == 0

    async def test_a_hand_clearing_whose_place_it_took_comes_back_as_it_was(
        self, books: Books
    ) -> None:
        entry = await books.entry(-1234)
        by_hand = await cleared_by_hand(books, entry.lines[0], on=DAY + timedelta(days=1))
        before = await HandClearing.all().values()
        act = await matched(books, [await books.line(-1234)], [entry.lines[0]])
        await refuses(books, by_hand, NOTHING_LEFT)
        assert [one.kind for one in (await shown(books, act)).effects] == [
            E.REOPEN,
            E.CLEAR_BY_HAND,
        ]
        await undone(books, act)
        assert await HandClearing.all().values() == before
        assert await books.cleared(entry.lines[0]) == -1234
        await undone(books, by_hand)
        assert await books.cleared(entry.lines[0]) == 0


class TestAnExclusion:
    async def test_lines_come_back(self, books: Books) -> None:
        lines = [await books.line(), await books.line()]
        act = await excluded(books, *lines)
        seen = await shown(books, act)
        assert [one.text for one in seen.effects] == ["2 bank lines come back to review."]
        await undone(books, act)
        assert [(await books.reread(line)).excluded_at for line in lines] == [None, None]
        assert await Exclusion.all().count() == 0

    async def test_lines_that_came_back_before_stay(self, books: Books) -> None:
        one, other = await books.line(), await books.line()
        act = await excluded(books, one, other)
        await restored(books, one)
        later = await excluded(books, one)
        await undone(books, act)
        assert (await books.reread(one)).excluded_at is not None
        assert (await books.reread(other)).excluded_at is None
        await refuses(books, act, "undone already")
        await undone(books, later)
        assert (await books.reread(one)).excluded_at is None

    async def test_a_restored_line_is_excluded_again_as_it_was(self, books: Books) -> None:
        line = await books.line()
        exclusion = await excluded(books, line)
        before = await Exclusion.all().values("reason", "actor", "act_id", "excluded_at")
        books.clock.advance(timedelta(days=1))
        act = await restored(books, line)
        await undone(books, act)
        assert await Exclusion.all().values("reason", "actor", "act_id", "excluded_at") == before
        assert (await books.reread(line)).excluded_at == NOW
        await undone(books, exclusion)
        assert (await books.reread(line)).excluded_at is None

    async def test_a_restored_line_that_was_booked_since_stays_booked(self, books: Books) -> None:
        line = await books.line()
        await excluded(books, line)
        act = await restored(books, line)
        await booked(books, line)
        await refuses(books, act, "reconciled already")


class TestAClearingByHand:
    async def test_the_line_is_open_again(self, books: Books) -> None:
        line = (await books.entry(-1234)).lines[0]
        act = await cleared_by_hand(books, line)
        seen = await shown(books, act)
        assert [(one.kind, one.text) for one in seen.effects] == [
            (E.UNCLEAR, "1 journal line is no longer cleared by hand.")
        ]
        await undone(books, act)
        assert await books.cleared(line) == 0
        assert await HandClearing.all().count() == 0


class TestAReversal:
    async def test_the_entry_is_posted_again_and_matched_again(self, books: Books) -> None:
        line = await books.line(-1234)
        booking = await booked(books, line)
        original = await entry_of(booking)
        act = await reversed_by_hand(books, original)
        seen = await shown(books, act)
        assert [one.text for one in seen.effects] == [
            "Entry 2026-0001 is posted again, dated 2026-03-09.",
            "1 bank line is matched with it again.",
        ]
        undo = await undone(books, act)
        assert (await books.reread(line)).reconciled_minor == -1234
        again = await entry_of(undo)
        assert (again.number, again.memo, again.source) == (3, original.memo, original.source)
        assert (again.posted_on, again.reverses_id) == (original.posted_on, None)
        lines = await JournalLine.filter(ledger_account_id=books.checking.id)
        assert all(one.cleared_minor == one.amount_minor for one in lines)
        assert sum(one.amount_minor for one in lines) == -1234

    async def test_a_line_that_was_booked_otherwise_since_stays_so(self, books: Books) -> None:
        line = await books.line(-1234)
        act = await reversed_by_hand(books, await entry_of(await booked(books, line)))
        await booked(books, line)
        assert [one.text for one in (await shown(books, act)).effects] == [
            (
                "Entry 2026-0001 is posted again, dated 2026-03-09. "
                "1 bank line stays as it is, not matched with it."
            )
        ]
        undo = await undone(books, act)
        again = await entry_of(undo)
        [own] = await JournalLine.filter(
            journal_entry_id=again.id, ledger_account_id=books.checking.id
        )
        assert own.cleared_minor == 0
        assert (await books.reread(line)).reconciled_minor == -1234

    async def test_parts_come_back_as_the_parts_that_they_were(self, books: Books) -> None:
        entry = await books.entry(-1000)
        lines = [await books.line(-500), await books.line(-600)]
        await cleared_by_hand(books, entry.lines[0], -300)
        for line, amount in zip(lines, (-100, -600), strict=True):
            await matched(books, [(line, amount)], [(entry.lines[0], amount)])
        undo = await undone(books, await reversed_by_hand(books, entry))
        assert [(await books.reread(one)).reconciled_minor for one in lines] == [-100, -600]
        [own] = await JournalLine.filter(
            journal_entry_id=(await entry_of(undo)).id, ledger_account_id=books.checking.id
        )
        assert own.cleared_minor == -1000

    async def test_the_date_of_a_clearing_whose_place_was_taken_stays(self, books: Books) -> None:
        entry = await books.entry(-1234)
        await cleared_by_hand(books, entry.lines[0], on=DAY + timedelta(days=1))
        line = await books.line(-1234, dated_on=DAY + timedelta(days=20))
        await matched(books, [line], [entry.lines[0]])
        await undone(books, await reversed_by_hand(books, entry))
        assert (await Match.get(bank_items__bank_transaction_id=line.id)).cleared_on == (
            DAY + timedelta(days=1)
        )

    async def test_a_clearing_by_hand_comes_back_on_the_new_entry(self, books: Books) -> None:
        entry = await books.entry(-1234)
        act = await cleared_by_hand(books, entry.lines[0])
        undo = await undone(books, await reversed_by_hand(books, entry))
        again = await entry_of(undo)
        [clearing] = await HandClearing.all()
        line = await JournalLine.get(id=clearing.journal_line_id)
        assert (line.journal_entry_id, line.cleared_minor) == (again.id, -1234)
        assert clearing.act_id == act.id
        await undone(books, act)
        assert await books.cleared(line) == 0

    async def test_in_a_locked_period_it_is_refused(self, books: Books) -> None:
        act = await reversed_by_hand(books, await books.entry())
        await ledger.Books.create(organization_id=books.organization.id, hard_lock_on=DAY)
        await refuses(books, act, "locked up to 2026-03-09")

    async def test_onto_an_inactive_account_it_is_refused(self, books: Books) -> None:
        act = await reversed_by_hand(books, await books.entry())
        await LedgerAccount.filter(id=books.supplies.id).update(inactive_at=NOW)
        await refuses(books, act, "inactive")


class TestWhatAnUndoPostedAgain:
    """What an act did, taken back by hand and put again by undoing that, is still the act's."""

    async def test_is_undone_with_the_booking_however_often(self, books: Books) -> None:
        line = await books.line(-1234)
        act = await booked(books, line)
        entry = await entry_of(act)
        for _ in range(2):
            entry = await entry_of(await undone(books, await reversed_by_hand(books, entry)))
        assert [one.text for one in (await shown(books, act)).effects] == [
            "Entry 2026-0005 is reversed, dated 2026-03-09.",
            "1 bank line is open again.",
            "What was chosen here is no longer proposed for similar lines.",
        ]
        await undone(books, act)
        assert (await books.reread(line)).reconciled_minor == 0
        lines = await JournalLine.filter(ledger_account_id=books.checking.id)
        assert sum(one.amount_minor for one in lines) == 0
        assert all(one.cleared_minor == one.amount_minor for one in lines)

    async def test_is_undone_with_its_bulk(self, books: Books) -> None:
        lines = [await books.line(-100), await books.line(-200)]
        bulk = await bulk_of(books, *lines)
        [part, _] = await Act.filter(parent_id=bulk.id).order_by("acted_at", "id")
        await undone(books, await reversed_by_hand(books, await entry_of(part)))
        await undone(books, bulk)
        assert [(await books.reread(line)).reconciled_minor for line in lines] == [0, 0]

    async def test_does_not_come_when_its_booking_was_undone_meanwhile(self, books: Books) -> None:
        act = await booked(books, await books.line())
        reversal = await reversed_by_hand(books, await entry_of(act))
        await undone(books, act)
        await refuses(books, reversal, "What posted entry 2026-0001 was undone since.")

    async def test_is_matched_by_the_act_that_matched_it(self, books: Books) -> None:
        line, entry = await books.line(-1000), await books.entry(-1000)
        act = await matched(books, [line], [entry.lines[0]])
        reversal = await reversed_by_hand(books, entry)
        await refuses(books, act, NOTHING_LEFT)
        await undone(books, reversal)
        assert (await books.reread(line)).reconciled_minor == -1000
        assert [one.kind for one in (await shown(books, act)).effects] == [E.REOPEN, E.UNCLEAR]
        await undone(books, act)
        assert (await books.reread(line)).reconciled_minor == 0

    async def test_gets_the_clearing_back_whose_place_its_match_took(self, books: Books) -> None:
        entry = await books.entry(-1000)
        await cleared_by_hand(books, entry.lines[0])
        act = await matched(books, [await books.line(-1000)], [entry.lines[0]])
        undo = await undone(books, await reversed_by_hand(books, entry))
        await undone(books, act)
        [clearing] = await HandClearing.all()
        line = await JournalLine.get(id=clearing.journal_line_id)
        assert line.journal_entry_id == (await entry_of(undo)).id
        assert line.cleared_minor == -1000


class TestABulk:
    async def test_all_parts_are_undone_in_one_act(self, books: Books) -> None:
        lines = [await books.line(-100 - number) for number in range(3)]
        bulk = await bulk_of(books, *lines)
        seen = await shown(books, bulk)
        texts = {one.text for one in seen.effects}
        assert "1 bank line is open again. (3 times)" in texts
        assert sum("is reversed" in text for text in texts) == 3
        undo = await undone(books, bulk)
        assert [(await books.reread(line)).reconciled_minor for line in lines] == [0, 0, 0]
        acts = await Act.filter(undone_by_id=undo.id)
        assert len(acts) == 4
        assert {str(one.id) for one in acts} == set(undo.details["undone_act_ids"])

    async def test_a_part_is_undone_alone_and_then_the_rest(self, books: Books) -> None:
        lines = [await books.line(-100 - number) for number in range(2)]
        bulk = await bulk_of(books, *lines)
        [part, other] = await Act.filter(parent_id=bulk.id).order_by("acted_at", "id")
        await undone(books, part)
        assert (await Act.get(id=bulk.id)).undone_at is None
        undo = await undone(books, bulk)
        assert set(undo.details["undone_act_ids"]) == {str(bulk.id), str(other.id)}
        assert await JournalEntry.all().count() == 4

    async def test_one_part_that_cannot_be_undone_stops_all(self, books: Books) -> None:
        early = await books.line(-100, dated_on=date(2026, 3, 1))
        bulk = await bulk_of(books, early, await books.line(-200))
        await ledger.Books.create(
            organization_id=books.organization.id, hard_lock_on=date(2026, 3, 1)
        )
        await refuses(books, bulk, "locked up to 2026-03-01")

    async def test_when_every_part_was_undone_nothing_is_left(self, books: Books) -> None:
        bulk = await bulk_of(books, await books.line())
        [part] = await Act.filter(parent_id=bulk.id)
        await undone(books, part)
        await refuses(books, bulk, NOTHING_LEFT)


async def reports(
    line: BankTransaction, *, resolution: Resolution | None = None, **columns: Any
) -> None:
    """The bank says something else of a booked line by now; without columns it withdrew it."""
    reported: dict[str, Any] = {
        "amount_minor": line.amount_minor,
        "currency": "USD",
        "exponent": 2,
        "dated_on": line.dated_on.isoformat(),
        "pending": False,
        **columns,
    }
    await ReviewItem.create(
        organization_id=line.organization_id,
        bank_transaction_id=line.id,
        kind=ReviewKind.CHANGED if columns else ReviewKind.WITHDRAWN,
        reported=reported if columns else None,
        refresh_id=line.last_refresh_id,
        raised_at=NOW,
        resolved_at=NOW if resolution else None,
        resolution=resolution,
    )
    if resolution is None:
        await BankTransaction.filter(id=line.id).update(undecided_at=NOW)


class TestWhatTheBankChangedMeanwhile:
    @pytest.mark.parametrize("resolution", [None, Resolution.KEPT])
    async def test_its_version_comes_in_when_the_match_goes(
        self, books: Books, resolution: Resolution | None
    ) -> None:
        line = await books.line(-1234)
        act = await booked(books, line)
        await reports(line, resolution=resolution, amount_minor=-1300)
        told = [one.text for one in (await shown(books, act)).effects]
        assert told[1] == "1 bank line is open again, as the bank reports it now."
        await undone(books, act)
        stored = await books.reread(line)
        assert (stored.amount_minor, stored.reconciled_minor) == (-1300, 0)
        assert stored.undecided_at is None

    @pytest.mark.parametrize(
        ("columns", "text", "obstacle"),
        [
            ({}, "1 bank line goes: the bank withdrew it.", "WITHDRAWN"),
            (
                {"dated_on": "2026-02-28"},
                (
                    "1 bank line becomes history: the bank dates it up to the start of its account "
                    "now."
                ),
                "BEFORE_START",
            ),
            ({"pending": True}, "1 bank line is pending again, says the bank.", "PENDING"),
            (
                {"amount_minor": 0},
                "1 bank line is of 0 now, says the bank: there is nothing to book.",
                "ZERO",
            ),
        ],
    )
    async def test_a_line_that_cannot_be_booked_then_is_not_called_open(
        self, books: Books, columns: dict[str, Any], text: str, obstacle: str
    ) -> None:
        line = await books.line(-1234)
        act = await booked(books, line)
        await reports(line, **columns)
        told = [(one.kind, one.text) for one in (await shown(books, act)).effects]
        assert told[1] == (E.LEAVE, text)
        await undone(books, act)
        found = hindrance(await books.reread(line), await BankAccount.get(id=books.account.id))
        assert found is Obstacle[obstacle]

    async def test_each_is_counted_with_its_like(self, books: Books) -> None:
        entry = await books.entry(-1000)
        lines = [await books.line(-250) for _ in range(4)]
        act = await matched(books, lines, [entry.lines[0]])
        for line in lines[:2]:
            await reports(line)
        await reports(lines[2], dated_on="2026-01-01")
        assert sorted(one.text for one in (await shown(books, act)).effects) == [
            "1 bank line becomes history: the bank dates it up to the start of its account now.",
            "1 bank line is open again.",
            "1 journal line is no longer cleared by it.",
            "2 bank lines go: the bank withdrew them.",
        ]

    async def test_a_line_that_another_match_still_holds_is_open_for_the_rest(
        self, books: Books
    ) -> None:
        line = await books.line(-1000)
        one, other = await books.entry(-400), await books.entry(-600)
        act = await matched(books, [(line, -400)], [one.lines[0]])
        await matched(books, [line], [other.lines[0]])
        await reports(line)
        assert (await shown(books, act)).effects[0].text == "1 bank line is open again."
        await undone(books, act)
        stored = await books.reread(line)
        assert (stored.reconciled_minor, stored.removed_at) == (-600, None)

    async def test_two_parts_of_one_line_come_back_as_far_as_both_fit(self, books: Books) -> None:
        entry = await books.entry(-1000)
        lines = [await books.line(-1000), await books.line(-300)]
        await matched(books, [(lines[0], -400)], [(entry.lines[0], -400)])
        await matched(books, [(lines[0], -300)], [(entry.lines[0], -300)])
        await matched(books, [lines[1]], [(entry.lines[0], -300)])
        act = await reversed_by_hand(books, entry)
        await matched(books, [(lines[0], -500)], [(await books.entry(-500)).lines[0]])
        await excluded(books, lines[1])
        assert [one.text for one in (await shown(books, act)).effects] == [
            (
                "Entry 2026-0001 is posted again, dated 2026-03-09. "
                "1 bank line stays as it is, not matched with it."
            ),
            "1 bank line is matched with it again.",
        ]
        await undone(books, act)
        stored = [await books.reread(line) for line in lines]
        assert [line.reconciled_minor for line in stored] == [-900, 0]
