"""The live end of the feed of changes: one listener per process, and a fan-out in memory.

Redis only rings. For each organization that somebody here follows, the changes behind the last
place are read once and handed to every follower's bounded queue. A bell that was lost is made up
for by a slow look at the heads of the followed organizations.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from counterfoil.api.loaders import Loaders
from counterfoil.api.sharing import Answers
from counterfoil.changes import Changed, Place, changes_after, head, positions_of
from counterfoil.kit.clock import Clock
from counterfoil.unit_of_work import ChangeType
from counterfoil.viewer import Viewer

log = logging.getLogger(__name__)

BATCH = 500
QUEUE = 64
"""Batches that a follower may be behind before it is told to read anew."""
LOOK_SECONDS = 2.0


@dataclass(slots=True)
class Batch:
    """Changes in order, and the place behind them.

    Followers that are the same viewer share what is read for it, and those who also ask for the
    same share the answer.
    """

    changes: Sequence[Changed]
    head: Place
    answers: Answers = field(default_factory=Answers)
    _loaders: dict[Viewer, Loaders] = field(default_factory=dict)

    def loaders(self, viewer: Viewer) -> Loaders:
        """The reads of this viewer for this batch."""
        if viewer not in self._loaders:
            self._loaders[viewer] = Loaders(viewer)
        return self._loaders[viewer]


@dataclass(frozen=True, slots=True)
class Missed:
    """The follower was too slow, or away too long: it must read anew, and go on from `head`."""

    head: Place


Heard = Batch | Missed


class Follower:
    """One subscription's queue.

    `start` is the place from which on it hears every change of its `types`, and maybe of others.
    """

    def __init__(self, start: Place, types: frozenset[ChangeType]) -> None:
        self.start = start
        self.types = types
        self._queue: asyncio.Queue[Heard] = asyncio.Queue(QUEUE)

    def tell(self, batch: Batch) -> None:
        """Hand a batch over; when the queue is full, everything in it becomes one `Missed`."""
        try:
            self._queue.put_nowait(batch)
        except asyncio.QueueFull:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(Missed(batch.head))

    async def next(self) -> Heard:
        """What is heard next; waits for it."""
        return await self._queue.get()


@dataclass(slots=True)
class _Organization:
    viewer: Viewer
    place: Place
    followers: set[Follower] = field(default_factory=set)
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None

    def wanted(self) -> set[ChangeType]:
        """What its followers want to hear of, all together."""
        return {kind for follower in self.followers for kind in follower.types}


class Live:
    """The fan-out of one process. `run` must be running for followers to hear anything."""

    def __init__(
        self,
        *,
        listen: Callable[[], AsyncIterator[tuple[UUID, int] | None]],
        clock: Clock,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._listen = listen
        self._clock = clock
        self._look_seconds = look_seconds
        self._followed: dict[UUID, _Organization] = {}
        self._beginning: dict[UUID, asyncio.Lock] = {}

    async def run(self) -> None:
        """Listen until cancelled. Begun again, it goes on for the followers that there are."""
        for organization in self._followed.values():
            self._begin_reading(organization)
            organization.rung.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear())
                tasks.create_task(self._look())
        finally:
            for organization in self._followed.values():
                self._end_reading(organization)

    @asynccontextmanager
    async def following(
        self, organization_id: UUID, types: Iterable[ChangeType] = tuple(ChangeType)
    ) -> AsyncIterator[Follower]:
        """A follower that hears every change of these types from its `start` on."""
        organization = await self._organization(organization_id)
        follower = Follower(organization.place, frozenset(types))
        organization.followers.add(follower)
        try:
            yield follower
        finally:
            organization.followers.discard(follower)
            if not organization.followers:
                self._forget(organization_id, organization)

    async def _organization(self, organization_id: UUID) -> _Organization:
        async with self._beginning.setdefault(organization_id, asyncio.Lock()):
            found = self._followed.get(organization_id)
            if found is None:
                viewer = Viewer.system(organization_id)
                found = _Organization(viewer, await head(viewer, now=self._clock.now()))
                self._begin_reading(found)
                self._followed[organization_id] = found
            return found

    def _forget(self, organization_id: UUID, organization: _Organization) -> None:
        if self._followed.get(organization_id) is organization:
            del self._followed[organization_id]
            self._beginning.pop(organization_id, None)
        self._end_reading(organization)

    def _begin_reading(self, organization: _Organization) -> None:
        if organization.reading is None:
            organization.reading = asyncio.create_task(self._read(organization))

    def _end_reading(self, organization: _Organization) -> None:
        if organization.reading is not None:
            organization.reading.cancel()
            organization.reading = None

    async def _hear(self) -> None:
        async for ring in self._listen():
            if ring is None:
                self._wake_all()
            elif (organization := self._followed.get(ring[0])) is not None:
                self._wake(organization, ring[1])

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                positions = await positions_of(list(self._followed))
            except Exception:
                log.warning("the heads of changes could not be read, trying again", exc_info=True)
                continue
            for organization_id, position in positions.items():
                if (organization := self._followed.get(organization_id)) is not None:
                    self._wake(organization, position)

    def _wake(self, organization: _Organization, position: int) -> None:
        if position > organization.place.position:
            organization.rung.set()

    def _wake_all(self) -> None:
        for organization in self._followed.values():
            organization.rung.set()

    async def _read(self, organization: _Organization) -> None:
        while True:
            await organization.rung.wait()
            organization.rung.clear()
            try:
                while await self._read_batch(organization):
                    pass
            except Exception:
                log.warning("changes could not be read, trying again", exc_info=True)

    async def _read_batch(self, organization: _Organization) -> bool:
        """Read and hand out what is next; whether there may be more."""
        now = self._clock.now()
        wanted = organization.wanted()
        reached = await head(organization.viewer, now=now)
        found = await changes_after(
            organization.viewer, organization.place, types=wanted, limit=BATCH, now=now
        )
        if not organization.wanted() <= wanted:
            return True  # somebody joined meanwhile who also wants what was not read
        full = len(found) == BATCH
        behind = found[-1].place if found else reached
        if not full and behind.position <= reached.position:
            behind = reached
        organization.place = behind
        if found:
            batch = Batch(found, behind)
            for follower in organization.followers:
                follower.tell(batch)
        return full
