"""Money: exact at both ends, refused where it would have to be rounded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.money import (
    LIMIT_MINOR,
    AmountNotFinite,
    AmountOutOfRange,
    AmountTooPrecise,
    Money,
    UnknownCurrency,
    decimal_string,
    exponent_of,
    minor_units,
)

minors = st.integers(min_value=-LIMIT_MINOR + 1, max_value=LIMIT_MINOR - 1)
currencies = st.sampled_from(sorted(EXPONENTS))


class TestExponentOf:
    @pytest.mark.parametrize("currency", ["", "usd", "XAU", "BTC", "US", "USDX", "X:BTC"])
    def test_unknown_is_refused(self, currency: str) -> None:
        with pytest.raises(UnknownCurrency):
            exponent_of(currency)

    @pytest.mark.parametrize(
        ("currency", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0)]
    )
    def test_iso(self, currency: str, digits: int) -> None:
        assert exponent_of(currency) == digits

    def test_an_unofficial_currency_takes_what_is_given(self) -> None:
        assert exponent_of("X:BTC", 8) == 8

    def test_an_official_one_does_not(self) -> None:
        assert exponent_of("JPY", 2) == 0


class TestFromDecimal:
    @pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
    def test_what_is_no_number_is_refused(self, value: str) -> None:
        with pytest.raises(AmountNotFinite):
            Money.from_decimal(Decimal(value), "USD")

    @pytest.mark.parametrize(
        ("value", "currency"),
        [("0.001", "USD"), ("1.5", "JPY"), ("0.0001", "KWD"), ("1E-999999", "USD")],
    )
    def test_too_many_digits_are_refused(self, value: str, currency: str) -> None:
        with pytest.raises(AmountTooPrecise):
            Money.from_decimal(Decimal(value), currency)

    @pytest.mark.parametrize("value", ["1e308", "-1E+999999", "10000000000000000", "9" * 60])
    def test_too_large_is_refused(self, value: str) -> None:
        with pytest.raises(AmountOutOfRange):
            Money.from_decimal(Decimal(value), "USD")

    @pytest.mark.parametrize(
        ("value", "currency", "minor"),
        [
            ("12.34", "USD", 1234),
            ("-0.05", "USD", -5),
            ("-0.00", "USD", 0),
            ("0E+50", "USD", 0),
            ("0E-50", "USD", 0),
            ("1000.0", "JPY", 1000),
            ("1.2E+3", "JPY", 1200),
            ("1.500", "KWD", 1500),
            ("2.50000", "USD", 250),
            ("9999999999999999.99", "USD", LIMIT_MINOR - 1),
        ],
    )
    def test_exact(self, value: str, currency: str, minor: int) -> None:
        assert Money.from_decimal(Decimal(value), currency) == Money(minor, currency)

    def test_an_unofficial_currency_by_its_given_digits(self) -> None:
        assert Money.from_decimal(Decimal("0.00000001"), "X:BTC", exponent=8).amount_minor == 1

    @given(st.decimals(allow_nan=False, allow_infinity=False), currencies)
    def test_never_rounds(self, value: Decimal, currency: str) -> None:
        try:
            money = Money.from_decimal(value, currency)
        except (AmountTooPrecise, AmountOutOfRange):
            return
        assert Decimal(money.to_decimal_string()) == value


class TestMinorUnits:
    def test_a_refusal_names_where_the_client_put_it(self) -> None:
        assert minor_units(Decimal("-1.20"), "USD", field=("amount",)) == -120
        with pytest.raises(AmountTooPrecise) as refused:
            minor_units(Decimal("1.205"), "USD", field=("lines", "0", "amount"))
        assert refused.value.field == ("lines", "0", "amount")


class TestFromValuation:
    @pytest.mark.parametrize(
        ("value", "minor"),
        [("23631.9805", 2363198), ("0.125", 12), ("0.135", 14), ("-1.005", -100)],
    )
    def test_half_even(self, value: str, minor: int) -> None:
        assert Money.from_valuation(Decimal(value), "USD").amount_minor == minor

    def test_too_large_is_refused(self) -> None:
        with pytest.raises(AmountOutOfRange):
            Money.from_valuation(Decimal("1e308"), "USD")

    def test_rounding_up_to_the_limit_is_refused(self) -> None:
        with pytest.raises(AmountOutOfRange):
            Money.from_valuation(Decimal("9999999999999999.999"), "USD")

    def test_no_number_is_refused(self) -> None:
        with pytest.raises(AmountNotFinite):
            Money.from_valuation(Decimal("NaN"), "USD")


class TestToDecimalString:
    @pytest.mark.parametrize(
        ("minor", "currency", "text"),
        [
            (0, "USD", "0.00"),
            (5, "USD", "0.05"),
            (-5, "USD", "-0.05"),
            (-1234, "USD", "-12.34"),
            (1200, "JPY", "1200"),
            (1, "KWD", "0.001"),
            (10**17, "USD", "1000000000000000.00"),
        ],
    )
    def test_exactly_the_currencys_digits(self, minor: int, currency: str, text: str) -> None:
        assert Money(minor, currency).to_decimal_string() == text

    @given(minors, currencies)
    def test_round_trip(self, minor: int, currency: str) -> None:
        money = Money(minor, currency)
        assert Money.from_decimal(Decimal(money.to_decimal_string()), currency) == money

    @given(minors, st.integers(min_value=0, max_value=8))
    def test_form(self, minor: int, exponent: int) -> None:
        text = decimal_string(minor, exponent)
        whole, _, fraction = text.removeprefix("-").partition(".")
        assert len(fraction) == exponent
        assert whole == str(int(whole))
        assert text.startswith("-") == (minor < 0)


class TestBound:
    @pytest.mark.parametrize("minor", [LIMIT_MINOR, -LIMIT_MINOR, 2**63])
    def test_out_of_range_is_refused(self, minor: int) -> None:
        with pytest.raises(AmountOutOfRange):
            Money(minor, "USD")
