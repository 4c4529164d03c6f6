from tortoise import migrations
from tortoise.migrations import operations as ops
from counterfoil.accounts.models import FeedState
from counterfoil.aggregators.port import AccountType, LinkPurpose
from counterfoil.kit.ids import new_id
from counterfoil.ledger.models import LedgerAccountType
from counterfoil.links.models import (
    LinkClient,
    LinkSessionState,
    RefreshPhase,
    RefreshState,
    RefreshTrigger,
)
from counterfoil.links.status import LinkStatusCode
from counterfoil.unit_of_work import ChangeKind, ChangeType
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                ("position", fields.BigIntField()),
                (
                    "type",
                    fields.CharEnumField(
                        description="BANK_ACCOUNT: BANK_ACCOUNT\nBANK_LINK: BANK_LINK\nBANK_TRANSACTION: BANK_TRANSACTION\nREFRESH: REFRESH\nLINK_SESSION: LINK_SESSION\nLEDGER_ACCOUNT: LEDGER_ACCOUNT",
                        enum_type=ChangeType,
                        max_length=20,
                    ),
                ),
                ("object_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="UPSERTED: UPSERTED\nGONE: GONE",
                        enum_type=ChangeKind,
                        max_length=10,
                    ),
                ),
                ("revision", fields.IntField(null=True)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "change",
                "app": "models",
                "unique_together": (("organization_id", "position", "type", "object_id"),),
                "indexes": [Index(fields=["changed_at"])],
                "pk_attr": "id",
                "table_description": "One object that one transaction changed. Unique and ordered by (position, type, object).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChangeHead",
            fields=[
                (
                    "organization_id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("position", fields.BigIntField()),
            ],
            options={
                "table": "change_head",
                "app": "models",
                "pk_attr": "organization_id",
                "table_description": "The newest change position of an organization, whose row lock orders the commits.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                ("aggregator", fields.CharField(max_length=20)),
                ("secret_encrypted", fields.TextField(unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "grant",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A secret that an aggregator gave us, encrypted for this row and organization.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                ("actor", fields.CharField(max_length=80)),
                ("operation", fields.CharField(max_length=60)),
                ("key", fields.CharField(max_length=128)),
                ("input_hash", fields.CharField(max_length=64)),
                ("object_id", fields.UUIDField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency_key",
                "app": "models",
                "unique_together": (("organization_id", "actor", "operation", "key"),),
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "What one call with a key did, so that repeating it gives the same objects.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Institution",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("aggregator", fields.CharField(max_length=20)),
                ("aggregator_id", fields.CharField(max_length=128)),
                ("name", fields.CharField(max_length=200)),
                ("url", fields.CharField(null=True, max_length=300)),
                ("countries", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "institution",
                "app": "models",
                "unique_together": (("aggregator", "aggregator_id"),),
                "pk_attr": "id",
                "table_description": "A bank or card issuer as an aggregator lists it, shared by all organizations.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BankLink",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                (
                    "institution",
                    fields.ForeignKeyField(
                        "models.Institution",
                        source_field="institution_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "grant",
                    fields.ForeignKeyField(
                        "models.Grant",
                        source_field="grant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("aggregator", fields.CharField(max_length=20)),
                ("aggregator_id", fields.CharField(max_length=128)),
                ("name", fields.CharField(max_length=200)),
                ("cursor", fields.TextField(null=True, unique=False)),
                (
                    "status_code",
                    fields.CharEnumField(
                        description="LINKING: LINKING\nOK: OK\nPARTIAL: PARTIAL\nNEEDS_SIGN_IN: NEEDS_SIGN_IN\nNEEDS_CODE: NEEDS_CODE\nCONSENT_EXPIRING: CONSENT_EXPIRING\nNEEDS_CONSENT: NEEDS_CONSENT\nLOCKED: LOCKED\nACTION_AT_BANK: ACTION_AT_BANK\nBANK_DOWN: BANK_DOWN\nRATE_LIMITED: RATE_LIMITED\nUNSUPPORTED: UNSUPPORTED\nGONE: GONE\nNO_ACCOUNTS: NO_ACCOUNTS\nNOT_SET_UP: NOT_SET_UP\nMANUAL: MANUAL\nPAYMENT_REQUIRED: PAYMENT_REQUIRED\nERROR: ERROR",
                        enum_type=LinkStatusCode,
                        max_length=20,
                    ),
                ),
                ("status_since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("status_provider_code", fields.CharField(null=True, max_length=120)),
                ("status_provider_message", fields.CharField(null=True, max_length=500)),
                ("status_request_id", fields.CharField(null=True, max_length=120)),
                (
                    "status_retry_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("status_missing", fields.CharField(null=True, max_length=500)),
                (
                    "last_good_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "last_update_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "next_update_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "next_health_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("failures", fields.IntField(default=0)),
                (
                    "consent_expires_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revision", fields.IntField(default=1)),
            ],
            options={
                "table": "bank_link",
                "app": "models",
                "unique_together": (("aggregator", "aggregator_id"),),
                "indexes": [
                    Index(fields=["organization_id"]),
                    Index(fields=["next_update_at"]),
                    Index(fields=["next_health_at"]),
                ],
                "pk_attr": "id",
                "table_description": "One login at one institution.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LedgerAccount",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                ("number", fields.CharField(max_length=20)),
                ("name", fields.CharField(max_length=120)),
                (
                    "type",
                    fields.CharEnumField(
                        description="ASSET: ASSET\nLIABILITY: LIABILITY\nEQUITY: EQUITY\nINCOME: INCOME\nEXPENSE: EXPENSE",
                        enum_type=LedgerAccountType,
                        max_length=10,
                    ),
                ),
                ("currency", fields.CharField(null=True, max_length=3)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="parent_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "inactive_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("revision", fields.IntField(default=1)),
            ],
            options={
                "table": "ledger_account",
                "app": "models",
                "unique_together": (("organization_id", "number"),),
                "pk_attr": "id",
                "table_description": "An account of the books. Without a currency it takes any.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BankAccount",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                (
                    "bank_link",
                    fields.ForeignKeyField(
                        "models.BankLink",
                        source_field="bank_link_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="accounts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("aggregator_id", fields.CharField(null=True, max_length=128)),
                ("name", fields.CharField(max_length=120)),
                ("bank_name", fields.CharField(max_length=120)),
                ("renamed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("memo", fields.CharField(null=True, max_length=500)),
                ("number", fields.CharField(null=True, max_length=8)),
                (
                    "type",
                    fields.CharEnumField(
                        description="BANK: BANK\nCREDIT_CARD: CREDIT_CARD\nLOAN: LOAN\nINVESTMENT: INVESTMENT\nOTHER: OTHER",
                        enum_type=AccountType,
                        max_length=12,
                    ),
                ),
                ("subtype", fields.CharField(null=True, max_length=40)),
                ("currency", fields.CharField(max_length=16)),
                ("exponent", fields.SmallIntField()),
                (
                    "feed_state",
                    fields.CharEnumField(
                        default=FeedState.OPEN,
                        description="OPEN: OPEN\nCLOSED: CLOSED\nACCESS_LOST: ACCESS_LOST",
                        enum_type=FeedState,
                        max_length=12,
                    ),
                ),
                ("current_minor", fields.BigIntField(null=True)),
                ("available_minor", fields.BigIntField(null=True)),
                ("limit_minor", fields.BigIntField(null=True)),
                (
                    "balance_as_of",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "balance_received_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "ledger_account",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="ledger_account_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bank_accounts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("start_on", fields.DateField(null=True)),
                ("hidden_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("deleted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revision", fields.IntField(default=1)),
                ("edited_revision", fields.IntField(default=1)),
            ],
            options={
                "table": "bank_account",
                "app": "models",
                "unique_together": (("bank_link_id", "aggregator_id"),),
                "indexes": [Index(fields=["organization_id", "name"])],
                "pk_attr": "id",
                "table_description": "One account at a bank.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BalanceReport",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "bank_account",
                    fields.ForeignKeyField(
                        "models.BankAccount",
                        source_field="bank_account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="balance_reports",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("refresh_id", fields.UUIDField()),
                ("current_minor", fields.BigIntField(null=True)),
                ("available_minor", fields.BigIntField(null=True)),
                ("limit_minor", fields.BigIntField(null=True)),
                ("as_of", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "balance_report",
                "app": "models",
                "unique_together": (("bank_account_id", "refresh_id"),),
                "pk_attr": "id",
                "table_description": "A balance as the bank reported it once, and every one is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BankTransaction",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                (
                    "bank_account",
                    fields.ForeignKeyField(
                        "models.BankAccount",
                        source_field="bank_account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="transactions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("aggregator_id", fields.CharField(max_length=128)),
                ("pending", fields.BooleanField()),
                ("dated_on", fields.DateField()),
                ("occurred_on", fields.DateField(null=True)),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=16)),
                ("exponent", fields.SmallIntField()),
                ("description", fields.CharField(max_length=500)),
                ("bank_description", fields.CharField(null=True, max_length=1000)),
                ("counterparty", fields.CharField(null=True, max_length=200)),
                ("check_number", fields.CharField(null=True, max_length=40)),
                ("category", fields.CharField(null=True, max_length=80)),
                ("raw_hash", fields.CharField(max_length=32)),
                ("reconciled_minor", fields.BigIntField(default=0)),
                ("removed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("first_refresh_id", fields.UUIDField()),
                ("last_refresh_id", fields.UUIDField()),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("change_position", fields.BigIntField()),
                ("revision", fields.IntField(default=1)),
            ],
            options={
                "table": "bank_transaction",
                "app": "models",
                "unique_together": (("bank_account_id", "aggregator_id"),),
                "indexes": [
                    Index(fields=["last_refresh_id"]),
                    Index(fields=["bank_account_id", "dated_on", "id"]),
                    Index(fields=["organization_id", "change_position", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A line of one bank account.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkSession",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                ("user_id", fields.UUIDField()),
                (
                    "mode",
                    fields.CharEnumField(
                        description="ADD: ADD\nREPAIR: REPAIR\nADD_ACCOUNTS: ADD_ACCOUNTS",
                        enum_type=LinkPurpose,
                        max_length=12,
                    ),
                ),
                (
                    "client",
                    fields.CharEnumField(
                        description="WEB: WEB\nMOBILE_APP: MOBILE_APP",
                        enum_type=LinkClient,
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="STARTED: STARTED\nWAITING: WAITING\nDONE: DONE\nFAILED: FAILED\nEXPIRED: EXPIRED\nCANCELLED: CANCELLED",
                        enum_type=LinkSessionState,
                        max_length=10,
                    ),
                ),
                ("aggregator", fields.CharField(max_length=20)),
                ("institution_id", fields.UUIDField(null=True)),
                ("bank_link_id", fields.UUIDField(null=True)),
                ("return_url", fields.CharField(max_length=500)),
                ("handle_encrypted", fields.TextField(null=True, unique=False)),
                ("handle_hash", fields.CharField(null=True, max_length=64)),
                ("open_url", fields.CharField(null=True, max_length=1000)),
                ("redeemed_encrypted", fields.TextField(null=True, unique=False)),
                (
                    "redeeming_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("problem_code", fields.CharField(null=True, max_length=60)),
                ("problem", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("polled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "finished_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("revision", fields.IntField(default=1)),
            ],
            options={
                "table": "link_session",
                "app": "models",
                "indexes": [
                    Index(fields=["organization_id", "state"]),
                    Index(fields=["state", "polled_at"]),
                    Index(fields=["handle_hash"]),
                ],
                "pk_attr": "id",
                "table_description": "One attempt of one person to add or repair a login.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("name", fields.CharField(max_length=200)),
                ("base_currency", fields.CharField(max_length=3)),
                ("time_zone", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "organization",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A company with its books. `base_currency` is an ISO 4217 code.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Refresh",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                (
                    "bank_link",
                    fields.ForeignKeyField(
                        "models.BankLink",
                        source_field="bank_link_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="refreshes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("under_way", fields.UUIDField(null=True, unique=True)),
                (
                    "trigger",
                    fields.CharEnumField(
                        description="PERSON: PERSON\nSCHEDULE: SCHEDULE\nWEBHOOK: WEBHOOK\nFIRST_PULL: FIRST_PULL\nREPAIR: REPAIR",
                        enum_type=RefreshTrigger,
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="QUEUED: QUEUED\nRUNNING: RUNNING\nDONE: DONE\nFAILED: FAILED",
                        enum_type=RefreshState,
                        max_length=10,
                    ),
                ),
                (
                    "phase",
                    fields.CharEnumField(
                        null=True,
                        description="CONNECT: CONNECT\nACCOUNTS: ACCOUNTS\nBALANCES: BALANCES\nTRANSACTIONS: TRANSACTIONS\nSAVING: SAVING",
                        enum_type=RefreshPhase,
                        max_length=14,
                    ),
                ),
                ("accounts", fields.IntField(default=0)),
                ("balances", fields.IntField(default=0)),
                ("lines", fields.IntField(default=0)),
                ("added", fields.IntField(default=0)),
                ("modified", fields.IntField(default=0)),
                ("removed", fields.IntField(default=0)),
                (
                    "status_code",
                    fields.CharEnumField(
                        null=True,
                        description="LINKING: LINKING\nOK: OK\nPARTIAL: PARTIAL\nNEEDS_SIGN_IN: NEEDS_SIGN_IN\nNEEDS_CODE: NEEDS_CODE\nCONSENT_EXPIRING: CONSENT_EXPIRING\nNEEDS_CONSENT: NEEDS_CONSENT\nLOCKED: LOCKED\nACTION_AT_BANK: ACTION_AT_BANK\nBANK_DOWN: BANK_DOWN\nRATE_LIMITED: RATE_LIMITED\nUNSUPPORTED: UNSUPPORTED\nGONE: GONE\nNO_ACCOUNTS: NO_ACCOUNTS\nNOT_SET_UP: NOT_SET_UP\nMANUAL: MANUAL\nPAYMENT_REQUIRED: PAYMENT_REQUIRED\nERROR: ERROR",
                        enum_type=LinkStatusCode,
                        max_length=20,
                    ),
                ),
                ("provider_code", fields.CharField(null=True, max_length=120)),
                ("provider_message", fields.CharField(null=True, max_length=500)),
                ("provider_request_id", fields.CharField(null=True, max_length=120)),
                ("queued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "finished_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "deadline_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "lease_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("generation", fields.IntField(default=0)),
                ("revision", fields.IntField(default=1)),
            ],
            options={
                "table": "refresh",
                "app": "models",
                "indexes": [
                    Index(fields=["bank_link_id", "queued_at"]),
                    Index(fields=["state", "lease_until"]),
                ],
                "pk_attr": "id",
                "table_description": "One pull of one link.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Revocation",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("organization_id", fields.UUIDField()),
                ("aggregator", fields.CharField(max_length=20)),
                ("secret_encrypted", fields.TextField(null=True, unique=False)),
                ("reason", fields.CharField(max_length=60)),
                ("attempts", fields.IntField(default=0)),
                (
                    "next_try_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(null=True, max_length=20)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "revocation",
                "app": "models",
                "indexes": [Index(fields=["next_try_at"])],
                "pk_attr": "id",
                "table_description": "The outbox: a login still to be ended at the aggregator.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInAttempt",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("email", fields.CharField(max_length=254)),
                ("attempted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sign_in_attempt",
                "app": "models",
                "indexes": [Index(fields=["email", "attempted_at"])],
                "pk_attr": "id",
                "table_description": "A refused sign-in, counted to slow down guessing. The address is folded as in `User`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StagedPage",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "refresh",
                    fields.ForeignKeyField(
                        "models.Refresh",
                        source_field="refresh_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="staged_pages",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("next_cursor", fields.TextField(unique=False)),
                ("has_more", fields.BooleanField()),
                ("content", fields.TextField(unique=False)),
            ],
            options={
                "table": "staged_page",
                "app": "models",
                "unique_together": (("refresh_id", "number"),),
                "pk_attr": "id",
                "table_description": "A page that was read but not yet applied. A pull that is taken over goes on after it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("email", fields.CharField(unique=True, max_length=254)),
                ("name", fields.CharField(max_length=200)),
                ("password_hash", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "user",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A person. The e-mail address is stored folded to lower case.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "organization",
                    fields.ForeignKeyField(
                        "models.Organization",
                        source_field="organization_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("rights", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "last_used_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "membership",
                "app": "models",
                "unique_together": (("user_id", "organization_id"),),
                "pk_attr": "id",
                "table_description": "The rights of a person in one organization, as a list of `Right` names.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "session",
                "app": "models",
                "indexes": [Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "A browser that signed in. Only the SHA-256 of its cookie is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInLink",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sign_in_links",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sign_in_link",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A link that signs its holder in once. Only the SHA-256 of its token is kept.",
            },
            bases=["Model"],
        ),
    ]
