"""Transfers and card payments: one entry, and each side cleared on its own line's date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType
from counterfoil.errors import Conflict, CounterfoilError, NotFound
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.completing import LedgerAccountInactive
from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.locks import PeriodLocked
from counterfoil.ledger.models import Books as BooksRow
from counterfoil.ledger.models import (
    EntryRate,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerAccountType,
    RateSource,
)
from counterfoil.ledger.rates import RateMissing
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.bookable import NotBookable, Obstacle
from counterfoil.reconciliation.coding import CodedToItself, CodingLine
from counterfoil.reconciliation.duplicates import PossibleDuplicate
from counterfoil.reconciliation.legs import (
    ExchangeAccountMissing,
    LegsOfOneSign,
    TransferUnbalanced,
)
from counterfoil.reconciliation.lines import AlreadyReconciled
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act, ActKind, EntryOrigin, Match
from counterfoil.reconciliation.transferring import (
    DatedAtWill,
    NotTransferable,
    OtherAccount,
    OtherAmountMissing,
    OtherTransaction,
    SameAccount,
    transfer,
)
from counterfoil.reconciliation.undoing import preview, undo
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_account, make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, Books, make_books, tie
from tests.reconciliation.failing import fail_at

LATER = date(2026, 3, 11)


@dataclass
class Two:
    """Books with a second account, to which money is moved."""

    books: Books
    savings: LedgerAccount
    account: BankAccount

    async def out(self, amount_minor: int = -10_000, **values: Any) -> BankTransaction:
        """A line of the checking account."""
        return await self.books.line(amount_minor, **values)

    async def into(self, amount_minor: int = 10_000, **values: Any) -> BankTransaction:
        """A line of the second account, two days later."""
        defaults = {"account": self.account, "dated_on": LATER, "currency": self.account.currency}
        return await self.books.line(amount_minor, **{**defaults, **values})


async def second_account(books: Books, currency: str = "USD", **values: Any) -> Two:
    type_ = values.get("type", AccountType.BANK)
    owed = type_ is AccountType.CREDIT_CARD
    ledger = await make_ledger_account(
        books.organization,
        name="Second",
        currency=currency,
        type=LedgerAccountType.LIABILITY if owed else LedgerAccountType.ASSET,
    )
    account = await make_account(books.link, currency=currency, **values)
    return Two(books, ledger, await tie(account, ledger))


@pytest.fixture
async def two(books: Books) -> Two:
    return await second_account(books)


async def transferred(
    books: Books,
    line: BankTransaction,
    other: BankTransaction | LedgerAccount,
    **given: Any,
) -> Act:
    """Transfer between a line and another, or an account whose line is not there."""
    who = given.pop("viewer", books.viewer)
    amount = given.pop("other_amount", None)
    named: OtherTransaction | OtherAccount = (
        OtherTransaction(bank_transaction_id=other.id, expected_revision=other.revision)
        if isinstance(other, BankTransaction)
        else OtherAccount(ledger_account_id=other.id, amount_minor=amount)
    )
    async with books.transactions.begin(who.organization_id) as uow:
        return await transfer(
            uow,
            who,
            **{
                "bank_transaction_id": line.id,
                "expected_revision": line.revision,
                "other": named,
                "duplicate_reason": None,
                "key": None,
                **given,
            },
        )


async def the_lines() -> Sequence[tuple[str, int, int, int]]:
    """The lines of the only entry: the account's name, amount, base amount, what is cleared."""
    entry = await JournalEntry.get()
    return [
        (name, amount_minor, base_minor, cleared_minor)
        for name, amount_minor, base_minor, cleared_minor in await JournalLine.filter(
            journal_entry_id=entry.id
        )
        .order_by("position")
        .values_list("ledger_account__name", "amount_minor", "base_minor", "cleared_minor")
    ]


async def cleared_dates() -> dict[str, date]:
    """When each ledger account's match is cleared."""
    rows = await Match.all().values_list("ledger_account__name", "cleared_on")
    return dict(rows)


def fee(account: LedgerAccount, amount: int) -> CodingLine:
    return CodingLine(ledger_account_id=account.id, amount_minor=amount)


def typed(currency: str, rate: str) -> Rate:
    return Rate(currency=currency, rate=Decimal(rate), rate_on=DAY, source=RateSource.TYPED)


async def refused_naming(
    books: Books,
    error: type[CounterfoilError],
    line: BankTransaction,
    other: BankTransaction | LedgerAccount,
    **given: Any,
) -> tuple[str, ...]:
    """The field that a refusal names, which left nothing behind."""
    before = await books.written()
    with pytest.raises(error) as refused:
        await transferred(books, line, other, **given)
    assert await books.written() == before
    return refused.value.field


class TestTransfer:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, two: Two) -> None:
        clerk = await two.books.clerk(Right.CODE)
        lines = await two.out(), await two.into()
        await refused_naming(two.books, Forbidden, *lines, viewer=clerk)

    async def test_another_organizations_line_answers_as_an_absent_one(self, two: Two) -> None:
        theirs, ours = await (await make_books()).line(10_000), await two.out()
        field = await refused_naming(two.books, NotFound, ours, theirs)
        assert field == ("other_transaction_id",)
        theirs_first = await refused_naming(two.books, NotFound, theirs, ours)
        assert theirs_first == ("bank_transaction_id",)

    async def test_both_sides_are_one_entry_dated_at_the_earlier(self, two: Two) -> None:
        out, into = await two.out(occurred_on=date(2026, 3, 8)), await two.into()
        act = await transferred(two.books, into, out)
        entry = await JournalEntry.get()
        assert (entry.posted_on, entry.transaction_on) == (DAY, date(2026, 3, 8))
        assert (entry.act_id, act.kind) == (act.id, ActKind.TRANSFER)
        assert await the_lines() == [
            ("Second", 10_000, 10_000, 10_000),
            ("Operating Account", -10_000, -10_000, -10_000),
        ]

    async def test_each_side_clears_on_the_date_of_its_own_line(self, two: Two) -> None:
        await transferred(two.books, await two.out(), await two.into())
        assert await cleared_dates() == {"Operating Account": DAY, "Second": LATER}

    async def test_both_lines_are_reconciled_and_named_by_the_act(self, two: Two) -> None:
        out, into = await two.out(), await two.into()
        act = await transferred(two.books, out, into)
        assert [(await two.books.reread(one)).reconciled_minor for one in (out, into)] == [
            -10_000,
            10_000,
        ]
        assert set(act.details["bank_transaction_ids"]) == {str(out.id), str(into.id)}
        assert len(act.details["match_ids"]) == 2
        assert await EntryOrigin.all().count() == 2

    async def test_a_card_payment_is_no_expense(self, books: Books) -> None:
        card = await second_account(books, type=AccountType.CREDIT_CARD)
        await transferred(books, await card.out(), await card.into())
        assert await balance_at(books.viewer, card.savings.id, LATER) == {"USD": (10_000, 10_000)}
        assert await balance_at(books.viewer, books.supplies.id, LATER) == {}

    async def test_a_fee_on_the_way_is_a_third_line(self, two: Two) -> None:
        lines = await two.out(), await two.into(9_800)
        await transferred(two.books, *lines, fees=[fee(two.books.supplies, -200)])
        assert await the_lines() == [
            ("Operating Account", -10_000, -10_000, -10_000),
            ("Second", 9_800, 9_800, 9_800),
            ("Office Supplies", 200, 200, 0),
        ]

    async def test_what_is_left_of_a_line_can_be_transferred(self, two: Two) -> None:
        out = await two.out(-10_000)
        entry = await two.books.entry(-4_000)
        async with two.books.begin() as uow:
            await match(
                uow,
                two.books.viewer,
                bank_items=[BankItem(out.id, -4_000)],
                journal_items=[JournalItem(entry.lines[0].id)],
                key=None,
            )
        await transferred(two.books, await two.books.reread(out), await two.into(6_000))
        assert (await two.books.reread(out)).reconciled_minor == -10_000


class TestTransferWithOneSide:
    async def test_the_other_side_stays_outstanding(self, two: Two) -> None:
        await transferred(two.books, await two.out(), two.savings)
        assert await the_lines() == [
            ("Operating Account", -10_000, -10_000, -10_000),
            ("Second", 10_000, 10_000, 0),
        ]

    async def test_the_other_line_is_matched_when_it_comes_and_never_booked_twice(
        self, two: Two
    ) -> None:
        await transferred(two.books, await two.out(), two.savings)
        into = await two.into()
        field = await refused_naming(two.books, PossibleDuplicate, into, two.books.checking)
        assert field == ("duplicate_reason",)
        outstanding = await JournalLine.get(ledger_account_id=two.savings.id)
        async with two.books.begin() as uow:
            await match(
                uow,
                two.books.viewer,
                bank_items=[BankItem(into.id)],
                journal_items=[JournalItem(outstanding.id)],
                key=None,
            )
        assert await cleared_dates() == {"Operating Account": DAY, "Second": LATER}
        assert await JournalEntry.all().count() == 1

    async def test_the_other_account_need_not_be_tied(self, books: Books) -> None:
        cash = await make_ledger_account(books.organization, name="Petty Cash", currency=None)
        await transferred(books, await books.line(-10_000), cash)
        assert (await the_lines())[1] == ("Petty Cash", 10_000, 10_000, 0)

    async def test_the_fee_is_taken_from_what_arrives(self, two: Two) -> None:
        out = await two.out(-10_000)
        await transferred(two.books, out, two.savings, fees=[fee(two.books.supplies, -200)])
        assert (await the_lines())[1] == ("Second", 9_800, 9_800, 0)


class TestTransferInTwoCurrencies:
    async def test_with_one_side_in_base_the_two_amounts_are_the_rate(self, books: Books) -> None:
        euros = await second_account(books, "EUR")
        await transferred(books, await euros.out(-10_800), await euros.into(10_000))
        assert await the_lines() == [
            ("Operating Account", -10_800, -10_800, -10_800),
            ("Second", 10_000, 10_800, 10_000),
        ]
        rate = await EntryRate.get()
        assert (rate.currency, rate.rate) == ("EUR", Decimal("1.08"))
        assert (rate.source, rate.rate_on) == (RateSource.BANK_AMOUNTS, DAY)

    async def test_with_neither_in_base_the_rest_is_on_its_own_line(self, books: Books) -> None:
        euros, pounds = await second_account(books, "EUR"), await second_account(books, "GBP")
        exchange = await make_ledger_account(
            books.organization, name="Exchange", type=LedgerAccountType.EXPENSE
        )
        await transferred(
            books,
            await euros.into(-10_000),
            await pounds.into(8_700),
            rates=[typed("EUR", "1.1"), typed("GBP", "1.25")],
            exchange_account_id=exchange.id,
        )
        assert await the_lines() == [
            ("Second", -10_000, -11_000, -10_000),
            ("Second", 8_700, 10_875, 8_700),
            ("Exchange", 125, 125, 0),
        ]

    async def test_with_neither_in_base_both_rates_are_needed(self, books: Books) -> None:
        euros, pounds = await second_account(books, "EUR"), await second_account(books, "GBP")
        lines = await euros.into(-10_000), await pounds.into(8_700)
        rates = [typed("EUR", "1.1")]
        assert await refused_naming(books, RateMissing, *lines, rates=rates) == ("rates",)
        rates.append(typed("GBP", "1.25"))
        field = await refused_naming(books, ExchangeAccountMissing, *lines, rates=rates)
        assert field == ("exchange_account_id",)

    async def test_the_account_for_the_rest_is_looked_at(self, books: Books) -> None:
        euros, pounds = await second_account(books, "EUR"), await second_account(books, "GBP")
        old = await make_ledger_account(books.organization, inactive_at=NOW)
        field = await refused_naming(
            books,
            LedgerAccountInactive,
            await euros.into(-10_000),
            await pounds.into(8_700),
            rates=[typed("EUR", "1.1"), typed("GBP", "1.25")],
            exchange_account_id=old.id,
        )
        assert field == ("exchange_account_id",)

    async def test_with_one_side_there_its_amount_is_asked_for(self, books: Books) -> None:
        euros = await second_account(books, "EUR")
        out = await euros.out(-10_800)
        field = await refused_naming(books, OtherAmountMissing, out, euros.savings)
        assert field == ("other_amount",)
        await transferred(books, out, euros.savings, other_amount=10_000)
        assert (await the_lines())[1] == ("Second", 10_000, 10_800, 0)


class TestTransferRefuses:
    async def test_two_lines_of_one_account(self, two: Two) -> None:
        lines = await two.out(), await two.out(10_000)
        assert await refused_naming(two.books, SameAccount, *lines) == ("other_transaction_id",)

    async def test_a_line_with_itself(self, two: Two) -> None:
        out = await two.out()
        assert await refused_naming(two.books, SameAccount, out, out) == ("other_transaction_id",)

    async def test_its_own_account(self, two: Two) -> None:
        field = await refused_naming(two.books, SameAccount, await two.out(), two.books.checking)
        assert field == ("ledger_account_id",)

    async def test_lines_of_the_same_sign(self, two: Two) -> None:
        lines = await two.out(), await two.into(-10_000)
        assert await refused_naming(two.books, LegsOfOneSign, *lines) == ("other_transaction_id",)

    async def test_an_amount_of_the_same_sign(self, two: Two) -> None:
        field = await refused_naming(
            two.books, LegsOfOneSign, await two.out(), two.savings, other_amount=-10_000
        )
        assert field == ("other_amount",)

    async def test_sides_that_differ_without_a_fee(self, two: Two) -> None:
        lines = await two.out(), await two.into(9_800)
        assert await refused_naming(two.books, TransferUnbalanced, *lines) == ("fees",)

    async def test_a_pending_other_line(self, two: Two) -> None:
        before = await two.out(), await two.into(pending=True)
        with pytest.raises(NotBookable) as refused:
            await transferred(two.books, *before)
        assert refused.value.obstacle is Obstacle.PENDING
        assert refused.value.field == ("other_transaction_id",)

    async def test_another_line_that_is_reconciled(self, two: Two) -> None:
        into = await two.into()
        await transferred(two.books, await two.out(), into)
        field = await refused_naming(two.books, AlreadyReconciled, await two.out(), into)
        assert field == ("other_transaction_id",)

    async def test_another_line_that_changed(self, two: Two) -> None:
        into = await two.into()
        into.revision = 7
        field = await refused_naming(two.books, Conflict, await two.out(), into)
        assert field == ("other_expected_revision",)

    @pytest.mark.parametrize(
        "type_", [LedgerAccountType.EXPENSE, LedgerAccountType.INCOME, LedgerAccountType.EQUITY]
    )
    async def test_an_account_that_holds_no_money(self, two: Two, type_: LedgerAccountType) -> None:
        account = await make_ledger_account(two.books.organization, type=type_)
        field = await refused_naming(two.books, NotTransferable, await two.out(), account)
        assert field == ("ledger_account_id",)

    async def test_an_inactive_account(self, two: Two) -> None:
        old = await make_ledger_account(two.books.organization, inactive_at=NOW)
        field = await refused_naming(two.books, LedgerAccountInactive, await two.out(), old)
        assert field == ("ledger_account_id",)

    async def test_an_inactive_account_for_the_fee(self, two: Two) -> None:
        old = await make_ledger_account(two.books.organization, inactive_at=NOW)
        fees = [fee(two.books.supplies, -100), fee(old, -100)]
        lines = await two.out(), await two.into(9_800)
        field = await refused_naming(two.books, LedgerAccountInactive, *lines, fees=fees)
        assert field == ("fees", "1", "ledger_account_id")

    async def test_a_side_of_the_transfer_for_the_fee(self, two: Two) -> None:
        for own in (two.books.checking, two.savings):
            fees = [fee(two.books.supplies, -100), fee(own, -100)]
            lines = await two.out(), await two.into(9_800)
            field = await refused_naming(two.books, CodedToItself, *lines, fees=fees)
            assert field == ("fees", "1", "ledger_account_id")

    async def test_a_side_of_the_transfer_for_what_two_rates_leave(self, two: Two) -> None:
        field = await refused_naming(
            two.books,
            CodedToItself,
            await two.out(),
            await two.into(),
            exchange_account_id=two.savings.id,
        )
        assert field == ("exchange_account_id",)

    async def test_another_organizations_account(self, two: Two) -> None:
        theirs = (await make_books()).checking
        field = await refused_naming(two.books, NotFound, await two.out(), theirs)
        assert field == ("ledger_account_id",)


class TestTheDateOfATransfer:
    @pytest.mark.parametrize("days", [-1, 1])
    async def test_another_than_the_earlier_lines_is_refused(self, two: Two, days: int) -> None:
        lines = await two.out(), await two.into()
        on = DAY + timedelta(days=days)
        assert await refused_naming(two.books, DatedAtWill, *lines, posted_on=on) == ("posted_on",)

    async def test_that_of_the_earlier_line_may_be_typed(self, two: Two) -> None:
        await transferred(two.books, await two.out(), await two.into(), posted_on=DAY)
        assert (await JournalEntry.get()).posted_on == DAY

    async def test_a_soft_lock_lets_nobody_date_it_back(self, two: Two) -> None:
        await BooksRow.create(organization_id=two.books.organization.id, soft_lock_on=DAY)
        lines = await two.out(), await two.into()
        on = DAY - timedelta(days=1)
        assert await refused_naming(two.books, DatedAtWill, *lines, posted_on=on) == ("posted_on",)


class TestTransferInALockedPeriod:
    async def test_it_is_refused(self, two: Two) -> None:
        await BooksRow.create(organization_id=two.books.organization.id, hard_lock_on=DAY)
        lines = await two.out(), await two.into()
        assert await refused_naming(two.books, PeriodLocked, *lines) == ("posted_on",)

    async def test_a_later_date_gets_past_the_lock_and_no_side_clears_before_it(
        self, two: Two
    ) -> None:
        await BooksRow.create(organization_id=two.books.organization.id, hard_lock_on=DAY)
        next_day = DAY + timedelta(days=1)
        await transferred(two.books, await two.out(), await two.into(), posted_on=next_day)
        entry = await JournalEntry.get()
        assert (entry.posted_on, entry.transaction_on) == (next_day, DAY)
        assert await cleared_dates() == {"Operating Account": next_day, "Second": LATER}


class TestUndoATransfer:
    async def test_both_lines_are_open_again_and_the_balances_are_nothing(
        self, books: Books
    ) -> None:
        euros = await second_account(books, "EUR")
        out, into = await euros.out(-10_800), await euros.into(10_000)
        act = await transferred(books, out, into)
        shown = await preview(books.viewer, act.id)
        async with books.begin() as uow:
            await undo(uow, books.viewer, act_id=act.id, token=shown.token, key=None)
        assert [(await books.reread(one)).reconciled_minor for one in (out, into)] == [0, 0]
        assert await balance_at(books.viewer, euros.savings.id, LATER) == {"EUR": (0, 0)}
        await transferred(books, await books.reread(out), await books.reread(into))
        assert await JournalEntry.all().count() == 3


class TestTransferAtOnce:
    async def test_from_both_ends_one_wins(self, two: Two) -> None:
        out, into = await two.out(), await two.into()
        ends = [(out, into), (into, out)] * 5
        done = await asyncio.gather(
            *(transferred(two.books, *end) for end in ends), return_exceptions=True
        )
        assert sum(isinstance(one, Act) for one in done) == 1
        assert sum(isinstance(one, AlreadyReconciled) for one in done) == 9
        assert await JournalEntry.all().count() == 1

    async def test_the_same_key_again_does_nothing(self, two: Two) -> None:
        out, into = await two.out(), await two.into()
        key = Key("transferTransaction", "key-00000001", {"a": 1})
        first = await transferred(two.books, out, into, key=key)
        assert (await transferred(two.books, out, into, key=key)).id == first.id
        assert await JournalEntry.all().count() == 1

    @pytest.mark.parametrize(
        "statement", ["journal_entry UPDATE", "match_group UPDATE", "act UPDATE", "change INSERT"]
    )
    async def test_wherever_it_fails_nothing_is_left(self, two: Two, statement: str) -> None:
        out, into = await two.out(), await two.into()
        await fail_at(statement)
        before = await two.books.written()
        with pytest.raises((IntegrityError, OperationalError)):
            await transferred(two.books, out, into)
        assert await two.books.written() == before
