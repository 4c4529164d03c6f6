"""The scalars: exact both ways, or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.api.scalars import (
    parse_currency,
    parse_cursor,
    parse_date,
    parse_decimal,
    parse_moment,
    serialize_decimal,
    serialize_moment,
)


class TestDecimal:
    @pytest.mark.parametrize(
        "value",
        [
            *(1.5, 12, True, None, "", "1e3", "+1", "01", ".5", "5.", "1,5", " 1", "NaN"),
            *("Infinity", "-", "--1", "1.2.3", "9" * 19, "0." + "1" * 19, "١٢"),
        ],
    )
    def test_anything_but_a_plain_number_is_refused(self, value: object) -> None:
        with pytest.raises(GraphQLError, match="plain decimal number"):
            parse_decimal(value)

    @pytest.mark.parametrize("text", ["0", "-12.50", "999999999999999999.999999999999999999"])
    def test_a_plain_number_is_read_exactly(self, text: str) -> None:
        assert str(parse_decimal(text)) == text

    @pytest.mark.parametrize(
        ("value", "text"),
        [("-0.00", "0.00"), ("1E+3", "1000"), ("1E-7", "0.0000001"), ("-12.50", "-12.50")],
    )
    def test_is_written_plainly(self, value: str, text: str) -> None:
        assert serialize_decimal(Decimal(value)) == text

    def test_a_text_that_is_ready_passes(self) -> None:
        assert serialize_decimal("12.50") == "12.50"

    @pytest.mark.parametrize("value", [1.5, 1, Decimal("NaN")])
    def test_a_float_is_never_written(self, value: object) -> None:
        with pytest.raises(TypeError):
            serialize_decimal(value)

    @given(
        st.decimals(
            allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12
        )
    )
    def test_what_is_written_is_read_again(self, value: Decimal) -> None:
        assert parse_decimal(serialize_decimal(value)) == value


class TestDate:
    @pytest.mark.parametrize(
        "value", ["2026-02-30", "2026-1-3", "20260103", "2026-01-03T00:00:00Z", 20260103, None]
    )
    def test_what_is_no_day_is_refused(self, value: object) -> None:
        with pytest.raises(GraphQLError, match="Expected a date"):
            parse_date(value)

    def test_a_day_is_read(self) -> None:
        assert parse_date("2028-02-29") == date(2028, 2, 29)


class TestMoment:
    @pytest.mark.parametrize(
        "value",
        [
            *("2026-01-31T18:30:00", "2026-01-31", "2026-01-31T25:00:00Z"),
            *("2026-01-31 18:30:00Z", "0001-01-01T00:00:00+14:00"),
            *("2026-01-31T18:30:00+25:00", 5, None),
        ],
    )
    def test_what_is_no_moment_is_refused(self, value: object) -> None:
        with pytest.raises(GraphQLError, match="Expected a moment"):
            parse_moment(value)

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-01-31T18:30:00Z", datetime(2026, 1, 31, 18, 30, tzinfo=UTC)),
            ("2026-01-31t18:30:00.5z", datetime(2026, 1, 31, 18, 30, 0, 500_000, tzinfo=UTC)),
            ("2026-01-31T18:30:00-02:30", datetime(2026, 1, 31, 21, 0, tzinfo=UTC)),
            (
                "2026-01-31T18:30:00.123456789Z",
                datetime(2026, 1, 31, 18, 30, 0, 123_456, tzinfo=UTC),
            ),
        ],
    )
    def test_any_offset_is_read(self, text: str, moment: datetime) -> None:
        assert parse_moment(text) == moment

    def test_is_written_in_utc_with_milliseconds(self) -> None:
        there = timezone(timedelta(hours=2))
        moment = datetime(2026, 1, 31, 18, 30, 0, 999_999, tzinfo=there)
        assert serialize_moment(moment) == "2026-01-31T16:30:00.999Z"

    def test_one_without_zone_is_never_written(self) -> None:
        with pytest.raises(TypeError):
            serialize_moment(datetime(2026, 1, 31))  # noqa: DTZ001


class TestCurrencyAndCursor:
    @pytest.mark.parametrize("value", ["usd", "XXX", "X:", "X:\n", "X:" + "A" * 19, 840, None])
    def test_what_is_no_currency_is_refused(self, value: object) -> None:
        with pytest.raises(GraphQLError, match="currency code"):
            parse_currency(value)

    @pytest.mark.parametrize("value", ["EUR", "JPY", "X:BTC"])
    def test_a_currency_is_read(self, value: str) -> None:
        assert parse_currency(value) == value

    @pytest.mark.parametrize("value", ["", "x" * 8001, 5])
    def test_what_is_no_cursor_is_refused(self, value: object) -> None:
        with pytest.raises(GraphQLError, match="cursor"):
            parse_cursor(value)
