"""How long to wait before work that died is started again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 0.5
LONGEST = 30.0
GOOD_WHILE = 60.0
"""Seconds: the first pause, the longest, and the life after which a death counts as the first."""


@dataclass(slots=True)
class Pauses:
    """Doubles from death to death, up to a cap; what lived well begins anew."""

    _next: float = FIRST

    def after(self, *, lived: float) -> float:
        """The pause in seconds for what lived for `lived` seconds."""
        if lived >= GOOD_WHILE:
            self._next = FIRST
        pause = self._next
        self._next = min(pause * 2, LONGEST)
        return pause
