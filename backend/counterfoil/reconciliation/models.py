"""What ties the bank's lines to the books: starts, matches, hand clearings, and acts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index

from counterfoil.kit.ids import new_id


class ActKind(StrEnum):
    """What a person, a rule or a token did in the books."""

    BOOK = "BOOK"
    TRANSFER = "TRANSFER"
    MATCH = "MATCH"
    EXCLUDE = "EXCLUDE"
    RESTORE = "RESTORE"
    CLEAR_BY_HAND = "CLEAR_BY_HAND"
    POST = "POST"
    REVERSE = "REVERSE"
    TIE = "TIE"
    DECIDE = "DECIDE"
    BULK = "BULK"
    UNDO = "UNDO"


class ClearingOrigin(StrEnum):
    """Who cleared a line without a bank line: the start of its account, or a person."""

    START = "START"
    PERSON = "PERSON"


class Act(Model):
    """One thing that was done in the books, with what it takes to undo it.

    `details` names rows by id only, so that erased lines are really gone. `parent` is the bulk
    that it was a part of. The idempotency key is kept for ever: the same key does nothing twice.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    kind = fields.CharEnumField(ActKind, max_length=16)
    actor = fields.CharField(max_length=80)
    acted_at = fields.DatetimeField()
    bank_account_id = fields.UUIDField(null=True)
    parent: fields.ForeignKeyNullableRelation[Act] = fields.ForeignKeyField(
        "models.Act", related_name="parts", null=True, on_delete=fields.RESTRICT
    )
    parent_id: UUID | None
    details = fields.JSONField[dict[str, Any]]()
    operation = fields.CharField(max_length=60, null=True)
    idempotency_key = fields.CharField(max_length=128, null=True)
    input_hash = fields.CharField(max_length=64, null=True)
    undone_at = fields.DatetimeField(null=True)
    undone_by: fields.ForeignKeyNullableRelation[Act] = fields.ForeignKeyField(
        "models.Act", related_name="undid", null=True, on_delete=fields.RESTRICT
    )
    undone_by_id: UUID | None
    revision = fields.IntField(default=1)
    replayed: bool = False
    """Not stored: whether the call that got this act found it done already."""

    class Meta:
        table = "act"
        unique_together = (("organization_id", "actor", "operation", "idempotency_key"),)
        indexes = (
            Index(fields=["organization_id", "acted_at", "id"]),
            Index(fields=["bank_account_id", "acted_at", "id"]),
            Index(fields=["parent_id"]),
        )


class AccountStart(Model):
    """From where a bank account is kept in a ledger account: the opening statement.

    `balance_minor` is the bank's balance at the end of `start_on`. Exactly one start of a tied
    account is not ended.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_account: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.BankAccount", related_name="starts", on_delete=fields.RESTRICT
    )
    bank_account_id: UUID
    ledger_account: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="starts", on_delete=fields.RESTRICT
    )
    ledger_account_id: UUID
    predecessor: fields.ForeignKeyNullableRelation[AccountStart] = fields.ForeignKeyField(
        "models.AccountStart", related_name="successors", null=True, on_delete=fields.RESTRICT
    )
    predecessor_id: UUID | None
    start_on = fields.DateField()
    balance_minor = fields.BigIntField()
    opening_entry: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.JournalEntry", related_name="opens", null=True, on_delete=fields.RESTRICT
    )
    opening_entry_id: UUID | None
    act_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    ended_on = fields.DateField(null=True)

    class Meta:
        table = "account_start"
        indexes = (
            Index(fields=["bank_account_id", "start_on"]),
            Index(fields=["ledger_account_id", "start_on"]),
        )


class Match(Model):
    """A group of bank items and journal items whose signed amounts add up to the same.

    Items are added while it is not `sealed`; sealing makes them count, and the database refuses
    a group that does not add up. To take it back, unseal it and delete it with its items.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    ledger_account: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="matches", on_delete=fields.RESTRICT
    )
    ledger_account_id: UUID
    currency = fields.CharField(max_length=3)
    cleared_on = fields.DateField()
    act: fields.ForeignKeyRelation[Act] = fields.ForeignKeyField(
        "models.Act", related_name="matches", on_delete=fields.RESTRICT
    )
    act_id: UUID
    sealed = fields.BooleanField(default=False)

    class Meta:
        table = "match_group"
        indexes = (Index(fields=["ledger_account_id", "cleared_on"]), Index(fields=["act_id"]))


class MatchBankItem(Model):
    """What a bank line gives to a match: a part of its amount, of its sign."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    match: fields.ForeignKeyRelation[Match] = fields.ForeignKeyField(
        "models.Match", related_name="bank_items", on_delete=fields.CASCADE
    )
    match_id: UUID
    bank_transaction: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.BankTransaction", related_name="match_items", on_delete=fields.RESTRICT
    )
    bank_transaction_id: UUID
    amount_minor = fields.BigIntField()

    class Meta:
        table = "match_bank_item"
        unique_together = (("match_id", "bank_transaction_id"),)
        indexes = (Index(fields=["bank_transaction_id"]),)


class MatchJournalItem(Model):
    """What a journal line gives to a match: a part of its amount, of its sign."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    match: fields.ForeignKeyRelation[Match] = fields.ForeignKeyField(
        "models.Match", related_name="journal_items", on_delete=fields.CASCADE
    )
    match_id: UUID
    journal_line: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.JournalLine", related_name="match_items", on_delete=fields.RESTRICT
    )
    journal_line_id: UUID
    amount_minor = fields.BigIntField()

    class Meta:
        table = "match_journal_item"
        unique_together = (("match_id", "journal_line_id"),)
        indexes = (Index(fields=["journal_line_id"]),)


class HandClearing(Model):
    """A journal line, or a part of it, cleared without a bank line."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    journal_line: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.JournalLine", related_name="hand_clearings", on_delete=fields.RESTRICT
    )
    journal_line_id: UUID
    amount_minor = fields.BigIntField()
    cleared_on = fields.DateField()
    origin = fields.CharEnumField(ClearingOrigin, max_length=8)
    reason = fields.CharField(max_length=500, null=True)
    act: fields.ForeignKeyRelation[Act] = fields.ForeignKeyField(
        "models.Act", related_name="clearings", on_delete=fields.RESTRICT
    )
    act_id: UUID

    class Meta:
        table = "hand_clearing"
        indexes = (Index(fields=["journal_line_id"]), Index(fields=["act_id"]))


class EntryOrigin(Model):
    """A bank line that an entry was made from."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    journal_entry: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.JournalEntry", related_name="origins", on_delete=fields.CASCADE
    )
    journal_entry_id: UUID
    bank_transaction: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.BankTransaction", related_name="made", on_delete=fields.CASCADE
    )
    bank_transaction_id: UUID

    class Meta:
        table = "entry_origin"
        unique_together = (("journal_entry_id", "bank_transaction_id"),)
        indexes = (Index(fields=["bank_transaction_id"]),)


class CodingExample(Model):
    """Which account a person chose for a line whose description folds to `key`.

    One row for each ledger account of a booking; it goes with its act when that is undone, and
    with the bank line when that is erased.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    key = fields.CharField(max_length=120)
    inflow = fields.BooleanField()
    bank_transaction: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.BankTransaction", related_name="examples", on_delete=fields.CASCADE
    )
    bank_transaction_id: UUID
    ledger_account: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="examples", on_delete=fields.CASCADE
    )
    ledger_account_id: UUID
    act: fields.ForeignKeyRelation[Act] = fields.ForeignKeyField(
        "models.Act", related_name="examples", on_delete=fields.RESTRICT
    )
    act_id: UUID
    chosen_at = fields.DatetimeField()

    class Meta:
        table = "coding_example"
        indexes = (
            Index(fields=["organization_id", "key", "inflow"]),
            Index(fields=["act_id"]),
            Index(fields=["bank_transaction_id"]),
        )
