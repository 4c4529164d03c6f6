"""The chart of accounts."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import Model, fields

from counterfoil.kit.ids import new_id


class LedgerAccountType(StrEnum):
    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


class LedgerAccount(Model):
    """An account of the books. Without a currency it takes any."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    number = fields.CharField(max_length=20)
    name = fields.CharField(max_length=120)
    type = fields.CharEnumField(LedgerAccountType, max_length=10)
    currency = fields.CharField(max_length=3, null=True)
    parent: fields.ForeignKeyNullableRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    parent_id: UUID | None
    inactive_at = fields.DatetimeField(null=True)
    revision = fields.IntField(default=1)

    class Meta:
        table = "ledger_account"
        unique_together = (("organization_id", "number"),)
