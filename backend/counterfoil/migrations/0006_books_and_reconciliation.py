"""The ledger, what ties it to the bank, prepared codings and review items, and the audit."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from counterfoil.kit.ids import new_id
from counterfoil.ledger.models import EntrySource, EntryState, RateSource
from counterfoil.reconciliation.models import ActKind, ClearingOrigin
from counterfoil.transactions.models import ReviewKind
from counterfoil.unit_of_work import ChangeType
from counterfoil.viewer import ActorKind
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0005_sort_accounts_by_name')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Act',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('kind', fields.CharEnumField(description='BOOK: BOOK\nTRANSFER: TRANSFER\nMATCH: MATCH\nEXCLUDE: EXCLUDE\nRESTORE: RESTORE\nCLEAR_BY_HAND: CLEAR_BY_HAND\nPOST: POST\nREVERSE: REVERSE\nTIE: TIE\nBULK: BULK\nUNDO: UNDO', enum_type=ActKind, max_length=16)),
                ('actor', fields.CharField(max_length=80)),
                ('acted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('bank_account_id', fields.UUIDField(null=True)),
                ('parent', fields.ForeignKeyField('models.Act', source_field='parent_id', null=True, db_constraint=True, to_field='id', related_name='parts', on_delete=OnDelete.RESTRICT)),
                ('details', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('operation', fields.CharField(null=True, max_length=60)),
                ('idempotency_key', fields.CharField(null=True, max_length=128)),
                ('input_hash', fields.CharField(null=True, max_length=64)),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('undone_by', fields.ForeignKeyField('models.Act', source_field='undone_by_id', null=True, db_constraint=True, to_field='id', related_name='undid', on_delete=OnDelete.RESTRICT)),
                ('revision', fields.IntField(default=1)),
            ],
            options={'table': 'act', 'app': 'models', 'unique_together': (('organization_id', 'actor', 'operation', 'idempotency_key'),), 'indexes': [Index(fields=['organization_id', 'acted_at', 'id']), Index(fields=['bank_account_id', 'acted_at', 'id']), Index(fields=['parent_id'])], 'pk_attr': 'id', 'table_description': 'One thing that was done in the books, with what it takes to undo it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('sequence', fields.BigIntField()),
                ('happened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor_kind', fields.CharEnumField(description='USER: USER\nSYSTEM: SYSTEM', enum_type=ActorKind, max_length=8)),
                ('user_id', fields.UUIDField(null=True)),
                ('action', fields.CharField(max_length=60)),
                ('object_type', fields.CharField(max_length=40)),
                ('object_id', fields.UUIDField()),
                ('before', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('after', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('request_id', fields.CharField(null=True, max_length=64)),
                ('previous_hash', fields.CharField(max_length=64)),
                ('hash', fields.CharField(max_length=64)),
            ],
            options={'table': 'audit_event', 'app': 'models', 'unique_together': (('organization_id', 'sequence'),), 'indexes': [Index(fields=['organization_id', 'object_id', 'sequence'])], 'pk_attr': 'id', 'table_description': 'One thing that was done, which the database refuses to change or delete.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Books',
            fields=[
                ('organization_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('fiscal_year_starts_in', fields.SmallIntField(default=1)),
                ('soft_lock_on', fields.DateField(null=True)),
                ('hard_lock_on', fields.DateField(null=True)),
                ('write_off_limit_minor', fields.BigIntField(default=0)),
                ('revision', fields.IntField(default=1)),
            ],
            options={'table': 'books', 'app': 'models', 'pk_attr': 'organization_id', 'table_description': 'What holds for all books of an organization. A missing row means these defaults.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CodingExample',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('key', fields.CharField(max_length=120)),
                ('inflow', fields.BooleanField()),
                ('bank_transaction', fields.ForeignKeyField('models.BankTransaction', source_field='bank_transaction_id', db_constraint=True, to_field='id', related_name='examples', on_delete=OnDelete.CASCADE)),
                ('ledger_account', fields.ForeignKeyField('models.LedgerAccount', source_field='ledger_account_id', db_constraint=True, to_field='id', related_name='examples', on_delete=OnDelete.CASCADE)),
                ('act', fields.ForeignKeyField('models.Act', source_field='act_id', db_constraint=True, to_field='id', related_name='examples', on_delete=OnDelete.RESTRICT)),
                ('chosen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'coding_example', 'app': 'models', 'indexes': [Index(fields=['organization_id', 'key', 'inflow']), Index(fields=['act_id'])], 'pk_attr': 'id', 'table_description': 'Which account a person chose for a line whose description folds to `key`.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Exclusion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('bank_transaction', fields.OneToOneField('models.BankTransaction', source_field='bank_transaction_id', db_constraint=True, to_field='id', related_name='exclusion', on_delete=OnDelete.CASCADE)),
                ('reason', fields.CharField(max_length=500)),
                ('actor', fields.CharField(max_length=80)),
                ('act_id', fields.UUIDField()),
                ('excluded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'exclusion', 'app': 'models', 'indexes': [Index(fields=['act_id'])], 'pk_attr': 'id', 'table_description': 'Why a line was taken out of review. It goes when the line is restored.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FiscalYear',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('year', fields.SmallIntField()),
                ('last_number', fields.IntField(default=0)),
            ],
            options={'table': 'fiscal_year', 'app': 'models', 'unique_together': (('organization_id', 'year'),), 'pk_attr': 'id', 'table_description': 'The last number given to an entry of one fiscal year: named by the year it ends in.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='JournalEntry',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('state', fields.CharEnumField(default=EntryState.DRAFT, description='DRAFT: DRAFT\nPOSTED: POSTED', enum_type=EntryState, max_length=8)),
                ('fiscal_year', fields.SmallIntField(null=True)),
                ('number', fields.IntField(null=True)),
                ('posted_on', fields.DateField()),
                ('transaction_on', fields.DateField(null=True)),
                ('reference', fields.CharField(null=True, max_length=80)),
                ('memo', fields.CharField(null=True, max_length=500)),
                ('contact', fields.CharField(null=True, max_length=200)),
                ('source', fields.CharEnumField(description='PERSON: PERSON\nRULE: RULE\nFEED: FEED\nIMPORT: IMPORT', enum_type=EntrySource, max_length=8)),
                ('external_id', fields.CharField(null=True, max_length=128)),
                ('reverses', fields.ForeignKeyField('models.JournalEntry', source_field='reverses_id', null=True, db_constraint=True, to_field='id', related_name='reversals', on_delete=OnDelete.RESTRICT)),
                ('act_id', fields.UUIDField(null=True)),
                ('created_by', fields.CharField(max_length=80)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('posted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('past_lock_on', fields.DateField(null=True)),
                ('revision', fields.IntField(default=1)),
            ],
            options={'table': 'journal_entry', 'app': 'models', 'unique_together': (('organization_id', 'fiscal_year', 'number'), ('organization_id', 'external_id'), ('reverses_id',)), 'indexes': [Index(fields=['organization_id', 'posted_on', 'id']), Index(fields=['act_id'])], 'pk_attr': 'id', 'table_description': 'A balanced entry. `posted_on` decides its period, `number` is gapless per fiscal year.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AccountStart',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('bank_account', fields.ForeignKeyField('models.BankAccount', source_field='bank_account_id', db_constraint=True, to_field='id', related_name='starts', on_delete=OnDelete.RESTRICT)),
                ('ledger_account', fields.ForeignKeyField('models.LedgerAccount', source_field='ledger_account_id', db_constraint=True, to_field='id', related_name='starts', on_delete=OnDelete.RESTRICT)),
                ('predecessor', fields.ForeignKeyField('models.AccountStart', source_field='predecessor_id', null=True, db_constraint=True, to_field='id', related_name='successors', on_delete=OnDelete.RESTRICT)),
                ('start_on', fields.DateField()),
                ('balance_minor', fields.BigIntField()),
                ('opening_entry', fields.ForeignKeyField('models.JournalEntry', source_field='opening_entry_id', null=True, db_constraint=True, to_field='id', related_name='opens', on_delete=OnDelete.RESTRICT)),
                ('act_id', fields.UUIDField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_on', fields.DateField(null=True)),
            ],
            options={'table': 'account_start', 'app': 'models', 'indexes': [Index(fields=['bank_account_id', 'start_on']), Index(fields=['ledger_account_id', 'start_on'])], 'pk_attr': 'id', 'table_description': 'From where a bank account is kept in a ledger account: the opening statement.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='EntryOrigin',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('journal_entry', fields.ForeignKeyField('models.JournalEntry', source_field='journal_entry_id', db_constraint=True, to_field='id', related_name='origins', on_delete=OnDelete.CASCADE)),
                ('bank_transaction', fields.ForeignKeyField('models.BankTransaction', source_field='bank_transaction_id', db_constraint=True, to_field='id', related_name='made', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'entry_origin', 'app': 'models', 'unique_together': (('journal_entry_id', 'bank_transaction_id'),), 'indexes': [Index(fields=['bank_transaction_id'])], 'pk_attr': 'id', 'table_description': 'A bank line that an entry was made from.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='EntryRate',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('journal_entry', fields.ForeignKeyField('models.JournalEntry', source_field='journal_entry_id', db_constraint=True, to_field='id', related_name='rates', on_delete=OnDelete.CASCADE)),
                ('currency', fields.CharField(max_length=3)),
                ('rate', fields.DecimalField(max_digits=24, decimal_places=12)),
                ('rate_on', fields.DateField()),
                ('source', fields.CharEnumField(description='BANK_AMOUNTS: BANK_AMOUNTS\nTYPED: TYPED\nIMPORTED: IMPORTED', enum_type=RateSource, max_length=12)),
            ],
            options={'table': 'entry_rate', 'app': 'models', 'unique_together': (('journal_entry_id', 'currency'),), 'pk_attr': 'id', 'table_description': 'What one unit of `currency` was worth in base when an entry was posted, and who says so.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='JournalLine',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('journal_entry', fields.ForeignKeyField('models.JournalEntry', source_field='journal_entry_id', db_constraint=True, to_field='id', related_name='lines', on_delete=OnDelete.CASCADE)),
                ('position', fields.SmallIntField()),
                ('ledger_account', fields.ForeignKeyField('models.LedgerAccount', source_field='ledger_account_id', db_constraint=True, to_field='id', related_name='lines', on_delete=OnDelete.RESTRICT)),
                ('amount_minor', fields.BigIntField()),
                ('currency', fields.CharField(max_length=3)),
                ('base_minor', fields.BigIntField()),
                ('memo', fields.CharField(null=True, max_length=500)),
                ('posted_on', fields.DateField(null=True)),
                ('cleared_minor', fields.BigIntField(default=0)),
            ],
            options={'table': 'journal_line', 'app': 'models', 'unique_together': (('journal_entry_id', 'position'),), 'indexes': [Index(fields=['ledger_account_id', 'posted_on', 'id']), Index(fields=['ledger_account_id', 'amount_minor', 'posted_on'])], 'pk_attr': 'id', 'table_description': 'A debit (+) or a credit (−) of an entry, in minor units of its own and the base currency.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='HandClearing',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('journal_line', fields.ForeignKeyField('models.JournalLine', source_field='journal_line_id', db_constraint=True, to_field='id', related_name='hand_clearings', on_delete=OnDelete.RESTRICT)),
                ('amount_minor', fields.BigIntField()),
                ('cleared_on', fields.DateField()),
                ('origin', fields.CharEnumField(description='START: START\nPERSON: PERSON', enum_type=ClearingOrigin, max_length=8)),
                ('reason', fields.CharField(null=True, max_length=500)),
                ('act', fields.ForeignKeyField('models.Act', source_field='act_id', db_constraint=True, to_field='id', related_name='clearings', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'hand_clearing', 'app': 'models', 'indexes': [Index(fields=['journal_line_id']), Index(fields=['act_id'])], 'pk_attr': 'id', 'table_description': 'A journal line, or a part of it, cleared without a bank line.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LedgerBalance',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('ledger_account', fields.ForeignKeyField('models.LedgerAccount', source_field='ledger_account_id', db_constraint=True, to_field='id', related_name='balances', on_delete=OnDelete.CASCADE)),
                ('currency', fields.CharField(max_length=3)),
                ('day', fields.DateField()),
                ('amount_minor', fields.BigIntField()),
                ('base_minor', fields.BigIntField()),
            ],
            options={'table': 'ledger_balance', 'app': 'models', 'unique_together': (('ledger_account_id', 'currency', 'day'),), 'pk_attr': 'id', 'table_description': 'Balance of a ledger account in one currency at the end of a day on which it moved.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Match',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('ledger_account', fields.ForeignKeyField('models.LedgerAccount', source_field='ledger_account_id', db_constraint=True, to_field='id', related_name='matches', on_delete=OnDelete.RESTRICT)),
                ('currency', fields.CharField(max_length=3)),
                ('cleared_on', fields.DateField()),
                ('act', fields.ForeignKeyField('models.Act', source_field='act_id', db_constraint=True, to_field='id', related_name='matches', on_delete=OnDelete.RESTRICT)),
                ('sealed', fields.BooleanField(default=False)),
            ],
            options={'table': 'match_group', 'app': 'models', 'indexes': [Index(fields=['ledger_account_id', 'cleared_on']), Index(fields=['act_id'])], 'pk_attr': 'id', 'table_description': 'A group of bank items and journal items whose signed amounts add up to the same.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MatchBankItem',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('match', fields.ForeignKeyField('models.Match', source_field='match_id', db_constraint=True, to_field='id', related_name='bank_items', on_delete=OnDelete.CASCADE)),
                ('bank_transaction', fields.ForeignKeyField('models.BankTransaction', source_field='bank_transaction_id', db_constraint=True, to_field='id', related_name='match_items', on_delete=OnDelete.RESTRICT)),
                ('amount_minor', fields.BigIntField()),
            ],
            options={'table': 'match_bank_item', 'app': 'models', 'unique_together': (('match_id', 'bank_transaction_id'),), 'indexes': [Index(fields=['bank_transaction_id'])], 'pk_attr': 'id', 'table_description': 'What a bank line gives to a match: a part of its amount, of its sign.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MatchJournalItem',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('match', fields.ForeignKeyField('models.Match', source_field='match_id', db_constraint=True, to_field='id', related_name='journal_items', on_delete=OnDelete.CASCADE)),
                ('journal_line', fields.ForeignKeyField('models.JournalLine', source_field='journal_line_id', db_constraint=True, to_field='id', related_name='match_items', on_delete=OnDelete.RESTRICT)),
                ('amount_minor', fields.BigIntField()),
            ],
            options={'table': 'match_journal_item', 'app': 'models', 'unique_together': (('match_id', 'journal_line_id'),), 'indexes': [Index(fields=['journal_line_id'])], 'pk_attr': 'id', 'table_description': 'What a journal line gives to a match: a part of its amount, of its sign.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PreparedCoding',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('bank_transaction', fields.OneToOneField('models.BankTransaction', source_field='bank_transaction_id', db_constraint=True, to_field='id', related_name='prepared_coding', on_delete=OnDelete.CASCADE)),
                ('amount_minor', fields.BigIntField()),
                ('coding', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('actor', fields.CharField(max_length=80)),
                ('prepared_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'prepared_coding', 'app': 'models', 'pk_attr': 'id', 'table_description': 'How a person means to book a line: kept from pending on, and suggested when it posts.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReviewItem',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('organization_id', fields.UUIDField()),
                ('bank_transaction', fields.ForeignKeyField('models.BankTransaction', source_field='bank_transaction_id', db_constraint=True, to_field='id', related_name='review_items', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharEnumField(description='CHANGED: CHANGED\nWITHDRAWN: WITHDRAWN', enum_type=ReviewKind, max_length=10)),
                ('reported', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('refresh_id', fields.UUIDField()),
                ('raised_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('resolved_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('resolution', fields.CharField(null=True, max_length=20)),
                ('reason', fields.CharField(null=True, max_length=500)),
                ('act_id', fields.UUIDField(null=True)),
            ],
            options={'table': 'review_item', 'app': 'models', 'indexes': [Index(fields=['bank_transaction_id', 'resolved_at'])], 'pk_attr': 'id', 'table_description': 'A booked line that the bank changed or withdrew: a person decides, nothing moves before.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='BankTransaction',
            name='comment',
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name='BankTransaction',
            name='excluded_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='BankTransaction',
            name='to_check_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='BankTransaction',
            name='undecided_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Change',
            name='type',
            field=fields.CharEnumField(description='BANK_ACCOUNT: BANK_ACCOUNT\nBANK_LINK: BANK_LINK\nBANK_TRANSACTION: BANK_TRANSACTION\nREFRESH: REFRESH\nLINK_SESSION: LINK_SESSION\nLEDGER_ACCOUNT: LEDGER_ACCOUNT\nJOURNAL_ENTRY: JOURNAL_ENTRY\nACT: ACT\nORGANIZATION: ORGANIZATION', enum_type=ChangeType, max_length=20),
        ),
        ops.AddField(
            model_name='LedgerAccount',
            name='control',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='LedgerAccount',
            name='external_id',
            field=fields.CharField(null=True, max_length=128),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=UniqueConstraint(fields=('organization_id', 'external_id'), name=None),
        ),
    ]
