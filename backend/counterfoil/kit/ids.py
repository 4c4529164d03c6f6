"""Identifiers for rows: UUID version 7, so that new rows lie together in an index."""

from __future__ import annotations

import os
import time
from threading import Lock
from uuid import UUID

_NOISE_BITS = 74
_STEP_BITS = 32


class _Ascending:
    """Gives numbers of 122 bits, each greater than the one before: milliseconds, then noise."""

    def __init__(self) -> None:
        self._lock, self._last = Lock(), 0

    def next(self) -> int:
        millis = time.time_ns() // 1_000_000
        fresh = millis << _NOISE_BITS | _random(_NOISE_BITS)
        with self._lock:
            later = self._last + 1 + _random(_STEP_BITS)
            self._last = fresh if fresh > self._last else later
            return self._last


def _random(bits: int) -> int:
    return int.from_bytes(os.urandom((bits + 7) // 8), "big") & ((1 << bits) - 1)


_NUMBERS = _Ascending()


def new_id() -> UUID:
    """A UUID of version 7: 48 bits of Unix milliseconds, then random (RFC 9562, section 5.7).

    Those that one process makes ascend, also within a millisecond (section 6.2, method 2): what
    was written later sorts behind.
    """
    number = _NUMBERS.next()
    millis, noise = number >> _NOISE_BITS, number & ((1 << _NOISE_BITS) - 1)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return UUID(int=millis << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
