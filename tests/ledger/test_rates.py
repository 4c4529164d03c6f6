"""What a unit of another currency is worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.models import RateSource
from counterfoil.ledger.rates import (
    RateUnusable,
    exact_minor,
    rate_between,
    refuse_unusable,
    rounded,
)

DAY = date(2026, 3, 9)


def between(euros: int, dollars: int) -> Rate:
    return rate_between("EUR", euros, base="USD", base_minor=dollars, on=DAY)


class TestRateBetween:
    @pytest.mark.parametrize(("euros", "dollars"), [(0, 5), (5, 0), (10**14, 1), (1, 10**15)])
    def test_there_is_none_for_amounts_that_fit_no_rate(self, euros: int, dollars: int) -> None:
        with pytest.raises(RateUnusable):
            between(euros, dollars)

    def test_is_what_one_unit_is_worth(self) -> None:
        assert between(-10000, 10833) == Rate(
            currency="EUR",
            rate=Decimal("1.083300000000"),
            rate_on=DAY,
            source=RateSource.BANK_AMOUNTS,
        )

    def test_heeds_the_digits_of_both_currencies(self) -> None:
        yen = rate_between("JPY", 1000, base="KWD", base_minor=2050, on=DAY)
        assert yen.rate == Decimal("0.00205")

    @given(st.integers(1, 10**10), st.integers(1, 10**10))
    def test_gives_back_the_one_amount_for_the_other(self, euros: int, dollars: int) -> None:
        told = between(euros, dollars)
        refuse_unusable(told, field=())
        assert rounded(exact_minor(euros, told, base="USD")) == dollars


class TestRounded:
    @pytest.mark.parametrize(
        ("exact", "minor"),
        [("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.5", 3), ("0.4999", 0), ("-0.4999", 0)],
    )
    def test_is_half_away_from_nothing(self, exact: str, minor: int) -> None:
        assert rounded(Decimal(exact)) == minor


class TestRefuseUnusable:
    @pytest.mark.parametrize(
        "text", ["0.000000000001", "999999999999.999999999999", "1.10000000000000"]
    )
    def test_twelve_digits_on_each_side_are_enough(self, text: str) -> None:
        rate = Rate(currency="EUR", rate=Decimal(text), rate_on=DAY, source=RateSource.TYPED)
        refuse_unusable(rate, field=())
