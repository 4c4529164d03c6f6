"""Booking a bank line: one entry, one match, one act."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.completing import LedgerAccountInactive, LineCurrencyMismatch
from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.locks import PeriodLocked
from counterfoil.ledger.models import Books as BooksRow
from counterfoil.ledger.models import (
    EntryRate,
    EntrySource,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerAccountType,
    RateSource,
)
from counterfoil.ledger.rates import RateMissing
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.bookable import NotBookable, Obstacle
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import CodedToItself, Coding, CodingIncomplete, CodingLine
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import (
    Act,
    ActKind,
    CodingExample,
    EntryOrigin,
    Match,
    MatchJournalItem,
)
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import IdempotencyKeyReused
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_account, make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, START, Books, make_books, tie
from tests.reconciliation.failing import fail_at


def coded(*parts: tuple[LedgerAccount, int], **values: Any) -> Coding:
    """These amounts for these accounts."""
    lines = [
        CodingLine(ledger_account_id=account.id, amount_minor=amount) for account, amount in parts
    ]
    return Coding(lines=lines, **values)


async def booked(
    books: Books, line: BankTransaction, coding: Coding | None = None, **given: Any
) -> Act:
    """Book a line: all of it for office supplies when not told."""
    who = given.pop("viewer", books.viewer)
    async with books.transactions.begin(who.organization_id) as uow:
        return await book(
            uow,
            who,
            **{
                "bank_transaction_id": line.id,
                "expected_revision": line.revision,
                "coding": coding or coded((books.supplies, line.amount_minor)),
                "duplicate_reason": None,
                "key": None,
                **given,
            },
        )


async def the_entry() -> tuple[JournalEntry, Sequence[JournalLine]]:
    """The only entry of the books, and its lines."""
    entry = await JournalEntry.get()
    return entry, await JournalLine.filter(journal_entry_id=entry.id).order_by("position")


async def foreign(books: Books, currency: str = "EUR") -> BankTransaction:
    """A line of 100.00 out of an account in another currency, for which no rate is known."""
    ledger = await make_ledger_account(books.organization, currency=currency)
    account = await make_account(books.link, currency=currency)
    return await books.line(-10_000, account=await tie(account, ledger), currency=currency)


async def costs(books: Books) -> LedgerAccount:
    """An account that takes any currency."""
    return await make_ledger_account(
        books.organization, type=LedgerAccountType.EXPENSE, currency=None
    )


def typed(rate: str) -> Rate:
    return Rate(currency="EUR", rate=Decimal(rate), rate_on=DAY, source=RateSource.TYPED)


class TestBook:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        line, before = await books.line(), await books.written()
        with pytest.raises(Forbidden, match="“code”"):
            await booked(books, line, viewer=await books.clerk(Right.CODE))
        assert await books.written() == before

    async def test_another_organizations_line_answers_as_an_absent_one(self, books: Books) -> None:
        theirs = await (await make_books()).line()
        answers = set()
        for line in (theirs, BankTransaction(id=new_id(), amount_minor=-1234)):
            with pytest.raises(NotFound) as refused:
                await booked(books, line, expected_revision=None)
            answers.add((str(refused.value), refused.value.field))
        assert answers == {(str(NotFound()), ("bank_transaction_id",))}
        assert await JournalEntry.all().count() == 0

    async def test_money_out_credits_the_bank_and_debits_the_account(self, books: Books) -> None:
        line = await books.line(-1234, check_number="1043", occurred_on=date(2026, 3, 7))
        act = await booked(books, line)
        entry, lines = await the_entry()
        assert [(each.ledger_account_id, each.amount_minor) for each in lines] == [
            (books.checking.id, -1234),
            (books.supplies.id, 1234),
        ]
        assert (entry.posted_on, entry.transaction_on) == (DAY, date(2026, 3, 7))
        assert (entry.reference, entry.memo) == ("1043", "Elm Street Coffee")
        assert (entry.source, entry.number, entry.act_id) == (EntrySource.FEED, 1, act.id)

    async def test_money_in_debits_the_bank_and_credits_the_account(self, books: Books) -> None:
        line = await books.line(5000)
        await booked(books, line, coded((books.sales, 5000)))
        _, lines = await the_entry()
        assert [each.amount_minor for each in lines] == [5000, -5000]
        assert await balance_at(books.viewer, books.checking.id, DAY) == {"USD": (5000, 5000)}

    async def test_the_line_is_reconciled_and_its_journal_line_cleared_at_once(
        self, books: Books
    ) -> None:
        line = await books.line()
        act = await booked(books, line)
        after = await books.reread(line)
        assert (after.reconciled_minor, after.revision) == (-1234, 2)
        _, lines = await the_entry()
        assert [each.cleared_minor for each in lines] == [-1234, 0]
        [match] = await Match.all()
        assert (match.cleared_on, match.sealed, match.act_id) == (DAY, True, act.id)

    async def test_the_act_says_what_it_did_by_ids(self, books: Books) -> None:
        line = await books.line()
        act = await booked(books, line)
        entry, _ = await the_entry()
        [match] = await Match.all()
        stored = await Act.get(id=act.id)
        assert (stored.kind, stored.bank_account_id) == (ActKind.BOOK, books.account.id)
        assert stored.details == {
            "bank_transaction_ids": [str(line.id)],
            "journal_entry_ids": [str(entry.id)],
            "match_ids": [str(match.id)],
        }
        [event] = await AuditEvent.all()
        assert (event.action, event.object_id) == ("bookTransaction", act.id)

    async def test_it_tells_those_who_follow(self, books: Books) -> None:
        line = await books.line()
        act = await booked(books, line)
        entry, _ = await the_entry()
        told = await books.changed_since(0)
        assert told == {("JOURNAL_ENTRY", entry.id), ("ACT", act.id)}
        assert (await books.reread(line)).change_position == 1

    async def test_it_keeps_where_the_entry_came_from_and_what_was_chosen(
        self, books: Books
    ) -> None:
        line = await books.line(-1234)
        act = await booked(books, line, coded((books.supplies, -1000), (books.equity, -234)))
        [origin] = await EntryOrigin.all()
        assert origin.bank_transaction_id == line.id
        examples = await CodingExample.all()
        assert {each.ledger_account_id for each in examples} == {
            books.supplies.id,
            books.equity.id,
        }
        assert {(each.act_id, each.inflow) for each in examples} == {(act.id, False)}

    async def test_a_line_can_be_split_and_a_fee_be_taken_out(self, books: Books) -> None:
        line = await books.line(9_700)
        await booked(books, line, coded((books.sales, 10_000), (books.supplies, -300)))
        _, lines = await the_entry()
        assert [each.amount_minor for each in lines] == [9_700, -10_000, 300]

    async def test_what_is_left_of_a_line_can_be_booked(self, books: Books) -> None:
        line = await books.line(-1000)
        entry = await books.entry(-400)
        async with books.begin() as uow:
            await match(
                uow,
                books.viewer,
                bank_items=[BankItem(line.id, -400)],
                journal_items=[JournalItem(entry.lines[0].id)],
                key=None,
            )
        await booked(
            books, line, coded((books.supplies, -600)), expected_revision=line.revision + 1
        )
        assert (await books.reread(line)).reconciled_minor == -1000
        items = await MatchJournalItem.all()
        assert sorted(item.amount_minor for item in items) == [-600, -400]


class TestBookRefuses:
    @pytest.mark.parametrize(
        ("facts", "obstacle"),
        [
            ({"pending": True}, Obstacle.PENDING),
            ({"excluded_at": NOW}, Obstacle.EXCLUDED),
            ({"undecided_at": NOW}, Obstacle.UNDECIDED),
            ({"dated_on": START}, Obstacle.BEFORE_START),
            ({"amount_minor": 0}, Obstacle.ZERO),
        ],
    )
    async def test_a_line_that_is_not_bookable(
        self, books: Books, facts: dict[str, Any], obstacle: Obstacle
    ) -> None:
        line = await books.line(**{"amount_minor": -1234, **facts})
        before = await books.written()
        with pytest.raises(NotBookable) as refused:
            await booked(books, line)
        assert refused.value.obstacle is obstacle
        assert refused.value.field == ("bank_transaction_id",)
        assert await books.written() == before

    async def test_parts_that_do_not_add_up(self, books: Books) -> None:
        line = await books.line(-1234)
        before = await books.written()
        with pytest.raises(CodingIncomplete) as refused:
            await booked(books, line, coded((books.supplies, -1000)))
        assert refused.value.field == ("lines",)
        assert await books.written() == before

    async def test_a_part_for_the_banks_own_account(self, books: Books) -> None:
        line = await books.line(-1234)
        before = await books.written()
        with pytest.raises(CodedToItself) as refused:
            await booked(books, line, coded((books.supplies, -1000), (books.checking, -234)))
        assert refused.value.field == ("lines", "1", "ledger_account_id")
        assert await books.written() == before

    async def test_a_part_of_nothing(self, books: Books) -> None:
        line = await books.line(-1234)
        before = await books.written()
        with pytest.raises(InvalidInput) as refused:
            await booked(books, line, coded((books.supplies, -1234), (books.equity, 0)))
        assert refused.value.field == ("lines", "1", "amount")
        assert await books.written() == before

    async def test_an_inactive_account(self, books: Books) -> None:
        old = await make_ledger_account(books.organization, inactive_at=NOW)
        line = await books.line(-1234)
        before = await books.written()
        with pytest.raises(LedgerAccountInactive) as refused:
            await booked(books, line, coded((books.supplies, -234), (old, -1000)))
        assert refused.value.field == ("lines", "1", "ledger_account_id")
        assert await books.written() == before

    async def test_an_inactive_account_of_the_bank(self, books: Books) -> None:
        await LedgerAccount.filter(id=books.checking.id).update(inactive_at=NOW)
        line = await books.line(-1234)
        with pytest.raises(LedgerAccountInactive) as refused:
            await booked(books, line)
        assert refused.value.field == ("bank_transaction_id",)

    async def test_another_organizations_account(self, books: Books) -> None:
        theirs = (await make_books()).supplies
        line = await books.line(-1234)
        with pytest.raises(NotFound) as refused:
            await booked(books, line, coded((theirs, -1234)))
        assert refused.value.field == ("lines", "0", "ledger_account_id")

    async def test_an_account_in_another_currency(self, books: Books) -> None:
        euros = await make_ledger_account(books.organization, currency="EUR")
        line = await books.line(-1234)
        with pytest.raises(LineCurrencyMismatch) as refused:
            await booked(books, line, coded((euros, -1234)))
        assert refused.value.field[:2] == ("lines", "0")

    @pytest.mark.parametrize("hard", [True, False])
    async def test_a_locked_period(self, books: Books, hard: bool) -> None:
        lock: dict[str, Any] = {"hard_lock_on" if hard else "soft_lock_on": DAY}
        await BooksRow.create(organization_id=books.organization.id, **lock)
        line = await books.line()
        before = await books.written()
        with pytest.raises(PeriodLocked) as refused:
            await booked(books, line, viewer=await books.clerk(Right.LOCK))
        assert refused.value.field == ("posted_on",)
        assert await books.written() == before

    async def test_a_soft_lock_lets_a_controller_through(self, books: Books) -> None:
        await BooksRow.create(organization_id=books.organization.id, soft_lock_on=DAY)
        await booked(books, await books.line())
        assert await JournalEntry.all().count() == 1

    async def test_a_later_date_gets_past_a_lock_and_clears_the_line_then(
        self, books: Books
    ) -> None:
        await BooksRow.create(organization_id=books.organization.id, hard_lock_on=DAY)
        line, later = await books.line(), DAY + timedelta(days=1)
        await booked(books, line, coded((books.supplies, -1234), posted_on=later))
        entry, _ = await the_entry()
        assert (entry.posted_on, entry.transaction_on) == (later, DAY)
        assert (await Match.get()).cleared_on == later

    async def test_a_revision_that_is_past(self, books: Books) -> None:
        line = await books.line()
        with pytest.raises(Conflict):
            await booked(books, line, expected_revision=2)
        assert await JournalEntry.all().count() == 0

    async def test_a_line_that_is_reconciled_says_by_whom(self, books: Books) -> None:
        line = await books.line()
        act = await booked(books, line)
        with pytest.raises(AlreadyReconciled, match="Ada Abbott") as refused:
            await booked(books, line)
        assert (refused.value.by, refused.value.act_id) == (books.viewer.actor, act.id)
        assert await JournalEntry.all().count() == 1


class TestBookInAnotherCurrency:
    async def test_without_a_rate_it_is_refused(self, books: Books) -> None:
        line = await foreign(books)
        before = await books.written()
        with pytest.raises(RateMissing) as refused:
            await booked(books, line, coded((await costs(books), -10_000)))
        assert refused.value.field == ("rates",)
        assert await books.written() == before

    async def test_the_rate_is_stored_and_the_base_amounts_follow(self, books: Books) -> None:
        line, account = await foreign(books), await costs(books)
        coding = coded((account, -3_333), (account, -6_667), rates=[typed("1.0945")])
        await booked(books, line, coding)
        _, lines = await the_entry()
        assert [(each.amount_minor, each.base_minor) for each in lines] == [
            (-10_000, -10_945),
            (3_333, 3_648),
            (6_667, 7_297),
        ]
        [rate] = await EntryRate.all()
        assert (rate.currency, rate.rate, rate.source) == (
            "EUR",
            Decimal("1.0945"),
            RateSource.TYPED,
        )


class TestBookAtOnce:
    async def test_of_twenty_one_wins_and_the_others_learn_the_same(self, books: Books) -> None:
        line = await books.line()
        done = await asyncio.gather(
            *(booked(books, line) for _ in range(20)), return_exceptions=True
        )
        [winner] = [one for one in done if isinstance(one, Act)]
        refused = [one for one in done if isinstance(one, AlreadyReconciled)]
        assert len(refused) == 19
        assert {one.act_id for one in refused} == {winner.id}
        assert await JournalEntry.all().count() == await Act.all().count() == 1

    async def test_the_same_key_at_once_books_once(self, books: Books) -> None:
        line, key = await books.line(), Key("bookTransaction", "key-00000001", {"a": 1})
        acts = await asyncio.gather(*(booked(books, line, key=key) for _ in range(5)))
        assert len({act.id for act in acts}) == 1
        assert await JournalEntry.all().count() == 1

    async def test_the_same_key_a_week_later_books_once(self, books: Books) -> None:
        line, key = await books.line(), Key("bookTransaction", "key-00000001", {"a": 1})
        first = await booked(books, line, key=key)
        books.clock.advance(timedelta(days=8))
        assert (await booked(books, line, key=key)).id == first.id
        with pytest.raises(IdempotencyKeyReused):
            await booked(books, line, key=Key("bookTransaction", "key-00000001", {"a": 2}))
        assert await JournalEntry.all().count() == 1

    async def test_a_refusal_leaves_its_key_free(self, books: Books) -> None:
        line, key = await books.line(), Key("bookTransaction", "key-00000001", {"a": 1})
        with pytest.raises(CodingIncomplete):
            await booked(books, line, coded((books.supplies, -1)), key=key)
        await booked(books, line, key=key)
        assert await JournalEntry.all().count() == 1


_FAILS_AT = [
    "act INSERT",
    "journal_entry INSERT",
    "journal_line INSERT",
    "journal_entry UPDATE",
    "ledger_balance INSERT",
    "entry_origin INSERT",
    "match_group INSERT",
    "match_bank_item INSERT",
    "match_journal_item INSERT",
    "match_group UPDATE",
    "bank_transaction UPDATE",
    "coding_example INSERT",
    "act UPDATE",
    "audit_event INSERT",
    "change INSERT",
]


class TestBookFailing:
    @pytest.mark.parametrize("statement", _FAILS_AT)
    async def test_wherever_it_fails_nothing_is_left(self, books: Books, statement: str) -> None:
        line = await books.line()
        await fail_at(statement)
        before = await books.written()
        with pytest.raises((IntegrityError, OperationalError)):
            await booked(books, line)
        assert await books.written() == before
