"""Identifiers for rows: UUID version 7, so that new rows lie together in an index."""

from __future__ import annotations

import os
import time
from uuid import UUID

_MASK_74 = (1 << 74) - 1


def new_id() -> UUID:
    """A UUID of version 7: 48 bits of Unix milliseconds, then random (RFC 9562, section 5.7)."""
    millis = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big") & _MASK_74
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return UUID(int=millis << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
