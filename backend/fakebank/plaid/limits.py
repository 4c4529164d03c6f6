"""Plaid's rate limits, counted by the virtual clock in a sliding minute. In memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls a minute, for one Item and for the whole client, and the code of the refusal."""

    code: str
    per_item: int
    per_client: int


LIMITS = {
    "/transactions/sync": Limit("TRANSACTIONS_SYNC_LIMIT", 50, 1000),
    "/transactions/refresh": Limit("TRANSACTIONS_REFRESH_LIMIT", 2, 100),
    "/accounts/get": Limit("ACCOUNTS_LIMIT", 15, 5000),
    "/accounts/balance/get": Limit("BALANCE_LIMIT", 5, 1200),
    "/item/get": Limit("ITEM_GET_LIMIT", 15, 5000),
}


class Limiter:
    """Counts calls. A refused call does not count."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str], deque[datetime]] = {}

    def refusal(self, path: str, *, item_id: str | None, now: datetime) -> str | None:
        """Count a call; the code to refuse it with when it is one too many."""
        limit = LIMITS.get(path)
        if limit is None or item_id is None:
            return None
        item_calls, client_calls = self._recent(path, item_id, now), self._recent(path, "", now)
        if len(item_calls) >= limit.per_item or len(client_calls) >= limit.per_client:
            return limit.code
        item_calls.append(now)
        client_calls.append(now)
        return None

    def _recent(self, path: str, whose: str, now: datetime) -> deque[datetime]:
        calls = self._calls.setdefault((path, whose), deque())
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        return calls
