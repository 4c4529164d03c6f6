"""How many operations one person may have running at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from counterfoil.api.refusals import Refused, RequestCode
from counterfoil.api.scalars import serialize_moment
from counterfoil.kit.clock import Clock

AT_A_TIME = 24
_PAUSE = timedelta(seconds=1)


class Turns:
    """Counts what runs in this process, by person."""

    def __init__(self, clock: Clock, *, at_a_time: int = AT_A_TIME) -> None:
        self._clock = clock
        self._at_a_time = at_a_time
        self._running: Counter[UUID | None] = Counter()

    @contextmanager
    def taken(self, person: UUID | None) -> Iterator[None]:
        """Count one operation while the block runs.

        Raises:
            Refused: RATE_LIMITED, as many are running already.
        """
        if self._running[person] >= self._at_a_time:
            raise Refused(
                RequestCode.RATE_LIMITED,
                f"You have {self._at_a_time} requests running already. Wait for one to end.",
                headers={"Retry-After": "1"},
                retryable=True,
                retryAt=serialize_moment(self._clock.now() + _PAUSE),
            )
        self._running[person] += 1
        try:
            yield
        finally:
            self._running[person] -= 1
            if not self._running[person]:
                del self._running[person]
