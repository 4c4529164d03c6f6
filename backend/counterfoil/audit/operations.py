"""Writing down who did what. Called by every operation that a person's act reaches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from counterfoil.audit.models import AuditEvent
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

FIRST_HASH = "0" * 64
"""What the first event of an organization names as its predecessor's hash."""

Facts = Mapping[str, Any]
"""Columns of an object: texts, whole numbers, truth, dates, ids, lists and dicts of these."""


async def record(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    action: str,
    object_type: str,
    object_id: UUID,
    before: Facts | None = None,
    after: Facts | None = None,
) -> AuditEvent:
    """Append an event to the organization's chain, in the transaction of the act itself.

    `action` is the operation in words of the API ("bookTransaction"), `object_type` a GraphQL
    type. `before` and `after` name only what changed; never secrets, and of bank lines only ids.
    Takes the organization's counter, under whose lock the chain has no two ends.
    """
    await uow.position()
    newest = (
        await AuditEvent.filter(organization_id=uow.organization_id).order_by("-sequence").first()
    )
    event = AuditEvent(
        organization_id=uow.organization_id,
        sequence=newest.sequence + 1 if newest else 1,
        happened_at=uow.now,
        actor_kind=viewer.actor_kind,
        user_id=viewer.user_id,
        action=action,
        object_type=object_type,
        object_id=object_id,
        before=_plain(before),
        after=_plain(after),
        request_id=uow.request_id,
        previous_hash=newest.hash if newest else FIRST_HASH,
    )
    event.hash = hash_of(event)
    await event.save()
    return event


def hash_of(event: AuditEvent) -> str:
    """The SHA-256 over an event's facts and its predecessor's hash, as JSON with sorted keys."""
    facts = {
        "organization": event.organization_id,
        "sequence": event.sequence,
        "happened_at": event.happened_at.isoformat(),
        "actor": [event.actor_kind, event.user_id],
        "action": event.action,
        "object": [event.object_type, event.object_id],
        "before": event.before,
        "after": event.after,
        "request_id": event.request_id,
        "previous_hash": event.previous_hash,
    }
    return hashlib.sha256(_json(facts)).hexdigest()


def _plain(facts: Facts | None) -> dict[str, Any] | None:
    """The facts as they will be read back, so that they hash alike."""
    plain: dict[str, Any] | None = orjson.loads(_json(facts)) if facts is not None else None
    return plain


def _json(facts: Facts) -> bytes:
    return orjson.dumps(facts, default=_text_of_id, option=orjson.OPT_SORT_KEYS)


def _text_of_id(value: object) -> str:
    """An id as PostgreSQL's driver gives it: a UUID of a class of its own."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError
