"""Ids and tokens in the shapes that Plaid gives them."""

from __future__ import annotations

import hashlib
import secrets
import uuid

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [first + second for second in _ALPHABET for first in _ALPHABET]


def derived_id(*parts: str, length: int = 37) -> str:
    """An id that is always the same for the same parts, 37 letters and digits like Plaid's."""
    number = int.from_bytes(hashlib.sha512("\x1f".join(parts).encode()).digest())
    pairs = []
    for _ in range((length + 1) // 2):
        number, index = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[index])
    return "".join(pairs)[:length]


def fresh_id(length: int = 37) -> str:
    """A random id of letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def fresh_token(kind: str) -> str:
    """A random token such as access-sandbox-<uuid>; `kind` is access, public or link."""
    return f"{kind}-sandbox-{uuid.uuid4()}"
