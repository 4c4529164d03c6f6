"""A company's real bank and card accounts. They outlive the logins that bring them in."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index

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

    The row outlives its logins. A deleted one (`deleted_at`) has no login and keeps only lines that
    are matched; it comes back when a person adds it again. `wanted_at` is when a person asked for
    it back on a login that lives: the next pull of that login brings its whole history. One that
    turned out to be another one's double is deleted and names that one in `absorbed_by`.
    `untied_because` says why it came back without the ledger account that it had.
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
    wanted_at = fields.DatetimeField(null=True)
    absorbed_by: fields.ForeignKeyNullableRelation[BankAccount] = fields.ForeignKeyField(
        "models.BankAccount", related_name="absorbed", null=True, on_delete=fields.RESTRICT
    )
    absorbed_by_id: UUID | None
    untied_because = fields.CharField(max_length=200, null=True)
    created_at = fields.DatetimeField()
    revision = fields.IntField(default=1)
    edited_revision = fields.IntField(default=1)

    class Meta:
        table = "bank_account"
        unique_together = (("bank_link_id", "aggregator_id"),)


class KeyKind(StrEnum):
    """How much a key says: the aggregator's own id; what no two accounts share; a likeness; the
    aggregator's id of what only may be it."""

    EXACT = "EXACT"
    STRONG = "STRONG"
    WEAK = "WEAK"
    MAYBE = "MAYBE"


class AccountKey(Model):
    """By what an account is recognised, as the HMAC of it: a number is never kept in the clear."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_account: fields.ForeignKeyRelation[BankAccount] = fields.ForeignKeyField(
        "models.BankAccount", related_name="keys", on_delete=fields.CASCADE
    )
    bank_account_id: UUID
    kind = fields.CharEnumField(KeyKind, max_length=6)
    digest = fields.CharField(max_length=64)
    seen_at = fields.DatetimeField()

    class Meta:
        table = "account_key"
        unique_together = (("bank_account_id", "kind", "digest"),)
        indexes = (Index(fields=["organization_id", "digest"]),)


class IdentityKey(Model):
    """The key of an organization under all its HMACs, encrypted.

    It is made once and never changes, or nothing would be recognised again; rotation only wraps it
    anew.
    """

    organization_id = fields.UUIDField(primary_key=True)
    key_encrypted = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "identity_key"


class AccountQuestion(Model):
    """Whether a new account is one that was here before. Until it is answered, it is new.

    `candidates` are ids of accounts that it may be. `answer_id` is the one that a person said it
    is; null with `answered_at` set means that it is none of them.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_account: fields.ForeignKeyRelation[BankAccount] = fields.ForeignKeyField(
        "models.BankAccount", related_name="questions", on_delete=fields.CASCADE
    )
    bank_account_id: UUID
    candidates = fields.JSONField[list[str]]()
    raised_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    answer_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=80, null=True)
    revision = fields.IntField(default=1)

    class Meta:
        table = "account_question"
        indexes = (Index(fields=["organization_id", "answered_at"]),)


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
