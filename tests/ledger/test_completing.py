"""From the lines that are asked for to lines that balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.ledger.completing import (
    AMOUNT_LIMIT,
    MOST_LINES,
    Account,
    JournalEntryUnbalanced,
    Ledger,
    LedgerAccountInactive,
    Line,
    LineCurrencyMismatch,
    LineRefused,
    complete,
    sketch,
)
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.models import RateSource
from counterfoil.ledger.rates import RateMissing, exact_minor, rate_between, rounded

DAY = date(2026, 3, 9)
USD, EUR, ANY, OLD, YEN = (UUID(int=number) for number in range(1, 6))
LEDGER = Ledger(
    base="USD",
    accounts={
        USD: Account(number="1010", currency="USD", active=True),
        EUR: Account(number="1020", currency="EUR", active=True),
        ANY: Account(number="6100", currency=None, active=True),
        OLD: Account(number="6200", currency=None, active=False),
        YEN: Account(number="1030", currency="JPY", active=True),
    },
)


def line(account: UUID, amount: int, base: int | None = None, **values: Any) -> LineDraft:
    return LineDraft(ledger_account_id=account, amount_minor=amount, base_minor=base, **values)


def rate(worth: str | Decimal, currency: str = "EUR") -> Rate:
    return Rate(currency=currency, rate=Decimal(worth), rate_on=DAY, source=RateSource.TYPED)


def bases(lines: Sequence[Line]) -> list[int]:
    return [each.base_minor for each in lines]


class TestALine:
    @pytest.mark.parametrize(
        ("bad", "error", "part"),
        [
            (line(UUID(int=9), 5), NotFound, "ledger_account_id"),
            (line(OLD, 5), LedgerAccountInactive, "ledger_account_id"),
            (line(USD, 5, currency="EUR"), LineCurrencyMismatch, "currency"),
            (line(ANY, 5, currency="XYZ"), LineRefused, "currency"),
            (line(ANY, 5, currency="X:ABC"), LineRefused, "currency"),
            (line(ANY, AMOUNT_LIMIT), LineRefused, "amount"),
            (line(ANY, -AMOUNT_LIMIT), LineRefused, "amount"),
            (line(ANY, 10**18), LineRefused, "amount"),
            (line(ANY, 0), LineRefused, "amount"),
            (line(EUR, 0, 0), LineRefused, "amount"),
            (line(USD, 5, 6), LineRefused, "base_amount"),
            (line(EUR, 100, 153), LineRefused, "base_amount"),
            (line(EUR, AMOUNT_LIMIT - 1), LineRefused, "base_amount"),
        ],
    )
    def test_that_cannot_be_is_refused_by_name(
        self, bad: LineDraft, error: type[CounterfoilError], part: str
    ) -> None:
        rates = [rate("1.5")] if bad.ledger_account_id == EUR else []
        with pytest.raises(error) as refused:
            complete([line(USD, -5), bad], rates, LEDGER)
        assert refused.value.field == ("lines", "1", part)

    def test_takes_its_accounts_currency_or_else_the_base(self) -> None:
        made = sketch([line(EUR, 1), line(ANY, 1), line(ANY, 1, currency="JPY")], [], LEDGER)
        assert [each.currency for each in made] == ["EUR", "USD", "JPY"]

    def test_of_the_largest_amount_is_kept(self) -> None:
        most = AMOUNT_LIMIT - 1
        assert bases(complete([line(USD, most), line(ANY, -most)], [], LEDGER)) == [most, -most]

    def test_of_nothing_but_a_base_amount_is_a_revaluation(self) -> None:
        made = complete([line(EUR, 0, 7), line(ANY, -7)], [], LEDGER)
        assert [(each.currency, each.amount_minor, each.base_minor) for each in made] == [
            ("EUR", 0, 7),
            ("USD", -7, -7),
        ]


class TestAnEntry:
    @pytest.mark.parametrize("lines", [[], [line(USD, 5)]])
    def test_needs_two_lines(self, lines: Sequence[LineDraft]) -> None:
        with pytest.raises(InvalidInput) as refused:
            complete(lines, [], LEDGER)
        assert refused.value.field == ("lines",)
        assert len(sketch(lines, [], LEDGER)) == len(lines)

    def test_has_an_end(self) -> None:
        with pytest.raises(InvalidInput):
            sketch([line(USD, 1)] * (MOST_LINES + 1), [], LEDGER)

    def test_must_balance_in_base(self) -> None:
        with pytest.raises(JournalEntryUnbalanced) as refused:
            complete([line(USD, 1000), line(ANY, -999)], [], LEDGER)
        assert (refused.value.difference_minor, refused.value.currency) == (1, "USD")
        assert str(refused.value).startswith("The debits are 0.01 USD too much.")

    def test_of_one_foreign_currency_balances_in_that(self) -> None:
        with pytest.raises(JournalEntryUnbalanced) as refused:
            complete([line(EUR, 1000), line(EUR, -1001)], [rate("0.01")], LEDGER)
        assert (refused.value.difference_minor, refused.value.currency) == (-1, "EUR")

    def test_in_a_foreign_currency_needs_its_rate(self) -> None:
        lines = [line(EUR, 100), line(USD, -150)]
        with pytest.raises(RateMissing) as refused:
            complete(lines, [], LEDGER)
        assert (refused.value.currency, refused.value.field) == ("EUR", ("rates",))
        assert bases(sketch(lines, [], LEDGER)) == [0, -150]

    def test_even_where_the_base_amount_is_given(self) -> None:
        with pytest.raises(RateMissing):
            complete([line(EUR, 100, 150), line(USD, -150)], [], LEDGER)

    @pytest.mark.parametrize(
        ("rates", "path"),
        [
            ([rate("1.5"), rate("2", "CHF")], ("rates", "1", "currency")),
            ([rate("1.5"), rate("1.5")], ("rates", "1", "currency")),
            ([rate("1.5"), rate("1", "USD")], ("rates", "1", "currency")),
            ([rate("0")], ("rates", "0", "rate")),
            ([rate("-1.5")], ("rates", "0", "rate")),
            ([rate("NaN")], ("rates", "0", "rate")),
            ([rate("Infinity")], ("rates", "0", "rate")),
            ([rate("1000000000000")], ("rates", "0", "rate")),
            ([rate("1.0000000000001")], ("rates", "0", "rate")),
        ],
    )
    def test_has_one_usable_rate_for_each_currency(
        self, rates: Sequence[Rate], path: tuple[str, ...]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            sketch([line(EUR, 100), line(USD, -150)], rates, LEDGER)
        assert refused.value.field == path

    def test_keeps_the_base_amounts_that_another_system_rounded(self) -> None:
        drafts = [line(EUR, 333, 500), line(EUR, 333, 499), line(USD, -999)]
        assert bases(complete(drafts, [rate("1.5")], LEDGER)) == [500, 499, -999]


class TestRounding:
    def test_is_half_up_on_both_sides(self) -> None:
        drafts = [line(EUR, 1), line(EUR, -1)]
        assert bases(complete(drafts, [rate("2.5")], LEDGER)) == [3, -3]

    def test_leaves_the_residue_on_the_largest_converted_line(self) -> None:
        drafts = [line(EUR, 1), line(EUR, 1), line(EUR, 4), line(EUR, -6)]
        assert bases(complete(drafts, [rate("0.5")], LEDGER)) == [1, 1, 2, -4]
        drafts = [line(USD, -1000), line(EUR, 333), line(EUR, 334), line(EUR, 333)]
        assert bases(complete(drafts, [rate("1")], LEDGER)) == [-1000, 333, 334, 333]
        drafts = [line(USD, -1001), line(EUR, 333), line(EUR, 335), line(EUR, 333)]
        assert bases(complete(drafts, [rate("1.0004")], LEDGER)) == [-1001, 333, 335, 333]

    def test_is_no_excuse_for_half_a_cent_and_more(self) -> None:
        drafts = [line(EUR, 50), line(EUR, 50), line(USD, -151)]
        with pytest.raises(JournalEntryUnbalanced) as refused:
            complete(drafts, [rate("1.505")], LEDGER)
        assert refused.value.difference_minor == -1
        assert bases(complete(drafts, [rate("1.509")], LEDGER)) == [76, 75, -151]

    def test_heeds_how_many_digits_each_currency_has(self) -> None:
        drafts = [line(YEN, 1000), line(USD, -670)]
        assert bases(complete(drafts, [rate("0.0067", "JPY")], LEDGER)) == [670, -670]


amounts = st.integers(-AMOUNT_LIMIT // 1000, AMOUNT_LIMIT // 1000).filter(bool)
worths = st.decimals("0.000001", "100", places=6)


@st.composite
def balanced(draw: st.DrawFn, account: UUID) -> list[LineDraft]:
    """Lines of one account that add up to nothing."""
    some = draw(st.lists(amounts, min_size=1, max_size=7))
    assume(sum(some))
    return [line(account, amount) for amount in (*some, -sum(some))]


class TestProperties:
    @given(balanced(ANY))
    def test_lines_in_base_stay_as_they_are(self, drafts: list[LineDraft]) -> None:
        assert bases(complete(drafts, [], LEDGER)) == [each.amount_minor for each in drafts]

    @given(balanced(EUR), worths)
    def test_what_balances_in_its_currency_balances_in_base(
        self, drafts: list[LineDraft], worth: Decimal
    ) -> None:
        told = rate(worth)
        made = complete(drafts, [told], LEDGER)
        assert sum(bases(made)) == 0
        plain = [rounded(exact_minor(each.amount_minor, told, base="USD")) for each in drafts]
        moved = [place for place, base in enumerate(bases(made)) if base != plain[place]]
        assert len(moved) <= 1
        if moved:
            [place] = moved
            assert abs(drafts[place].amount_minor) == max(abs(d.amount_minor) for d in drafts)
            assert abs(made[place].base_minor - plain[place]) <= len(drafts) / 2

    @given(balanced(EUR), worths)
    def test_the_mirror_of_an_entry_is_the_entry_of_the_mirror(
        self, drafts: list[LineDraft], worth: Decimal
    ) -> None:
        turned = [line(EUR, -each.amount_minor) for each in drafts]
        made = complete(drafts, [rate(worth)], LEDGER)
        assert complete(turned, [rate(worth)], LEDGER) == tuple(one.mirrored() for one in made)

    @given(balanced(EUR), worths)
    def test_what_was_completed_is_complete(self, drafts: list[LineDraft], worth: Decimal) -> None:
        made = complete(drafts, [rate(worth)], LEDGER)
        again = [line(EUR, each.amount_minor, each.base_minor) for each in made]
        assert complete(again, [rate(worth)], LEDGER) == made

    def test_rounding_is_a_unit_a_line_and_what_is_left_is_on_one_of_them(self) -> None:
        euros = [line(EUR, 100, 150) for _ in range(9)]
        left = line(EUR, -900, -1355)
        complete([*euros, line(EUR, -900, -1345), line(USD, -5)], [rate("1.5")], LEDGER)
        near = [line(EUR, 100, 151) for _ in range(5)]
        complete([*euros[:4], *near, left], [rate("1.5")], LEDGER)
        for others in (
            [line(EUR, 100, 152), line(EUR, 100, 153), *euros[:7], left],
            [*euros, line(EUR, -900, -1357), line(USD, 7)],
        ):
            with pytest.raises(LineRefused) as refused:
                complete(others, [rate("1.5")], LEDGER)
            assert refused.value.field[-1] == "base_amount"

    @given(balanced(ANY), st.integers(0, 7), amounts)
    def test_what_does_not_balance_is_refused(
        self, drafts: list[LineDraft], place: int, off: int
    ) -> None:
        wrong = drafts[place % len(drafts)].amount_minor + off
        assume(wrong)
        drafts[place % len(drafts)] = line(ANY, wrong)
        with pytest.raises(JournalEntryUnbalanced) as refused:
            complete(drafts, [], LEDGER)
        assert refused.value.difference_minor == off

    @given(st.integers(1, AMOUNT_LIMIT - 1), st.integers(1, AMOUNT_LIMIT - 1))
    def test_two_amounts_of_a_bank_leave_nothing(self, euros: int, dollars: int) -> None:
        assume(Decimal("0.000000000001") <= Decimal(dollars) / euros < 10**12)
        told = rate_between("EUR", -euros, base="USD", base_minor=dollars, on=DAY)
        made = complete([line(EUR, -euros, -dollars), line(USD, dollars)], [told], LEDGER)
        assert bases(made) == [-dollars, dollars]
        assert told.source is RateSource.BANK_AMOUNTS
