"""The books: chart of accounts, journal entries with their lines, and balances."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index

from counterfoil.kit.ids import new_id


class LedgerAccountType(StrEnum):
    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


class EntryState(StrEnum):
    """A draft has no number and counts in no balance; a posted entry never changes."""

    DRAFT = "DRAFT"
    POSTED = "POSTED"


class EntrySource(StrEnum):
    """Where an entry came from: typed, by a rule, booked from a bank line, another system."""

    PERSON = "PERSON"
    RULE = "RULE"
    FEED = "FEED"
    IMPORT = "IMPORT"


class RateSource(StrEnum):
    """Where a rate came from: two amounts of a bank, a person, another system."""

    BANK_AMOUNTS = "BANK_AMOUNTS"
    TYPED = "TYPED"
    IMPORTED = "IMPORTED"


class Books(Model):
    """What holds for all books of an organization. A missing row means these defaults.

    `fiscal_year_starts_in` is a month, 1 to 12. Nothing dated up to `hard_lock_on` can be posted;
    up to `soft_lock_on` only with the right LOCK. `write_off_limit_minor` is in the base currency.
    """

    organization_id = fields.UUIDField(primary_key=True)
    fiscal_year_starts_in = fields.SmallIntField(default=1)
    soft_lock_on = fields.DateField(null=True)
    hard_lock_on = fields.DateField(null=True)
    write_off_limit_minor = fields.BigIntField(default=0)
    revision = fields.IntField(default=1)

    class Meta:
        table = "books"


class LedgerAccount(Model):
    """An account of the books. Without a currency it takes any.

    A `control` account sums a subledger of another system: no bank account can be tied to it.
    `external_id` is what that other system calls it, unique in the organization.
    """

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
    control = fields.BooleanField(default=False, db_default=False)
    external_id = fields.CharField(max_length=128, null=True)
    inactive_at = fields.DatetimeField(null=True)
    revision = fields.IntField(default=1)

    class Meta:
        table = "ledger_account"
        unique_together = (("organization_id", "number"), ("organization_id", "external_id"))


class FiscalYear(Model):
    """The last number given to an entry of one fiscal year: named by the year it ends in."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    year = fields.SmallIntField()
    last_number = fields.IntField(default=0)

    class Meta:
        table = "fiscal_year"
        unique_together = (("organization_id", "year"),)


class JournalEntry(Model):
    """A balanced entry. `posted_on` decides its period, `number` is gapless per fiscal year.

    `act_id` is the act that made it, `reverses` the entry that it takes back. `past_lock_on` is
    the soft lock that reached its day when it was posted nevertheless. Once posted, only memo and
    contact change; the database refuses the rest.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    state = fields.CharEnumField(EntryState, max_length=8, default=EntryState.DRAFT)
    fiscal_year = fields.SmallIntField(null=True)
    number = fields.IntField(null=True)
    posted_on = fields.DateField()
    transaction_on = fields.DateField(null=True)
    reference = fields.CharField(max_length=80, null=True)
    memo = fields.CharField(max_length=500, null=True)
    contact = fields.CharField(max_length=200, null=True)
    source = fields.CharEnumField(EntrySource, max_length=8)
    external_id = fields.CharField(max_length=128, null=True)
    reverses: fields.ForeignKeyNullableRelation[JournalEntry] = fields.ForeignKeyField(
        "models.JournalEntry", related_name="reversals", null=True, on_delete=fields.RESTRICT
    )
    reverses_id: UUID | None
    act_id = fields.UUIDField(null=True)
    created_by = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    posted_at = fields.DatetimeField(null=True)
    past_lock_on = fields.DateField(null=True)
    revision = fields.IntField(default=1)

    class Meta:
        table = "journal_entry"
        unique_together = (
            ("organization_id", "fiscal_year", "number"),
            ("organization_id", "external_id"),
            ("reverses_id",),
        )
        indexes = (Index(fields=["organization_id", "posted_on", "id"]), Index(fields=["act_id"]))


class JournalLine(Model):
    """A debit (+) or a credit (−) of an entry, in minor units of its own and the base currency.

    `posted_on` is null while the entry is a draft, then the entry's: register and balances need
    no join. `cleared_minor` has the sign of `amount_minor` and reaches it when the line is
    cleared; the database keeps it at the sum of its matches and hand clearings.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    journal_entry: fields.ForeignKeyRelation[JournalEntry] = fields.ForeignKeyField(
        "models.JournalEntry", related_name="lines", on_delete=fields.CASCADE
    )
    journal_entry_id: UUID
    position = fields.SmallIntField()
    ledger_account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="lines", on_delete=fields.RESTRICT
    )
    ledger_account_id: UUID
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    base_minor = fields.BigIntField()
    memo = fields.CharField(max_length=500, null=True)
    posted_on = fields.DateField(null=True)
    cleared_minor = fields.BigIntField(default=0)

    class Meta:
        table = "journal_line"
        unique_together = (("journal_entry_id", "position"),)
        indexes = (
            Index(fields=["ledger_account_id", "posted_on", "id"]),
            Index(fields=["ledger_account_id", "amount_minor", "posted_on"]),
        )


class EntryRate(Model):
    """What one unit of `currency` was worth in base when an entry was posted, and who says so."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    journal_entry: fields.ForeignKeyRelation[JournalEntry] = fields.ForeignKeyField(
        "models.JournalEntry", related_name="rates", on_delete=fields.CASCADE
    )
    journal_entry_id: UUID
    currency = fields.CharField(max_length=3)
    rate = fields.DecimalField(max_digits=24, decimal_places=12)
    rate_on = fields.DateField()
    source = fields.CharEnumField(RateSource, max_length=12)

    class Meta:
        table = "entry_rate"
        unique_together = (("journal_entry_id", "currency"),)


class LedgerBalance(Model):
    """Balance of a ledger account in one currency at the end of a day on which it moved.

    The balance at any date is the newest row up to it: no history is summed. Kept by posting.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    ledger_account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="balances", on_delete=fields.CASCADE
    )
    ledger_account_id: UUID
    currency = fields.CharField(max_length=3)
    day = fields.DateField()
    amount_minor = fields.BigIntField()
    base_minor = fields.BigIntField()

    class Meta:
        table = "ledger_balance"
        unique_together = (("ledger_account_id", "currency", "day"),)
