"""The lines that banks report."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index

from counterfoil.kit.ids import new_id


class BankTransaction(Model):
    """A line of one bank account.

    `amount_minor` is minor units of `currency`; + is money into the account, − is out. `dated_on`
    is the bank's own date (posting date of a posted line, day of occurrence of a pending one) and
    never meets a time zone. `raw_hash` recognises an unchanged line before it is read.
    `change_position` is the organization's position at which the line last changed: lines are
    their own entries in the feed of changes, so that a long history is not written twice.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_account: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.BankAccount", related_name="transactions", on_delete=fields.RESTRICT
    )
    bank_account_id: UUID
    aggregator_id = fields.CharField(max_length=128)
    pending = fields.BooleanField()
    dated_on = fields.DateField()
    occurred_on = fields.DateField(null=True)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=16)
    exponent = fields.SmallIntField()
    description = fields.CharField(max_length=500)
    bank_description = fields.CharField(max_length=1000, null=True)
    counterparty = fields.CharField(max_length=200, null=True)
    check_number = fields.CharField(max_length=40, null=True)
    category = fields.CharField(max_length=80, null=True)
    raw_hash = fields.CharField(max_length=32)
    reconciled_minor = fields.BigIntField(default=0)
    removed_at = fields.DatetimeField(null=True)
    first_refresh_id = fields.UUIDField()
    last_refresh_id = fields.UUIDField()
    changed_at = fields.DatetimeField()
    change_position = fields.BigIntField()
    revision = fields.IntField(default=1)

    class Meta:
        table = "bank_transaction"
        unique_together = (("bank_account_id", "aggregator_id"),)
        indexes = (
            Index(fields=["last_refresh_id"]),
            Index(fields=["bank_account_id", "dated_on", "id"]),
            Index(fields=["organization_id", "change_position", "id"]),
        )
