"""Fiscal years and the numbers in them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.numbering import fiscal_year_of, shown_number


class TestFiscalYear:
    @pytest.mark.parametrize(
        ("on", "starts_in", "year"),
        [
            (date(2026, 1, 1), 1, 2026),
            (date(2026, 12, 31), 1, 2026),
            (date(2026, 6, 30), 7, 2026),
            (date(2026, 7, 1), 7, 2027),
            (date(2026, 11, 30), 12, 2026),
            (date(2026, 12, 1), 12, 2027),
            (date(2026, 1, 31), 2, 2026),
            (date(2026, 2, 1), 2, 2027),
        ],
    )
    def test_is_named_by_the_year_that_it_ends_in(
        self, on: date, starts_in: int, year: int
    ) -> None:
        assert fiscal_year_of(on, starts_in=starts_in) == year

    @given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
    def test_changes_on_the_first_of_its_month_only(self, on: date, starts_in: int) -> None:
        before = on - timedelta(days=1)
        changes = fiscal_year_of(on, starts_in=starts_in) - fiscal_year_of(
            before, starts_in=starts_in
        )
        assert changes == ((on.month, on.day) == (starts_in, 1))


@pytest.mark.parametrize(
    ("number", "shown"), [(1, "2026-0001"), (43, "2026-0043"), (12345, "2026-12345")]
)
def test_a_number_has_at_least_four_digits(number: int, shown: str) -> None:
    assert shown_number(2026, number) == shown
