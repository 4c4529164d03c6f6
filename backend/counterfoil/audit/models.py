"""Who did what to which object, when, with what it was before and after."""

from __future__ import annotations

from typing import Any

from tortoise import Model, fields
from tortoise.indexes import Index

from counterfoil.kit.ids import new_id
from counterfoil.viewer import ActorKind


class AuditEvent(Model):
    """One thing that was done, which the database refuses to change or delete.

    `hash` is over everything in the row and `previous_hash`, so that the events of an
    organization form a chain in the order of `sequence`, which has no holes. `before` and `after`
    hold no secrets, and bank lines by id only.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    sequence = fields.BigIntField()
    happened_at = fields.DatetimeField()
    actor_kind = fields.CharEnumField(ActorKind, max_length=8)
    user_id = fields.UUIDField(null=True)
    action = fields.CharField(max_length=60)
    object_type = fields.CharField(max_length=40)
    object_id = fields.UUIDField()
    before = fields.JSONField[dict[str, Any]](null=True)
    after = fields.JSONField[dict[str, Any]](null=True)
    request_id = fields.CharField(max_length=64, null=True)
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "audit_event"
        unique_together = (("organization_id", "sequence"),)
        indexes = (Index(fields=["organization_id", "object_id", "sequence"]),)
