"""A company's real bank and card accounts. They outlive the logins that bring them in."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import Model, fields

from counterfoil.aggregators.port import AccountType
from counterfoil.kit.ids import new_id


class FeedState(StrEnum):
    """What the bank says of one account, beside the health of its login."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    ACCESS_LOST = "ACCESS_LOST"


class BankAccount(Model):
    """One account at a bank.

    Balances are minor units of `currency` (`exponent` digits), + is the company's money, an amount
    owed is negative; null was never reported. `balance_as_of` only where the bank stated it.
    `name` follows `bank_name` until somebody renames it (`renamed_at`). `edited_revision` is the
    revision at which a person last changed it: a pull that comes between a person's reading and
    writing is no conflict.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_link: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.BankLink", related_name="accounts", null=True, on_delete=fields.RESTRICT
    )
    bank_link_id: UUID | None
    aggregator_id = fields.CharField(max_length=128, null=True)
    name = fields.CharField(max_length=120)
    bank_name = fields.CharField(max_length=120)
    renamed_at = fields.DatetimeField(null=True)
    memo = fields.CharField(max_length=500, null=True)
    number = fields.CharField(max_length=8, null=True)
    type = fields.CharEnumField(AccountType, max_length=12)
    subtype = fields.CharField(max_length=40, null=True)
    currency = fields.CharField(max_length=16)
    exponent = fields.SmallIntField()
    feed_state = fields.CharEnumField(FeedState, max_length=12, default=FeedState.OPEN)
    current_minor = fields.BigIntField(null=True)
    available_minor = fields.BigIntField(null=True)
    limit_minor = fields.BigIntField(null=True)
    balance_as_of = fields.DatetimeField(null=True)
    balance_received_at = fields.DatetimeField(null=True)
    ledger_account: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="bank_accounts", null=True, on_delete=fields.RESTRICT
    )
    ledger_account_id: UUID | None
    start_on = fields.DateField(null=True)
    hidden_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    revision = fields.IntField(default=1)
    edited_revision = fields.IntField(default=1)

    class Meta:
        table = "bank_account"
        unique_together = (("bank_link_id", "aggregator_id"),)


class BalanceReport(Model):
    """A balance as the bank reported it once, and every one is kept."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    bank_account: fields.ForeignKeyRelation[BankAccount] = fields.ForeignKeyField(
        "models.BankAccount", related_name="balance_reports"
    )
    bank_account_id: UUID
    refresh_id = fields.UUIDField()
    current_minor = fields.BigIntField(null=True)
    available_minor = fields.BigIntField(null=True)
    limit_minor = fields.BigIntField(null=True)
    as_of = fields.DatetimeField(null=True)
    received_at = fields.DatetimeField()

    class Meta:
        table = "balance_report"
        unique_together = (("bank_account_id", "refresh_id"),)
