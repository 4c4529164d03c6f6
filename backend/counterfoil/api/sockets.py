"""The open websockets of this process, each closed when its session ends or its rights change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from counterfoil.api.outages import is_outage
from counterfoil.identity.queries import SignedIn, still_signed_in
from counterfoil.kit.clock import Clock
from counterfoil.viewer import Viewer

log = logging.getLogger(__name__)

CHECK_SECONDS = 10.0
SESSION_OVER = 4401
RESTART = 1012


@dataclass(frozen=True, slots=True, eq=False)
class OpenSocket:
    """One socket that was let in; `close` takes a code and a reason and does not wait."""

    person: SignedIn
    close: Callable[[int, str], None]


class OpenSockets:
    """Asks for all sockets at once whether their people are still signed in."""

    def __init__(self, clock: Clock, *, every: float = CHECK_SECONDS) -> None:
        self._clock = clock
        self._every = every
        self._sockets: set[OpenSocket] = set()

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: OpenSocket) -> None:
        self._sockets.add(socket)

    def discard(self, socket: OpenSocket) -> None:
        self._sockets.discard(socket)

    async def run(self) -> None:
        """Check again and again, for as long as the process lives."""
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.check()
            except Exception as error:  # whatever it is, the next check must come
                details = None if is_outage(error) else error
                log.warning("sockets were not checked, trying again: %s", error, exc_info=details)

    async def check(self) -> None:
        """Close the sockets of sessions that have ended, and of people whose rights changed."""
        checked = list(self._sockets)
        if not checked:
            return
        sessions = {socket.person.session_id for socket in checked}
        viewers = await still_signed_in(sessions, now=self._clock.now())
        for socket in checked:
            self._judge(socket, viewers)

    def _judge(self, socket: OpenSocket, viewers: Mapping[tuple[UUID, UUID], Viewer]) -> None:
        was = socket.person.viewer
        now = viewers.get((socket.person.session_id, was.organization_id))
        if now is None:
            socket.close(SESSION_OVER, "Your sign-in has ended. Sign in again.")
        elif now != was:
            socket.close(RESTART, "Your rights have changed. Connect again.")
        else:
            return
        self.discard(socket)
