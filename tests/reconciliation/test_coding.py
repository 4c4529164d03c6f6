"""From a bank line, and what a person says of it, to the lines of an entry: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.ledger.completing import Account, Ledger, complete
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.models import RateSource
from counterfoil.ledger.rates import RateMissing
from counterfoil.reconciliation.coding import (
    CodedToItself,
    Coding,
    CodingIncomplete,
    CodingLine,
    draft_of,
)
from counterfoil.reconciliation.fields import lines_named, members, renamed
from counterfoil.reconciliation.legs import (
    Crossing,
    ExchangeAccountMissing,
    Leg,
    LegsOfOneSign,
    RateNotAsked,
    TransferUnbalanced,
    crossing,
    other_amount,
)
from counterfoil.transactions.models import BankTransaction

BANK, OTHER, COSTS, FEES, EXCHANGE = (UUID(int=number) for number in range(1, 6))
ON = date(2026, 3, 9)

AMOUNTS = st.integers(1, 10**11) | st.integers(1, 500)
SIGNED = AMOUNTS.flatmap(lambda amount: st.sampled_from([amount, -amount]))
RATES = st.decimals(Decimal("0.0001"), Decimal(20_000), places=6)
FOREIGN = st.sampled_from(["EUR", "JPY", "KWD"])


def bank_line(amount_minor: int = -1234, **facts: Any) -> BankTransaction:
    """A posted line of the bank, in no database."""
    return BankTransaction(
        **{
            "dated_on": ON,
            "amount_minor": amount_minor,
            "currency": "USD",
            "exponent": 2,
            "description": "Elm Street Coffee",
            **facts,
        }
    )


def part(amount_minor: int, account: UUID = COSTS, memo: str | None = None) -> CodingLine:
    return CodingLine(ledger_account_id=account, amount_minor=amount_minor, memo=memo)


def leg(amount_minor: int, currency: str = "USD", account: UUID = BANK) -> Leg:
    return Leg(ledger_account_id=account, amount_minor=amount_minor, currency=currency)


def typed(currency: str, rate: str | Decimal) -> Rate:
    return Rate(currency=currency, rate=Decimal(rate), rate_on=ON, source=RateSource.TYPED)


def posted(crossed: Crossing, base: str = "USD") -> Sequence[tuple[UUID, int, str, int]]:
    """The lines as the ledger completes them: it refuses what does not balance."""
    accounts = {
        line.ledger_account_id: Account(number="1", currency=None, active=True)
        for line in crossed.lines
    }
    lines = complete(crossed.lines, crossed.rates, Ledger(base=base, accounts=accounts))
    return [
        (line.ledger_account_id, line.amount_minor, line.currency, line.base_minor)
        for line in lines
    ]


def cross(first: Leg, second: Leg, **given_: Any) -> Crossing:
    return crossing(
        first,
        second,
        **{
            "fees": (),
            "rates": (),
            "base": "USD",
            "on": ON,
            "exchange_account_id": EXCHANGE,
            **given_,
        },
    )


class TestDraftOf:
    def test_the_banks_own_account_is_refused(self) -> None:
        coding = Coding(lines=[part(-1000), part(-234, BANK)])
        with pytest.raises(CodedToItself) as refused:
            draft_of(bank_line(), coding, ledger_account_id=BANK)
        assert refused.value.field == ("lines", "1", "ledger_account_id")

    @given(SIGNED, st.lists(SIGNED, max_size=4))
    def test_it_debits_the_bank_by_its_amount_and_balances(
        self, open_minor: int, others: list[int]
    ) -> None:
        amounts = [*others, open_minor - sum(others)]
        line = bank_line(open_minor)
        draft = draft_of(
            line, Coding(lines=[part(each) for each in amounts]), ledger_account_id=BANK
        )
        bank, *contra = draft.lines
        assert (bank.ledger_account_id, bank.amount_minor) == (BANK, open_minor)
        assert [each.amount_minor for each in contra] == [-each for each in amounts]
        assert sum(each.amount_minor for each in draft.lines) == 0

    @given(SIGNED, st.lists(SIGNED, max_size=4), SIGNED)
    def test_parts_that_leave_something_are_refused(
        self, open_minor: int, others: list[int], off: int
    ) -> None:
        parts = [part(each) for each in [*others, open_minor - sum(others) + off]]
        with pytest.raises(CodingIncomplete) as refused:
            draft_of(bank_line(open_minor), Coding(lines=parts), ledger_account_id=BANK)
        assert refused.value.open_minor - refused.value.coded_minor == -off

    def test_the_refusal_says_what_is_left(self) -> None:
        with pytest.raises(CodingIncomplete, match=r"add up to -12.34 USD: -2.34 is left"):
            draft_of(bank_line(), Coding(lines=[part(-1000)]), ledger_account_id=BANK)

    def test_only_what_is_open_is_booked(self) -> None:
        line = bank_line(-1234, reconciled_minor=-1000)
        draft = draft_of(line, Coding(lines=[part(-234)]), ledger_account_id=BANK)
        assert [each.amount_minor for each in draft.lines] == [-234, 234]

    def test_what_is_not_said_comes_from_the_bank(self) -> None:
        line = bank_line(occurred_on=date(2026, 3, 7), check_number="1043", category="RENT")
        draft = draft_of(line, Coding(lines=[part(-1234)]), ledger_account_id=BANK)
        assert (draft.posted_on, draft.transaction_on) == (ON, date(2026, 3, 7))
        assert (draft.reference, draft.memo, draft.contact) == ("1043", "Elm Street Coffee", None)

    def test_what_the_bank_does_not_say_is_taken_from_what_it_says(self) -> None:
        line = bank_line(category="RENT")
        draft = draft_of(line, Coding(lines=[part(-1234)]), ledger_account_id=BANK)
        assert (draft.transaction_on, draft.reference) == (ON, "RENT")
        bare = draft_of(bank_line(), Coding(lines=[part(-1234)]), ledger_account_id=BANK)
        assert bare.reference is None

    def test_what_is_said_stands_and_nothing_can_be_said_too(self) -> None:
        coding = Coding(
            lines=[part(-1234, memo="Beans")],
            memo="Coffee for March",
            reference="",
            contact="Elm Street",
            posted_on=date(2026, 3, 31),
            transaction_on=date(2026, 3, 1),
        )
        line = bank_line(check_number="1043")
        draft = draft_of(line, coding, ledger_account_id=BANK)
        assert (draft.posted_on, draft.transaction_on) == (date(2026, 3, 31), date(2026, 3, 1))
        assert (draft.reference, draft.memo) == (None, "Coffee for March")
        assert (draft.contact, draft.lines[1].memo) == ("Elm Street", "Beans")


class TestCrossingInOneCurrency:
    @given(SIGNED, st.lists(st.integers(-500, 500).filter(bool), max_size=3))
    def test_the_other_side_is_what_the_fees_leave(self, amount: int, fees: list[int]) -> None:
        parts = [part(each, FEES) for each in fees]
        other = other_amount(leg(amount), parts)
        if (other > 0) == (amount > 0) or not other:
            return
        crossed = cross(leg(amount), leg(other, account=OTHER), fees=parts)
        lines = posted(crossed)
        assert lines[:2] == [(BANK, amount, "USD", amount), (OTHER, other, "USD", other)]
        assert [line[1] for line in lines[2:]] == [-each for each in fees]

    def test_a_fee_on_the_way_is_a_third_line(self) -> None:
        fees = [part(-200, FEES)]
        assert posted(cross(leg(-10_000), leg(9_800, account=OTHER), fees=fees)) == [
            (BANK, -10_000, "USD", -10_000),
            (OTHER, 9_800, "USD", 9_800),
            (FEES, 200, "USD", 200),
        ]

    def test_sides_that_differ_by_more_than_the_fees_are_refused(self) -> None:
        with pytest.raises(TransferUnbalanced, match=r"differ by -2.00 USD, the fees are -1.50"):
            cross(leg(-10_000), leg(9_800, account=OTHER), fees=[part(-150, FEES)])

    @pytest.mark.parametrize("amounts", [(100, 100), (-100, -100), (100, 0), (-100, 0)])
    def test_sides_that_do_not_move_money_apart_are_refused(self, amounts: tuple[int, int]) -> None:
        with pytest.raises(LegsOfOneSign):
            cross(leg(amounts[0]), leg(amounts[1], account=OTHER))

    def test_a_foreign_currency_needs_a_rate(self) -> None:
        legs = leg(-10_000, "EUR"), leg(10_000, "EUR", OTHER)
        with pytest.raises(RateMissing):
            posted(cross(*legs))
        assert posted(cross(*legs, rates=[typed("EUR", "1.1")])) == [
            (BANK, -10_000, "EUR", -11_000),
            (OTHER, 10_000, "EUR", 11_000),
        ]


class TestCrossingWithOneSideInBase:
    def test_the_two_amounts_are_the_rate(self) -> None:
        crossed = cross(leg(-10_800), leg(10_000, "EUR", OTHER))
        assert posted(crossed) == [
            (BANK, -10_800, "USD", -10_800),
            (OTHER, 10_000, "EUR", 10_800),
        ]
        [rate] = crossed.rates
        assert (rate.currency, rate.rate, rate.rate_on) == ("EUR", Decimal("1.08"), ON)
        assert rate.source is RateSource.BANK_AMOUNTS

    def test_a_fee_at_home_is_no_part_of_what_was_exchanged(self) -> None:
        crossed = cross(leg(-11_100), leg(10_000, "EUR", OTHER), fees=[part(-300, FEES)])
        assert crossed.rates[0].rate == Decimal("1.08")
        assert posted(crossed)[1:] == [
            (OTHER, 10_000, "EUR", 10_800),
            (FEES, 300, "USD", 300),
        ]

    def test_a_fee_abroad_was_exchanged_before_it_was_taken(self) -> None:
        crossed = cross(leg(9_800, "EUR"), leg(-10_800, account=OTHER), fees=[part(-200, FEES)])
        assert crossed.rates[0].rate == Decimal("1.08")
        assert posted(crossed) == [
            (BANK, 9_800, "EUR", 10_584),
            (OTHER, -10_800, "USD", -10_800),
            (FEES, 200, "EUR", 216),
        ]

    @given(AMOUNTS, AMOUNTS, FOREIGN, st.booleans(), st.booleans(), st.integers(0, 90))
    def test_nothing_is_ever_left(
        self, home: int, abroad: int, currency: str, out: bool, from_home: bool, percent: int
    ) -> None:
        sign = -1 if out else 1
        ours, theirs = leg(sign * home), leg(-sign * abroad, currency, OTHER)
        first, second = (ours, theirs) if from_home else (theirs, ours)
        fee = -abs(first.amount_minor) * percent // 100
        fees = [part(fee, FEES)] if fee and first.amount_minor - fee else []
        try:
            crossed = cross(first, second, fees=fees, exchange_account_id=None)
        except (InvalidInput, TransferUnbalanced):
            return  # amounts that no rate can lie between, or a fee of more than was moved
        lines = posted(crossed)
        assert len(lines) == 2 + len(fees)
        assert sum(line[3] for line in lines) == 0
        assert [line[1] for line in lines[:2]] == [first.amount_minor, second.amount_minor]

    def test_a_typed_rate_is_refused(self) -> None:
        with pytest.raises(RateNotAsked):
            cross(leg(-10_800), leg(10_000, "EUR", OTHER), rates=[typed("EUR", "1.08")])

    def test_fees_of_all_that_was_moved_are_refused(self) -> None:
        with pytest.raises(TransferUnbalanced):
            cross(leg(-300), leg(10_000, "EUR", OTHER), fees=[part(-300, FEES)])


class TestCrossingWithNoSideInBase:
    def test_each_side_takes_its_rate_and_the_rest_has_its_own_line(self) -> None:
        rates = [typed("EUR", "1.1"), typed("GBP", "1.25")]
        crossed = cross(leg(-10_000, "EUR"), leg(8_700, "GBP", OTHER), rates=rates)
        assert posted(crossed) == [
            (BANK, -10_000, "EUR", -11_000),
            (OTHER, 8_700, "GBP", 10_875),
            (EXCHANGE, 125, "USD", 125),
        ]

    def test_without_an_account_for_the_rest_it_is_refused(self) -> None:
        rates = [typed("EUR", "1.1"), typed("GBP", "1.25")]
        with pytest.raises(ExchangeAccountMissing, match=r"leave 1.25 USD"):
            cross(
                leg(-10_000, "EUR"),
                leg(8_700, "GBP", OTHER),
                rates=rates,
                exchange_account_id=None,
            )

    def test_where_nothing_is_left_there_is_no_line_for_it(self) -> None:
        rates = [typed("EUR", "1.1"), typed("GBP", "1.25")]
        crossed = cross(
            leg(-10_000, "EUR"),
            leg(8_800, "GBP", OTHER),
            rates=rates,
            exchange_account_id=None,
        )
        assert len(posted(crossed)) == 2

    @pytest.mark.parametrize("known", ["EUR", "GBP"])
    def test_both_need_a_rate(self, known: str) -> None:
        with pytest.raises(RateMissing):
            cross(leg(-100, "EUR"), leg(90, "GBP", OTHER), rates=[typed(known, "1.1")])

    @given(AMOUNTS, AMOUNTS, RATES, RATES)
    def test_it_balances_in_base(self, out: int, into: int, eur: Decimal, jpy: Decimal) -> None:
        rates = [typed("EUR", eur), typed("JPY", jpy)]
        try:
            lines = posted(cross(leg(-out, "EUR"), leg(into, "JPY", OTHER), rates=rates))
        except InvalidInput:
            return  # more in base than the books can hold
        assert sum(line[3] for line in lines) == 0
        assert {line[0] for line in lines[2:]} <= {EXCHANGE}


class Refused(CounterfoilError):
    def __init__(self, *field: str) -> None:
        self.field = field
        super().__init__("No.")


class TestFields:
    @pytest.mark.parametrize(
        ("raised", "told"),
        [
            (("lines", "0", "amount"), ("bank_transaction_id",)),
            (("lines", "1", "amount"), ("lines", "0", "amount")),
            (("lines", "3", "ledger_account_id"), ("lines", "2", "ledger_account_id")),
            (("lines",), ("lines",)),
            (("posted_on",), ("posted_on",)),
            ((), ()),
        ],
    )
    def test_a_line_is_named_as_the_input_that_it_came_from(
        self, raised: tuple[str, ...], told: tuple[str, ...]
    ) -> None:
        places = ("bank_transaction_id",), *members("lines", 3)
        with pytest.raises(Refused) as refused, lines_named(*places):
            raise Refused(*raised)
        assert refused.value.field == told

    def test_a_field_is_named_as_the_callers_input_has_it(self) -> None:
        for raised, told in (("a", "b"), ("c", "c")):
            with pytest.raises(Refused) as refused, renamed({"a": "b"}):
                raise Refused(raised, "0")
            assert refused.value.field == (told, "0")

    def test_a_field_of_nothing_stays(self) -> None:
        with pytest.raises(Refused) as refused, renamed({"a": "b"}):
            raise Refused
        assert refused.value.field == ()


def test_lines_are_in_the_currency_of_the_bank_line() -> None:
    draft = draft_of(
        bank_line(-100, currency="EUR"), Coding(lines=[part(-100)]), ledger_account_id=BANK
    )
    assert list(draft.lines) == [
        LineDraft(ledger_account_id=BANK, amount_minor=-100, currency="EUR"),
        LineDraft(ledger_account_id=COSTS, amount_minor=100, currency="EUR"),
    ]
