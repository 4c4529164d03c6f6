"""Plaid's rate limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fakebank.plaid.limits import LIMITS, Limiter

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SYNC = "/transactions/sync"


class TestLimiter:
    def test_other_calls_are_not_counted(self) -> None:
        limiter = Limiter()
        told = {limiter.refusal("/link/token/get", item_id=None, now=NOW) for _ in range(9999)}
        assert told == {None}

    def test_items_are_counted_apart(self) -> None:
        limiter = Limiter()
        first = [limiter.refusal(SYNC, item_id="1", now=NOW) for _ in range(51)]
        assert first == [None] * 50 + ["TRANSACTIONS_SYNC_LIMIT"]
        assert limiter.refusal(SYNC, item_id="2", now=NOW) is None

    def test_client_is_counted_too(self) -> None:
        limiter = Limiter()
        told = [limiter.refusal(SYNC, item_id=str(n // 50), now=NOW) for n in range(1001)]
        assert told == [None] * 1000 + ["TRANSACTIONS_SYNC_LIMIT"]

    @given(seconds=st.lists(st.integers(0, 200), max_size=300))
    def test_never_more_than_the_limit_in_any_minute(self, seconds: list[int]) -> None:
        limiter, passed = Limiter(), []
        for second in sorted(seconds):
            if limiter.refusal("/accounts/get", item_id="1", now=NOW + timedelta(seconds=second)):
                continue
            passed.append(second)
        for begin in passed:
            inside = [each for each in passed if begin <= each < begin + 60]
            assert len(inside) <= LIMITS["/accounts/get"].per_item
