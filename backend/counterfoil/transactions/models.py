"""The lines that banks report, and what people say of them before they are booked."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
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
    `reconciled_minor` has the sign of the amount and reaches it when the line is reconciled; the
    database keeps it at the sum of its matches. While it is not 0, amount and date stay.
    `binding_revision` is the revision at which what a person's act depends on last changed: amount,
    date, currency, pending, withdrawn, or what people did with it. A pull that only tells the line
    in other words is no conflict. `adrift_at` is set while no login names the line: its account
    was deleted or its login taken over, and the history that tells which line it is has not come.
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
    excluded_at = fields.DatetimeField(null=True)
    to_check_at = fields.DatetimeField(null=True)
    undecided_at = fields.DatetimeField(null=True)
    comment = fields.CharField(max_length=500, null=True)
    removed_at = fields.DatetimeField(null=True)
    first_refresh_id = fields.UUIDField()
    last_refresh_id = fields.UUIDField()
    changed_at = fields.DatetimeField()
    change_position = fields.BigIntField()
    revision = fields.IntField(default=1)
    binding_revision = fields.IntField(default=1, db_default=1)
    adrift_at = fields.DatetimeField(null=True)

    class Meta:
        table = "bank_transaction"
        unique_together = (("bank_account_id", "aggregator_id"),)
        indexes = (
            Index(fields=["last_refresh_id"]),
            Index(fields=["bank_account_id", "dated_on", "id"]),
            Index(fields=["organization_id", "change_position", "id"]),
        )


class Exclusion(Model):
    """Why a line was taken out of review. It goes when the line is restored."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bank_transaction: fields.OneToOneRelation[BankTransaction] = fields.OneToOneField(
        "models.BankTransaction", related_name="exclusion", on_delete=fields.CASCADE
    )
    bank_transaction_id: UUID
    reason = fields.CharField(max_length=500)
    actor = fields.CharField(max_length=80)
    act_id = fields.UUIDField()
    excluded_at = fields.DatetimeField()

    class Meta:
        table = "exclusion"
        indexes = (Index(fields=["act_id"]),)


class RememberedExclusion(Model):
    """That a line which was erased had been excluded, and why.

    The line comes back excluded with its account: the `ordinal`-th line (from 1) with this
    `fingerprint`, an HMAC of what the line said under the cleaning of `version`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    bank_account: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.BankAccount", related_name="remembered_exclusions", on_delete=fields.CASCADE
    )
    bank_account_id: UUID
    fingerprint = fields.CharField(max_length=64)
    version = fields.SmallIntField()
    ordinal = fields.SmallIntField()
    reason = fields.CharField(max_length=500)
    actor = fields.CharField(max_length=80)
    act_id = fields.UUIDField()
    excluded_at = fields.DatetimeField()

    class Meta:
        table = "remembered_exclusion"
        unique_together = (("bank_account_id", "fingerprint", "ordinal"),)


class PreparedCoding(Model):
    """How a person means to book a line: kept from pending on, and suggested when it posts.

    `coding` is `{"memo": str | null, "lines": [{"ledger_account_id": str, "amount_minor": int,
    "memo": str | null}]}`, amounts in the line's currency and of its sign. `amount_minor` is what
    the line's amount was then.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    bank_transaction: fields.OneToOneRelation[BankTransaction] = fields.OneToOneField(
        "models.BankTransaction", related_name="prepared_coding", on_delete=fields.CASCADE
    )
    bank_transaction_id: UUID
    amount_minor = fields.BigIntField()
    coding = fields.JSONField[dict[str, Any]]()
    actor = fields.CharField(max_length=80)
    prepared_at = fields.DatetimeField()

    class Meta:
        table = "prepared_coding"


class ReviewKind(StrEnum):
    """What the bank did to a line after it was booked."""

    CHANGED = "CHANGED"
    WITHDRAWN = "WITHDRAWN"


class ReviewItem(Model):
    """A booked line that the bank changed or withdrew: a person decides, nothing moves before.

    `reported` is what the bank says now, as the columns of the line (null when withdrawn). One
    item of a line is open at a time; a later report takes the place of the earlier one. `replaced`
    is what the decision of the act `act_id` took the place of, to take it back (null: of nothing);
    it is kept here, and not with the act, so that it goes with an erased line.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_transaction: fields.ForeignKeyRelation[BankTransaction] = fields.ForeignKeyField(
        "models.BankTransaction", related_name="review_items", on_delete=fields.CASCADE
    )
    bank_transaction_id: UUID
    kind = fields.CharEnumField(ReviewKind, max_length=10)
    reported = fields.JSONField[dict[str, Any]](null=True)
    refresh_id = fields.UUIDField()
    raised_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    resolution = fields.CharField(max_length=20, null=True)
    reason = fields.CharField(max_length=500, null=True)
    act_id = fields.UUIDField(null=True)
    replaced = fields.JSONField[dict[str, Any]](null=True)

    class Meta:
        table = "review_item"
        indexes = (Index(fields=["bank_transaction_id", "resolved_at"]),)
