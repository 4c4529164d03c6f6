"""Passwords: argon2id, worked out beside the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_A_TIME = 2
"""Hashes worked out together; each takes 64 MiB."""


class Passwords:
    """Makes and checks hashes. The default strength is RFC 9106's for little memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_A_TIME)

    async def hash(self, password: str) -> str:
        """A salted hash to keep."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether this is the password; without a hash a no, which takes as long as any no."""
        async with self._turn:
            return await asyncio.to_thread(self._verify, password, kept)

    def weaker(self, kept: str) -> bool:
        """Whether a hash was made with less strength than is used today."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, password: str, kept: str | None) -> bool:
        nobodys = self._nobodys  # made at the first check of any kind, so that none stands out
        try:
            self._hasher.verify(kept or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(32))
