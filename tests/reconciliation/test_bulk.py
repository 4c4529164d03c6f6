"""Accepting many suggestions at once: an act, its parts, and an outcome for each line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.completing import LedgerAccountInactive
from counterfoil.ledger.models import JournalEntry, LedgerAccount
from counterfoil.reconciliation.accepting import Acceptance, SuggestionOutdated
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.annotating import annotate
from counterfoil.reconciliation.bulk import MOST_ROWS, Accepted, accept
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.duplicates import PossibleDuplicate
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act, ActKind, Match
from counterfoil.reconciliation.outcomes import NotAlone
from counterfoil.reconciliation.suggest import SuggestionKind
from counterfoil.reconciliation.suggesting import suggestions_for
from counterfoil.reconciliation.undoing import preview, undo
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, Books, make_books
from tests.reconciliation.failing import fail_at

KEY = Key("acceptSuggestions", "key-00000001", {"rows": 1})


def row(line: BankTransaction, suggestion_id: str, **facts: Any) -> Acceptance:
    values: dict[str, Any] = {
        "bank_transaction_id": line.id,
        "expected_revision": line.revision,
        "suggestion_id": suggestion_id,
    }
    return Acceptance(**{**values, **facts})


async def chosen(
    books: Books, line: BankTransaction, kind: SuggestionKind, **facts: Any
) -> Acceptance:
    """The first suggestion of this kind, as a person chooses it."""
    fresh = await books.reread(line)
    suggested = (await suggestions_for(books.viewer, [line.id]))[line.id]
    return row(fresh, next(one.id for one in suggested if one.kind is kind), **facts)


async def prepared(
    books: Books, amount_minor: int, account: LedgerAccount | None = None, **facts: Any
) -> BankTransaction:
    """A line for which a person has prepared how to book it."""
    line = await books.line(amount_minor, **facts)
    part = CodingLine(
        ledger_account_id=(account or books.supplies).id, amount_minor=amount_minor, memo="Paper"
    )
    async with books.begin() as uow:
        return await annotate(
            uow,
            books.viewer,
            bank_transaction_id=line.id,
            expected_revision=None,
            coding=Coding(lines=[part], memo="For March"),
        )


async def by_coding(books: Books, *amounts: int) -> list[Acceptance]:
    """Rows of prepared lines of these amounts."""
    return [
        await chosen(books, await prepared(books, amount), SuggestionKind.PREPARED)
        for amount in amounts
    ]


async def accepted(
    books: Books, rows: Sequence[Acceptance], *, atomic: bool = False, **given: Any
) -> Accepted:
    async with books.begin() as uow:
        return await accept(
            uow,
            given.get("viewer", books.viewer),
            rows=rows,
            atomic=atomic,
            key=given.get("key"),
        )


async def reconciled(books: Books, *rows: Acceptance) -> list[int]:
    """What is reconciled of the lines of these rows."""
    ids = [each.bank_transaction_id for each in rows]
    found = {line.id: line.reconciled_minor for line in await BankTransaction.filter(id__in=ids)}
    return [found[each] for each in ids]


def told(done: Accepted) -> list[type[object]]:
    """For each row what became of it: an act, or an error."""
    return [type(outcome.error or outcome.act) for outcome in done.outcomes]


class TestAccept:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        rows = await by_coding(books, -100)
        before = await books.written()
        with pytest.raises(Forbidden, match="“code”"):
            await accepted(books, rows, viewer=await books.clerk(Right.CODE))
        assert await books.written() == before

    async def test_another_organizations_line_answers_as_an_absent_one(self, books: Books) -> None:
        theirs = await (await make_books()).line()
        absent = BankTransaction(id=new_id(), revision=1)
        done = await accepted(books, [row(theirs, "x"), row(absent, "x")])
        assert told(done) == [NotFound, NotFound]
        assert [str(one.error) for one in done.outcomes] == [str(NotFound())] * 2
        assert done.act is None

    async def test_each_kind_is_done(self, books: Books) -> None:
        savings = await make_ledger_account(books.organization, name="Savings")
        account = await books.tied_account(savings)
        entry = await books.entry(-4_000, memo="Elm Street Coffee")
        match_, code, move = (
            await books.line(-4_000),
            await prepared(books, -500),
            await books.line(-9_900),
        )
        mirror = await books.line(9_900, account=account)
        rows = [
            await chosen(books, match_, SuggestionKind.MATCH),
            await chosen(books, code, SuggestionKind.PREPARED),
            await chosen(books, move, SuggestionKind.TRANSFER),
        ]
        done = await accepted(books, rows)
        acts = [outcome.act for outcome in done.outcomes]
        assert [act.kind for act in acts if act] == [ActKind.MATCH, ActKind.BOOK, ActKind.TRANSFER]
        assert await reconciled(books, *rows) == [-4_000, -500, -9_900]
        assert (await books.reread(mirror)).reconciled_minor == 9_900
        assert await books.cleared(entry.lines[0]) == -4_000

    async def test_they_are_parts_of_one_act(self, books: Books) -> None:
        done = await accepted(books, await by_coding(books, -100, -200))
        assert done.act is not None
        bulk = await Act.get(id=done.act.id)
        parts = await Act.filter(parent_id=bulk.id)
        assert (bulk.kind, bulk.bank_account_id) == (ActKind.BULK, books.account.id)
        assert {part.id for part in parts} == {one.act.id for one in done.outcomes if one.act}
        assert len(bulk.details["bank_transaction_ids"]) == 2

    async def test_a_prepared_coding_is_booked_with_its_words(self, books: Books) -> None:
        await accepted(books, await by_coding(books, -100))
        assert (await JournalEntry.get()).memo == "For March"

    async def test_both_ends_of_a_transfer_are_one_act(self, books: Books) -> None:
        savings = await make_ledger_account(books.organization, name="Savings")
        account = await books.tied_account(savings)
        out, into = await books.line(-9_900), await books.line(9_900, account=account)
        rows = [await chosen(books, one, SuggestionKind.TRANSFER) for one in (out, into)]
        done = await accepted(books, rows)
        acts = {outcome.act.id for outcome in done.outcomes if outcome.act}
        assert told(done) == [Act, Act]
        assert len(acts) == await JournalEntry.all().count() == 1

    async def test_the_whole_bulk_can_be_undone(self, books: Books) -> None:
        rows = await by_coding(books, -100, -200)
        done = await accepted(books, rows)
        assert done.act is not None
        shown = await preview(books.viewer, done.act.id)
        async with books.begin() as uow:
            await undo(uow, books.viewer, act_id=done.act.id, token=shown.token, key=None)
        assert await reconciled(books, *rows) == [0, 0]
        assert await Match.filter(bank_items__isnull=False).count() == 0


class TestAcceptRefusesARow:
    async def test_and_does_the_others(self, books: Books) -> None:
        [first, second] = await by_coding(books, -100, -200)
        stale = row(await books.line(-300), "gone")
        done = await accepted(books, [first, stale, second])
        assert told(done) == [Act, SuggestionOutdated, Act]
        error = done.outcomes[1].error
        assert error is not None
        assert error.field == ("rows", "1", "suggestion_id")
        assert await reconciled(books, first, stale, second) == [-100, 0, -200]

    async def test_of_which_nothing_is_left(self, books: Books) -> None:
        old = await make_ledger_account(books.organization)
        line = await prepared(books, -100, old)
        rows = [await chosen(books, line, SuggestionKind.PREPARED), *await by_coding(books, -200)]
        await LedgerAccount.filter(id=old.id).update(inactive_at=NOW)
        done = await accepted(books, rows)
        assert told(done) in ([LedgerAccountInactive, Act], [SuggestionOutdated, Act])
        assert await JournalEntry.all().count() == 1
        assert await Act.all().count() == 2
        assert (await JournalEntry.get()).number == 1

    async def test_that_changed(self, books: Books) -> None:
        [one] = await by_coding(books, -100)
        changed = Acceptance(
            bank_transaction_id=one.bank_transaction_id,
            expected_revision=99,
            suggestion_id=one.suggestion_id,
        )
        done = await accepted(books, [changed])
        assert told(done) == [Conflict]
        assert done.outcomes[0].error is not None
        assert done.outcomes[0].error.field == ("rows", "0", "expected_revision")

    async def test_that_somebody_else_settled(self, books: Books) -> None:
        rows = await by_coding(books, -100)
        await accepted(books, rows)
        done = await accepted(books, rows)
        assert told(done) == [AlreadyReconciled]
        assert await JournalEntry.all().count() == 1

    async def test_whose_journal_line_an_earlier_row_took(self, books: Books) -> None:
        await books.entry(-4_000, memo="Elm Street Coffee")
        lines = [await books.line(-4_000), await books.line(-4_000)]
        rows = [await chosen(books, line, SuggestionKind.MATCH) for line in lines]
        done = await accepted(books, rows)
        assert told(done)[0] is Act
        assert done.outcomes[1].error is not None
        assert await reconciled(books, *rows) == [-4_000, 0]

    async def test_that_may_be_booked_already_and_marks_it_to_be_checked(
        self, books: Books
    ) -> None:
        rows = await by_coding(books, -100, -200)
        await books.entry(-200, on=DAY - timedelta(days=3))
        done = await accepted(books, rows)
        assert told(done) == [Act, PossibleDuplicate]
        doubtful = await BankTransaction.get(id=rows[1].bank_transaction_id)
        assert (doubtful.to_check_at, doubtful.reconciled_minor) == (NOW, 0)
        assert done.act is not None
        assert await Act.filter(parent_id=done.act.id).count() == 1

    async def test_and_where_nothing_was_done_there_is_no_act(self, books: Books) -> None:
        rows = await by_coding(books, -200)
        await books.entry(-200)
        done = await accepted(books, rows, key=KEY)
        assert done.act is None
        assert await Act.all().count() == 0
        assert (await BankTransaction.get(id=rows[0].bank_transaction_id)).to_check_at == NOW


class TestAcceptAllOrNone:
    async def test_one_refusal_refuses_all_and_nothing_changes(self, books: Books) -> None:
        [first] = await by_coding(books, -100)
        doubtful, *_ = await by_coding(books, -200)
        await books.entry(-200)
        before = {**await books.written(), "Change": None}
        done = await accepted(books, [first, doubtful], atomic=True, key=KEY)
        assert told(done) == [NotAlone, PossibleDuplicate]
        assert done.act is None
        assert {**await books.written(), "Change": None} == before

    async def test_without_a_refusal_all_are_done(self, books: Books) -> None:
        rows = await by_coding(books, -100, -200)
        done = await accepted(books, rows, atomic=True)
        assert told(done) == [Act, Act]


class TestAcceptAgain:
    async def test_the_same_key_gives_the_same_outcomes_and_does_nothing(
        self, books: Books
    ) -> None:
        rows = [*await by_coding(books, -100), row(await books.line(-300), "gone")]
        first = await accepted(books, rows, key=KEY)
        before = {**await books.written(), "Change": None}
        again = await accepted(books, rows, key=KEY)
        assert {**await books.written(), "Change": None} == before
        assert first.act is not None
        assert again.act is not None
        assert (again.act.id, again.act.replayed) == (first.act.id, True)
        assert [_facts(one.act, one.error) for one in again.outcomes] == [
            _facts(one.act, one.error) for one in first.outcomes
        ]

    async def test_a_bulk_that_did_nothing_leaves_its_key_free(self, books: Books) -> None:
        line = await books.line(-300)
        assert (await accepted(books, [row(line, "gone")], key=KEY)).act is None
        rows = await by_coding(books, -100)
        assert (await accepted(books, rows, key=KEY)).act is not None


def _facts(act: Act | None, error: Any) -> tuple[UUID | None, str | None, tuple[str, ...]]:
    if error is None:
        return (act.id if act else None, None, ())
    return (None, error.code, error.field)


class TestAcceptRefuses:
    @pytest.mark.parametrize("count", [0, MOST_ROWS + 1])
    async def test_none_and_too_many(self, books: Books, count: int) -> None:
        line = BankTransaction(id=new_id(), revision=1)
        with pytest.raises(InvalidInput) as refused:
            await accepted(books, [row(line, "x")] * count)
        assert refused.value.field == ("rows",)

    async def test_a_line_named_twice(self, books: Books) -> None:
        [one] = await by_coding(books, -100)
        with pytest.raises(InvalidInput) as refused:
            await accepted(books, [one, one])
        assert refused.value.field == ("rows", "1", "bank_transaction_id")

    @pytest.mark.parametrize("statement", ["match_group UPDATE", "act UPDATE", "change INSERT"])
    async def test_a_database_that_fails_leaves_nothing(self, books: Books, statement: str) -> None:
        rows = await by_coding(books, -100, -200)
        await fail_at(statement)
        before = await books.written()
        with pytest.raises((IntegrityError, OperationalError)):
            await accepted(books, rows)
        assert await books.written() == before


async def test_a_part_of_a_line_can_be_left_open(books: Books) -> None:
    """Where the suggestion is a part, the match takes that part and leaves the rest for review."""
    line = await books.line(-1_000)
    entry = await books.entry(-400)
    async with books.begin() as uow:
        await match(
            uow,
            books.viewer,
            bank_items=[BankItem(line.id, -400)],
            journal_items=[JournalItem(entry.lines[0].id)],
            key=None,
        )
    rest = await books.entry(-600, memo="Elm Street Coffee")
    done = await accepted(books, [await chosen(books, line, SuggestionKind.MATCH)])
    assert told(done) == [Act]
    assert await books.cleared(rest.lines[0]) == -600
    assert (await books.reread(line)).reconciled_minor == -1_000
