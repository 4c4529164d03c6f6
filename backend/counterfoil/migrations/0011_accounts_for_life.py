"""Accounts outlive their logins: keys, questions, receipts, and what is remembered of them."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from counterfoil.accounts.models import KeyKind
from counterfoil.kit.ids import new_id
from counterfoil.kit.redescribing import Redescribe
from counterfoil.links.models import LinkSessionState, RefreshTrigger
from counterfoil.reconciliation.models import ActKind
from counterfoil.viewer import ActorKind
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index


async def bind_and_gather(_: object, editor: BaseSchemaEditor) -> None:
    """What was read before can't be told from what has changed since; lines adrift lie together."""
    run = editor.client.execute_script
    await run("UPDATE bank_transaction SET binding_revision = revision WHERE revision <> 1")
    await run(
        "CREATE INDEX bank_transaction_adrift ON bank_transaction (bank_account_id)"
        " WHERE adrift_at IS NOT NULL"
    )


async def scatter(_: object, editor: BaseSchemaEditor) -> None:
    await editor.client.execute_script("DROP INDEX bank_transaction_adrift")


class Migration(migrations.Migration):
    dependencies = [('models', '0010_find_the_newest_rate')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccountKey',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('bank_account', fields.ForeignKeyField('models.BankAccount', source_field='bank_account_id', db_constraint=True, to_field='id', related_name='keys', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharEnumField(description='EXACT: EXACT\nSTRONG: STRONG\nWEAK: WEAK\nMAYBE: MAYBE', enum_type=KeyKind, max_length=6)),
                ('digest', fields.CharField(max_length=64)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'account_key', 'app': 'models', 'unique_together': (('bank_account_id', 'kind', 'digest'),), 'indexes': [Index(fields=['organization_id', 'digest'])], 'pk_attr': 'id', 'table_description': 'By what an account is recognised, as the HMAC of it: a number is never kept in the clear.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AccountQuestion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('bank_account', fields.ForeignKeyField('models.BankAccount', source_field='bank_account_id', db_constraint=True, to_field='id', related_name='questions', on_delete=OnDelete.CASCADE)),
                ('candidates', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('raised_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answer_id', fields.UUIDField(null=True)),
                ('actor', fields.CharField(null=True, max_length=80)),
                ('revision', fields.IntField(default=1)),
            ],
            options={'table': 'account_question', 'app': 'models', 'indexes': [Index(fields=['organization_id', 'answered_at'])], 'pk_attr': 'id', 'table_description': 'Whether a new account is one that was here before. Until it is answered, it is new.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Deletion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('actor', fields.CharField(max_length=80)),
                ('deleted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('accounts', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('logins', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'deletion', 'app': 'models', 'indexes': [Index(fields=['organization_id', 'deleted_at', 'id'])], 'pk_attr': 'id', 'table_description': 'The receipt of a deletion, kept for ever.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IdentityKey',
            fields=[
                ('organization_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('key_encrypted', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'identity_key', 'app': 'models', 'pk_attr': 'organization_id', 'table_description': 'The key of an organization under all its HMACs, encrypted.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RememberedExclusion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('bank_account', fields.ForeignKeyField('models.BankAccount', source_field='bank_account_id', db_constraint=True, to_field='id', related_name='remembered_exclusions', on_delete=OnDelete.CASCADE)),
                ('fingerprint', fields.CharField(max_length=64)),
                ('version', fields.SmallIntField()),
                ('ordinal', fields.SmallIntField()),
                ('reason', fields.CharField(max_length=500)),
                ('actor', fields.CharField(max_length=80)),
                ('act_id', fields.UUIDField()),
                ('excluded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'remembered_exclusion', 'app': 'models', 'unique_together': (('bank_account_id', 'fingerprint', 'ordinal'),), 'pk_attr': 'id', 'table_description': 'That a line which was erased had been excluded, and why.'},
            bases=['Model'],
        ),
        Redescribe(
            model_name='Act',
            name='kind',
            field=fields.CharEnumField(description='BOOK: BOOK\nTRANSFER: TRANSFER\nMATCH: MATCH\nEXCLUDE: EXCLUDE\nRESTORE: RESTORE\nCLEAR_BY_HAND: CLEAR_BY_HAND\nPOST: POST\nREVERSE: REVERSE\nTIE: TIE\nDECIDE: DECIDE\nBULK: BULK\nUNDO: UNDO', enum_type=ActKind, max_length=16),
        ),
        Redescribe(
            model_name='AuditEvent',
            name='actor_kind',
            field=fields.CharEnumField(description='USER: USER\nSYSTEM: SYSTEM\nOPERATOR: OPERATOR', enum_type=ActorKind, max_length=8),
        ),
        ops.AddField(
            model_name='BankAccount',
            name='absorbed_by',
            field=fields.ForeignKeyField('models.BankAccount', source_field='absorbed_by_id', null=True, db_constraint=True, to_field='id', related_name='absorbed', on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='BankAccount',
            name='untied_because',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name='BankAccount',
            name='wanted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='BankLink',
            name='ended_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        Redescribe(
            model_name='LinkSession',
            name='state',
            field=fields.CharEnumField(description='STARTED: STARTED\nWAITING: WAITING\nDECIDING: DECIDING\nDONE: DONE\nFAILED: FAILED\nEXPIRED: EXPIRED\nCANCELLED: CANCELLED', enum_type=LinkSessionState, max_length=10),
        ),
        ops.AddField(
            model_name='LinkSession',
            name='found_encrypted',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='LinkSession',
            name='question',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        Redescribe(
            model_name='Refresh',
            name='trigger',
            field=fields.CharEnumField(description='PERSON: PERSON\nSCHEDULE: SCHEDULE\nWEBHOOK: WEBHOOK\nFIRST_PULL: FIRST_PULL\nREPAIR: REPAIR\nADDED: ADDED', enum_type=RefreshTrigger, max_length=12),
        ),
        ops.AddField(
            model_name='ReviewItem',
            name='replaced',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='StagedPage',
            name='from_start',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='BankTransaction',
            name='binding_revision',
            field=fields.IntField(default=1, db_default=1),
        ),
        ops.AddField(
            model_name='BankTransaction',
            name='adrift_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(model_name='CodingExample', index=Index(fields=['bank_transaction_id'])),
        ops.RunPython(bind_and_gather, scatter),
    ]
