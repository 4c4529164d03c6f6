"""Institutions, logins there, the attempts to make them, and each pull."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index

from counterfoil.aggregators.port import LinkPurpose
from counterfoil.kit.ids import new_id
from counterfoil.links.status import LinkStatusCode


class Institution(Model):
    """A bank or card issuer as an aggregator lists it, shared by all organizations."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    aggregator = fields.CharField(max_length=20)
    aggregator_id = fields.CharField(max_length=128)
    name = fields.CharField(max_length=200)
    url = fields.CharField(max_length=300, null=True)
    countries = fields.JSONField[list[str]](default=list)

    class Meta:
        table = "institution"
        unique_together = (("aggregator", "aggregator_id"),)


class Grant(Model):
    """A secret that an aggregator gave us, encrypted for this row and organization."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    aggregator = fields.CharField(max_length=20)
    secret_encrypted = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "grant"


class BankLink(Model):
    """One login at one institution.

    `status_code` is the last settled health; what is going on now is the open `Refresh`. `cursor`
    covers exactly the lines that are stored. While a person must act `next_update_at` is null.
    `news_at` is when the bank said, while a pull ran, that it has more: another pull follows.
    One whose last account was deleted is ended (`ended_at`): nobody sees it, nothing pulls it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    institution: fields.ForeignKeyRelation[Institution] = fields.ForeignKeyField(
        "models.Institution", related_name="links", on_delete=fields.RESTRICT
    )
    institution_id: UUID
    grant: fields.ForeignKeyRelation[Grant] = fields.ForeignKeyField(
        "models.Grant", related_name="links", on_delete=fields.RESTRICT
    )
    grant_id: UUID
    aggregator = fields.CharField(max_length=20)
    aggregator_id = fields.CharField(max_length=128)
    name = fields.CharField(max_length=200)
    cursor = fields.TextField(null=True)
    status_code = fields.CharEnumField(LinkStatusCode, max_length=20)
    status_since = fields.DatetimeField()
    status_provider_code = fields.CharField(max_length=120, null=True)
    status_provider_message = fields.CharField(max_length=500, null=True)
    status_request_id = fields.CharField(max_length=120, null=True)
    status_retry_at = fields.DatetimeField(null=True)
    status_missing = fields.CharField(max_length=500, null=True)
    last_good_at = fields.DatetimeField(null=True)
    last_update_at = fields.DatetimeField(null=True)
    next_update_at = fields.DatetimeField(null=True)
    next_health_at = fields.DatetimeField(null=True)
    news_at = fields.DatetimeField(null=True)
    failures = fields.IntField(default=0)
    consent_expires_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    revision = fields.IntField(default=1)

    class Meta:
        table = "bank_link"
        unique_together = (("aggregator", "aggregator_id"),)
        indexes = (
            Index(fields=["organization_id"]),
            Index(fields=["next_update_at"]),
            Index(fields=["next_health_at"]),
        )


class LinkSessionState(StrEnum):
    """STARTED, WAITING and DECIDING are open; the others are ends.

    DECIDING: the person signed in, and is asked something before anything is stored.
    """

    STARTED = "STARTED"
    WAITING = "WAITING"
    DECIDING = "DECIDING"
    DONE = "DONE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class SessionQuestion(StrEnum):
    """What a session asks while it is DECIDING: the "kind" of its `question`.

    DUPLICATE: a login like the one that was found is linked already. ACCOUNTS: the login hands over
    accounts that were deleted here; which of them are to come back?
    """

    DUPLICATE = "DUPLICATE"
    ACCOUNTS = "ACCOUNTS"


class LinkClient(StrEnum):
    """What the person sits at: it decides how the sign-in page comes back."""

    WEB = "WEB"
    MOBILE_APP = "MOBILE_APP"


class LinkSession(Model):
    """One attempt of one person to add or repair a login.

    `handle_encrypted` finds the attempt at the aggregator. `redeeming_until` is the lease of the
    one process that exchanges it; `bank_link_id` is what it repairs, or what came of it.
    While it is DECIDING, `question` is what the person is asked (`links.guarding`), and
    `found_encrypted` holds what was found, with its handover: nothing is redeemed yet.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    user_id = fields.UUIDField()
    mode = fields.CharEnumField(LinkPurpose, max_length=12)
    client = fields.CharEnumField(LinkClient, max_length=12)
    state = fields.CharEnumField(LinkSessionState, max_length=10)
    aggregator = fields.CharField(max_length=20)
    institution_id = fields.UUIDField(null=True)
    bank_link_id = fields.UUIDField(null=True)
    return_url = fields.CharField(max_length=500)
    handle_encrypted: str | None = fields.TextField(null=True)
    handle_hash = fields.CharField(max_length=64, null=True)
    open_url = fields.CharField(max_length=1000, null=True)
    found_encrypted: str | None = fields.TextField(null=True)
    question = fields.JSONField[dict[str, Any]](null=True)
    redeemed_encrypted: str | None = fields.TextField(null=True)
    redeeming_until = fields.DatetimeField(null=True)
    problem_code = fields.CharField(max_length=60, null=True)
    problem = fields.CharField(max_length=500, null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    polled_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    revision = fields.IntField(default=1)

    class Meta:
        table = "link_session"
        indexes = (
            Index(fields=["organization_id", "state"]),
            Index(fields=["state", "polled_at"]),
            Index(fields=["handle_hash"]),
        )


class RefreshState(StrEnum):
    """QUEUED and RUNNING are under way; a link has at most one such refresh."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class RefreshTrigger(StrEnum):
    """Who or what asked for a pull."""

    PERSON = "PERSON"
    SCHEDULE = "SCHEDULE"
    WEBHOOK = "WEBHOOK"
    FIRST_PULL = "FIRST_PULL"
    REPAIR = "REPAIR"
    ADDED = "ADDED"


class RefreshPhase(StrEnum):
    """What a running pull is at."""

    CONNECT = "CONNECT"
    ACCOUNTS = "ACCOUNTS"
    BALANCES = "BALANCES"
    TRANSACTIONS = "TRANSACTIONS"
    SAVING = "SAVING"


class Refresh(Model):
    """One pull of one link.

    `under_way` is the link's id while queued or running and null afterwards: its uniqueness lets
    the database refuse a second pull. Writes of an older `generation` are refused; `takeovers`
    counts the workers that died with it. Counts of accounts, balances and lines grow while it
    runs; added, modified, removed are known at its end.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    bank_link: fields.ForeignKeyRelation[BankLink] = fields.ForeignKeyField(
        "models.BankLink", related_name="refreshes"
    )
    bank_link_id: UUID
    under_way = fields.UUIDField(null=True, unique=True)
    trigger = fields.CharEnumField(RefreshTrigger, max_length=12)
    state = fields.CharEnumField(RefreshState, max_length=10)
    phase = fields.CharEnumField(RefreshPhase, max_length=14, null=True)
    accounts = fields.IntField(default=0)
    balances = fields.IntField(default=0)
    lines = fields.IntField(default=0)
    added = fields.IntField(default=0)
    modified = fields.IntField(default=0)
    removed = fields.IntField(default=0)
    status_code = fields.CharEnumField(LinkStatusCode, max_length=20, null=True)
    provider_code = fields.CharField(max_length=120, null=True)
    provider_message = fields.CharField(max_length=500, null=True)
    provider_request_id = fields.CharField(max_length=120, null=True)
    queued_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    deadline_at = fields.DatetimeField(null=True)
    lease_until = fields.DatetimeField(null=True)
    generation = fields.IntField(default=0)
    takeovers = fields.IntField(default=0, db_default=0)
    revision = fields.IntField(default=1)

    class Meta:
        table = "refresh"
        indexes = (
            Index(fields=["bank_link_id", "queued_at"]),
            Index(fields=["state", "lease_until"]),
        )


class StagedPage(Model):
    """A page that was read but not yet applied. A pull that is taken over goes on after it.

    `from_start` marks pages that were read from an empty cursor beside those after the saved one,
    because an account of the login was wanted back.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    refresh: fields.ForeignKeyRelation[Refresh] = fields.ForeignKeyField(
        "models.Refresh", related_name="staged_pages"
    )
    refresh_id: UUID
    number = fields.IntField()
    from_start = fields.BooleanField(default=False, db_default=False)
    next_cursor = fields.TextField()
    has_more = fields.BooleanField()
    content = fields.TextField()

    class Meta:
        table = "staged_page"
        unique_together = (("refresh_id", "number"),)


class Deletion(Model):
    """The receipt of a deletion, kept for ever.

    `accounts` is a list of `{"bank_account_id", "name", "number", "kept", "months": [{"month":
    "2026-03", "currency", "exponent", "lines": int, "sum_minor": int}]}`: what was erased by month,
    signed, and how many lines stayed. `logins` are the names of the logins that went with them.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    actor = fields.CharField(max_length=80)
    deleted_at = fields.DatetimeField()
    accounts = fields.JSONField[list[dict[str, Any]]]()
    logins = fields.JSONField[list[str]]()

    class Meta:
        table = "deletion"
        indexes = (Index(fields=["organization_id", "deleted_at", "id"]),)


class Revocation(Model):
    """The outbox: a login still to be ended at the aggregator.

    `secret_encrypted` is kept until it is done and destroyed then. While it is `unredeemed` it is
    what a person signed in to and nobody wants: it must be redeemed to be ended.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization_id = fields.UUIDField()
    aggregator = fields.CharField(max_length=20)
    secret_encrypted = fields.TextField(null=True)
    unredeemed = fields.BooleanField(default=False, db_default=False)
    reason = fields.CharField(max_length=60)
    attempts = fields.IntField(default=0)
    next_try_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=20, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "revocation"
        indexes = (Index(fields=["next_try_at"]),)
