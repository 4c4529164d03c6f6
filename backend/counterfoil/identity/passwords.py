"""Passwords: argon2id, worked out beside the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from counterfoil.errors import CounterfoilError

AT_A_TIME = 2
"""Hashes worked out together; each takes 64 MiB."""
WAITING = 30
"""How many may wait for their turn."""


class TooManyWaiting(CounterfoilError):
    """More people sign in at this moment than passwords can be checked for."""

    code = "RATE_LIMITED"
    retryable = True

    def __init__(self) -> None:
        super().__init__("Many people are signing in at this moment. Try again in a minute.")


class Passwords:
    """Makes and checks hashes. The default strength is RFC 9106's for little memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """A salted hash to keep.

        Raises:
            TooManyWaiting.
        """
        async with self._a_turn():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether this is the password; without a hash a no, which takes as long as any no.

        Raises:
            TooManyWaiting.
        """
        async with self._a_turn():
            return await asyncio.to_thread(self._verify, password, kept)

    @asynccontextmanager
    async def _a_turn(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING:
            raise TooManyWaiting
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

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
