"""The virtual clock: real time plus an offset that a person or a test moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _real_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Tells the bank's time, an aware UTC moment, which only ever moves forward."""

    def __init__(
        self, *, offset: timedelta = timedelta(0), real_time: Callable[[], datetime] = _real_time
    ) -> None:
        self._real_time = real_time
        self.offset = offset

    def now(self) -> datetime:
        """The bank's moment, aware, in UTC."""
        return self._real_time() + self.offset

    def real_now(self) -> datetime:
        """The real moment, for what others check by their own clock."""
        return self._real_time()

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("the clock only moves forward: lines that have come cannot un-come")
        self.offset += by
