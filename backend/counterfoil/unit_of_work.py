"""One transaction, what it changed, and what must happen after it.

The unit of work takes the organization's next change position as its last statement, under the
row lock of the counter. Positions are therefore in the order of commits and without holes.
Doorbells and jobs leave only after the commit; losing them loses nothing, because the tick reads
both from the database.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import orjson
from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.transactions import in_transaction

from counterfoil.errors import CounterfoilError
from counterfoil.kit.clock import Clock
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import fetch

log = logging.getLogger(__name__)


class ChangeType(StrEnum):
    """The objects that clients follow."""

    BANK_ACCOUNT = "BANK_ACCOUNT"
    BANK_LINK = "BANK_LINK"
    BANK_TRANSACTION = "BANK_TRANSACTION"
    REFRESH = "REFRESH"
    LINK_SESSION = "LINK_SESSION"
    LEDGER_ACCOUNT = "LEDGER_ACCOUNT"
    JOURNAL_ENTRY = "JOURNAL_ENTRY"
    ACT = "ACT"
    ORGANIZATION = "ORGANIZATION"
    """It, or what holds for its books. Also told where a position was taken for nothing else."""


class ChangeKind(StrEnum):
    """Whether the object is there to be read, or is a tombstone."""

    UPSERTED = "UPSERTED"
    GONE = "GONE"


class ChangeHead(Model):
    """The newest change position of an organization, whose row lock orders the commits."""

    organization_id = fields.UUIDField(primary_key=True)
    position = fields.BigIntField()

    class Meta:
        table = "change_head"


class Change(Model):
    """One object that one transaction changed. Unique and ordered by (position, type, object).

    Every position has a row here, so that a hole tells of a loss. Bank lines have one only where
    nothing else would: the feed reads lines from themselves, and none of these rows.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    position = fields.BigIntField()
    type = fields.CharEnumField(ChangeType, max_length=20)
    object_id = fields.UUIDField()
    kind = fields.CharEnumField(ChangeKind, max_length=10)
    revision = fields.IntField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "change"
        unique_together = (("organization_id", "position", "type", "object_id"),)
        indexes = (Index(fields=["changed_at"]),)


class IdempotencyKey(Model):
    """What one call with a key did, so that repeating it gives the same objects."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    actor = fields.CharField(max_length=80)
    operation = fields.CharField(max_length=60)
    key = fields.CharField(max_length=128)
    input_hash = fields.CharField(max_length=64)
    object_id = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("organization_id", "actor", "operation", "key"),)
        indexes = (Index(fields=["created_at"]),)


@dataclass(frozen=True, slots=True)
class Job:
    """Work for the worker: a name and ids. `key` makes the same job twice one job."""

    name: str
    arguments: Mapping[str, str | int]
    key: str


class IdempotencyKeyInvalid(CounterfoilError):
    """A key that is too short, too long, or not printable."""

    code = "INVALID_INPUT"
    field = ("idempotency_key",)

    def __init__(self) -> None:
        super().__init__("The idempotency key must be 8 to 128 printable ASCII characters.")


class IdempotencyKeyReused(CounterfoilError):
    """The key was used before, for another input."""

    code = "IDEMPOTENCY_KEY_REUSED"
    field = ("idempotency_key",)

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request. Make a new one.")


class InProgress(CounterfoilError):
    """The first call with this key has not ended yet."""

    code = "IN_PROGRESS"
    field = ("idempotency_key",)
    retryable = True

    def __init__(self) -> None:
        super().__init__("The first request with this key is still running. Ask again shortly.")


class DoorbellLost(Exception):
    """A bell or a job did not get through. The tick makes up for it."""


class JobQueue(Protocol):
    """Where jobs go after the commit. May raise `DoorbellLost`."""

    async def enqueue(self, job: Job) -> None: ...


class Bell(Protocol):
    """Tells every process that an organization has changes. May raise `DoorbellLost`."""

    async def ring(self, organization_id: UUID, position: int) -> None: ...


@dataclass(frozen=True, slots=True)
class _Touched:
    type: ChangeType
    object_id: UUID


@dataclass(slots=True)
class UnitOfWork:
    """What is being changed in one transaction of one organization, for which request."""

    organization_id: UUID
    now: datetime
    request_id: str | None = None
    _touched: dict[_Touched, tuple[ChangeKind, int | None]] = field(default_factory=dict)
    _jobs: list[Job] = field(default_factory=list)
    _position: int | None = None

    async def position(self) -> int:
        """This transaction's change position, taken at the first call.

        Taking it holds the organization's counter until the commit. A pull asks late, after the
        thinking and before the rows that carry it; an act in the books asks first, so that acts
        on the same books come one after the other.
        """
        if self._position is None:
            self._position = await _next_position(self.organization_id)
        return self._position

    def upserted(self, what: ChangeType, object_id: UUID, revision: int | None) -> None:
        """Say that an object was written; the last word for one object counts."""
        self._touched[_Touched(what, object_id)] = (ChangeKind.UPSERTED, revision)

    def gone(self, what: ChangeType, object_id: UUID) -> None:
        """Say that an object can no longer be read; it leaves a tombstone."""
        self._touched[_Touched(what, object_id)] = (ChangeKind.GONE, None)

    def enqueue(self, job: Job) -> None:
        """Hand a job over once the transaction has committed."""
        self._jobs.append(job)

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A part that can fail alone: an error takes back what it wrote, told and enqueued.

        The error goes on to the caller, and the transaction with it unless the caller stops it.
        """
        await self.position()
        touched, jobs = dict(self._touched), list(self._jobs)
        try:
            async with in_transaction():
                yield
        except BaseException:
            self._touched, self._jobs = touched, jobs
            raise

    async def _write_changes(self) -> int | None:
        if not self._touched:
            if self._position is None:
                return None
            self.upserted(ChangeType.ORGANIZATION, self.organization_id, None)
        position = await self.position()
        rows = [
            Change(
                organization_id=self.organization_id,
                position=position,
                type=what.type,
                object_id=what.object_id,
                kind=kind,
                revision=revision,
                changed_at=self.now,
            )
            for what, (kind, revision) in self._touched.items()
        ]
        await Change.bulk_create(rows, batch_size=1000)
        return position


async def _next_position(organization_id: UUID) -> int:
    """Take the next position; holds the counter's row lock until the transaction ends."""
    [row] = await fetch(
        "INSERT INTO change_head (organization_id, position) VALUES ($1, 1) "
        "ON CONFLICT (organization_id) DO UPDATE SET position = change_head.position + 1 "
        "RETURNING position",
        organization_id,
    )
    return int(row["position"])


@dataclass(frozen=True, slots=True)
class Transactions:
    """Opens units of work; made once per process by the composition root."""

    clock: Clock
    bell: Bell
    queue: JobQueue

    @asynccontextmanager
    async def begin(
        self, organization_id: UUID, *, request_id: str | None = None
    ) -> AsyncIterator[UnitOfWork]:
        """Run the body in one transaction; ring and enqueue once it has committed."""
        uow = UnitOfWork(organization_id, self.clock.now(), request_id)
        async with in_transaction():
            yield uow
            position = await uow._write_changes()
        await self._announce(uow, position)

    async def _announce(self, uow: UnitOfWork, position: int | None) -> None:
        try:
            for job in uow._jobs:
                await self.queue.enqueue(job)
            if position is not None:
                await self.bell.ring(uow.organization_id, position)
        except DoorbellLost as lost:
            log.warning("a doorbell was lost, the next tick makes up for it: %s", lost)


def input_hash(key: str, asked: object) -> str:
    """What tells one input of a key from another: the SHA-256 of `asked` (see `once`), in hex.

    Raises:
        IdempotencyKeyInvalid: the key is none.
    """
    if not 8 <= len(key) <= 128 or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid
    return hashlib.sha256(orjson.dumps(asked, default=str)).hexdigest()


async def once(
    uow: UnitOfWork, *, actor: str, operation: str, key: str, asked: object, object_id: UUID
) -> UUID:
    """Claim a key for `object_id`, or learn which object it was used for: that id is returned.

    `asked` is the whole input (a dataclass of plain values); the same key with another input is
    refused. A second call waits for the first one's transaction.

    Raises:
        IdempotencyKeyInvalid, IdempotencyKeyReused.
    """
    digest = input_hash(key, asked)
    scope: dict[str, Any] = {
        "organization_id": uow.organization_id,
        "actor": actor,
        "operation": operation,
    }
    row = IdempotencyKey(
        **scope, key=key, input_hash=digest, object_id=object_id, created_at=uow.now
    )
    await IdempotencyKey.bulk_create([row], ignore_conflicts=True)
    kept = await IdempotencyKey.get(**scope, key=key)
    if kept.input_hash != digest:
        raise IdempotencyKeyReused
    return kept.object_id


async def forget(uow: UnitOfWork, *, object_id: UUID) -> None:
    """Free the key that was claimed for this object: a refusal stores nothing."""
    await IdempotencyKey.filter(organization_id=uow.organization_id, object_id=object_id).delete()


CHANGES_KEPT = timedelta(days=91)
"""A day longer than a cursor lives: moments follow the order of commits only roughly."""
KEYS_KEPT = timedelta(days=7)


async def prune(now: datetime) -> None:
    """Forget changes and idempotency keys that are past their time."""
    await Change.filter(changed_at__lt=now - CHANGES_KEPT).delete()
    await IdempotencyKey.filter(created_at__lt=now - KEYS_KEPT).delete()
