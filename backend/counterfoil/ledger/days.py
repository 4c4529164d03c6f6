"""The days that books are kept for: pure.

Whatever looks at the day before or after one of them never leaves the calendar.
"""

from __future__ import annotations

from datetime import date

from counterfoil.errors import InvalidInput

FIRST_KEPT, LAST_KEPT = date(1900, 1, 1), date(2199, 12, 31)


class DayOutOfRange(InvalidInput):
    """No books are kept for that day."""

    def __init__(self, on: date, *, field: tuple[str, ...]) -> None:
        self.on = on
        super().__init__(
            f"Books are kept from {FIRST_KEPT.isoformat()} to {LAST_KEPT.isoformat()}, not for "
            f"{on.isoformat()}. Correct the year.",
            field=field,
        )


def refuse_out_of_range(on: date, *, field: tuple[str, ...]) -> None:
    """Pass silently when books are kept for that day.

    Raises:
        DayOutOfRange.
    """
    if not FIRST_KEPT <= on <= LAST_KEPT:
        raise DayOutOfRange(on, field=field)
