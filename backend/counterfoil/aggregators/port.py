"""What an aggregator can do for us, and the values that cross that border.

An adapter fetches and translates; it knows nothing of our tables. Amounts arrive here with our
sign already (+ is money into the company's account, − is out, owed on a card is negative), as
integer minor units. Text has been cleaned and bounded. Every call may raise `AggregatorError`
and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class ErrorKind(StrEnum):
    """What an aggregator's error means to us, whatever it is called there."""

    BAD_CREDENTIALS = "BAD_CREDENTIALS"
    MFA_NEEDED = "MFA_NEEDED"
    CONSENT_EXPIRED = "CONSENT_EXPIRED"
    CONSENT_REVOKED = "CONSENT_REVOKED"
    LOCKED = "LOCKED"
    ACTION_AT_BANK = "ACTION_AT_BANK"
    BANK_DOWN = "BANK_DOWN"
    UNSUPPORTED = "UNSUPPORTED"
    RATE_LIMITED = "RATE_LIMITED"
    NOT_READY = "NOT_READY"
    RESTART_PAGINATION = "RESTART_PAGINATION"
    ACCOUNT_GONE = "ACCOUNT_GONE"
    LINK_GONE = "LINK_GONE"
    NO_ACCOUNTS = "NO_ACCOUNTS"
    DUPLICATE = "DUPLICATE"
    OUR_CONFIG = "OUR_CONFIG"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    TRANSIENT = "TRANSIENT"
    PROTOCOL = "PROTOCOL"


class Retry(StrEnum):
    """When the same request may be made again without a person."""

    SOON = "SOON"
    SCHEDULED = "SCHEDULED"
    NEVER = "NEVER"


class AggregatorError(Exception):
    """An aggregator refused, failed, or answered what it may not answer.

    `provider_message` is the aggregator's own text, cleaned; `retry_at` is set where it named a
    time. `mapped` is false where the code is not in our list (status ERROR, counted in metrics).
    """

    def __init__(
        self,
        kind: ErrorKind,
        *,
        retry: Retry,
        provider_code: str | None = None,
        provider_message: str | None = None,
        request_id: str | None = None,
        retry_at: datetime | None = None,
        mapped: bool = True,
    ) -> None:
        self.kind = kind
        self.retry = retry
        self.provider_code = provider_code
        self.provider_message = provider_message
        self.request_id = request_id
        self.retry_at = retry_at
        self.mapped = mapped
        super().__init__(f"{kind.value} {provider_code or ''} {provider_message or ''}".strip())


class Webhooks(StrEnum):
    SIGNED = "SIGNED"
    UNSIGNED = "UNSIGNED"
    NONE = "NONE"


class Feed(StrEnum):
    """Whether changes come after a cursor, or all lines of a window are read again."""

    DELTA = "DELTA"
    WINDOW = "WINDOW"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an aggregator offers, as data: no caller asks which one it is."""

    live_refresh: bool
    per_account_delete: bool
    webhooks: Webhooks
    feed: Feed
    max_history_days: int
    max_window_days: int | None
    min_interval_seconds: int
    pending: bool


@dataclass(frozen=True, slots=True)
class GrantSecret:
    """A secret in the clear, for the length of one call. Its repr shows nothing."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LinkRef:
    """A link as the aggregator knows it."""

    aggregator_id: str
    institution_id: str | None


@dataclass(frozen=True, slots=True)
class InstitutionSnapshot:
    """A bank or card issuer as the aggregator lists it; `aggregator_id` is its id there."""

    aggregator_id: str
    name: str
    url: str | None = None
    countries: tuple[str, ...] = ()


class AccountType(StrEnum):
    BANK = "BANK"
    CREDIT_CARD = "CREDIT_CARD"
    LOAN = "LOAN"
    INVESTMENT = "INVESTMENT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """An account as handed over: balances in minor units of `currency` with our sign.

    `currency` is an ISO 4217 code, or `X:` + the aggregator's own code (shown, not bookable).
    `current_minor` of a card or loan is negative while money is owed. `as_of` only where the
    bank states it. `number` is the 2–4 characters that the bank prints.
    """

    aggregator_id: str
    name: str
    official_name: str | None
    type: AccountType
    subtype: str | None
    number: str | None
    currency: str
    exponent: int
    current_minor: int | None
    available_minor: int | None
    limit_minor: int | None
    as_of: datetime | None
    persistent_id: str | None = None


@dataclass(frozen=True, slots=True)
class TransactionSnapshot:
    """A line as the bank reports it now; `amount_minor` with our sign (+ into the account), in
    the line's own `currency`, which has `exponent` digits.

    `dated_on` is the bank's date: the posting date of a posted line, the day it occurred for a
    pending one. `raw_hash` is 16 bytes over the aggregator's own object: equal hash, equal line.
    """

    aggregator_id: str
    account_id: str
    pending: bool
    dated_on: date
    occurred_on: date | None
    amount_minor: int
    currency: str
    exponent: int
    description: str
    bank_description: str | None
    counterparty: str | None
    check_number: str | None
    category: str | None
    pending_id: str | None
    raw_hash: bytes


@dataclass(frozen=True, slots=True)
class RemovedTransaction:
    aggregator_id: str
    account_id: str | None


class Completeness(StrEnum):
    """How much of its history the bank has handed over so far."""

    NOT_READY = "NOT_READY"
    RECENT = "RECENT"
    COMPLETE = "COMPLETE"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page after a cursor. `next_cursor` covers everything up to and including this page."""

    added: Sequence[TransactionSnapshot]
    modified: Sequence[TransactionSnapshot]
    removed: Sequence[RemovedTransaction]
    next_cursor: str
    has_more: bool
    completeness: Completeness


@dataclass(frozen=True, slots=True)
class Health:
    """What the aggregator says of a login without signing in at the bank.

    `error` is set while somebody must act or the bank fails. Moments are aware UTC.
    """

    error: AggregatorError | None
    last_good_at: datetime | None
    consent_expires_at: datetime | None
    institution: InstitutionSnapshot | None = None


@dataclass(frozen=True, slots=True)
class AccountFailure:
    """One account that failed while its siblings did not."""

    account_id: str
    error: AggregatorError


@dataclass(frozen=True, slots=True)
class LinkSnapshot:
    health: Health
    accounts: Sequence[AccountSnapshot]
    failures: Sequence[AccountFailure] = ()


class LinkPurpose(StrEnum):
    ADD = "ADD"
    REPAIR = "REPAIR"
    ADD_ACCOUNTS = "ADD_ACCOUNTS"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What is needed to open the aggregator's sign-in page.

    `return_url` is where the person's browser comes back to; `webhook_url` may be null.
    `grant` is set for REPAIR and ADD_ACCOUNTS.
    """

    purpose: LinkPurpose
    client_user_id: str
    return_url: str
    webhook_url: str | None
    mobile_app: bool
    grant: GrantSecret | None = None


@dataclass(frozen=True, slots=True)
class OpenUrl:
    """Send the person to `url`; `handle` (secret) finds the attempt again at the aggregator."""

    url: str
    handle: GrantSecret
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The person has not finished yet."""


@dataclass(frozen=True, slots=True)
class Left:
    """The person left the page; `reason` in words, with the provider's code where it gave one."""

    provider_code: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The person signed in; nothing is redeemed yet. `handover` redeems it, once."""

    institution: InstitutionSnapshot
    accounts: Sequence[FoundAccount]
    handover: GrantSecret


@dataclass(frozen=True, slots=True)
class FoundAccount:
    aggregator_id: str
    name: str
    number: str | None
    type: AccountType


@dataclass(frozen=True, slots=True)
class Repaired:
    """An existing login works again; its ids and its grant stay."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A redeemed login: keep `grant` encrypted, `aggregator_id` is the login's id there."""

    aggregator_id: str
    grant: GrantSecret


class RevokeResult(StrEnum):
    REMOTE = "REMOTE"
    LOCAL_ONLY = "LOCAL_ONLY"
    ALREADY_GONE = "ALREADY_GONE"


class HintKind(StrEnum):
    """What a webhook suggests: never a fact, always a reason to pull or to look."""

    PULL = "PULL"
    HEALTH = "HEALTH"
    LINK_SESSION = "LINK_SESSION"
    IGNORED = "IGNORED"


@dataclass(frozen=True, slots=True)
class Hint:
    """`link_id` is the login's id there; `session_handle` finds a link session (LINK_SESSION).

    `consent_ends_at` is set where a webhook warns that the permission will end.
    """

    kind: HintKind
    link_id: str | None = None
    session_handle: GrantSecret | None = None
    provider_code: str | None = None
    consent_ends_at: datetime | None = None


class WebhookRefused(Exception):
    """The signature, its age, or the body's hash does not hold."""


class Aggregator(Protocol):
    """The port. An adapter is one class with these methods; all are idempotent to repeat."""

    name: str
    capabilities: Capabilities

    async def institutions(self, query: str, country: str | None) -> Sequence[InstitutionSnapshot]:
        """Institutions by a part of their name; `country` None stands for all that are set up."""
        ...

    async def begin_link(self, request: LinkRequest) -> OpenUrl: ...

    async def finish_link(self, handle: GrantSecret) -> Waiting | Left | Found | Repaired:
        """Ask how an attempt stands; reading it twice gives the same answer."""
        ...

    async def redeem(self, handover: GrantSecret) -> NewLink:
        """Turn a handover into a grant. A handover works once."""
        ...

    async def snapshot(self, grant: GrantSecret) -> LinkSnapshot: ...

    async def health(self, grant: GrantSecret) -> Health:
        """Ask without signing in at the bank."""
        ...

    def changes(self, grant: GrantSecret, cursor: str | None) -> AsyncIterator[ChangesPage]:
        """Pages after `cursor` (None: from the beginning).

        A NOT_READY page may carry the cursor "": do not store it, ask again later with `cursor`.
        After RATE_LIMITED, go on from the last page's `next_cursor` when `retry_at` has come.
        Raises AggregatorError(RESTART_PAGINATION) where pages must be read again from `cursor`,
        and AggregatorError(PROTOCOL) for a malformed page or a cursor that does not move.
        """
        ...

    async def refresh(self, grant: GrantSecret) -> None:
        """Ask the bank to look now. Raises AggregatorError(UNSUPPORTED) where it can't."""
        ...

    async def revoke(self, grant: GrantSecret) -> RevokeResult: ...

    async def events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        """Verify a webhook and read it.

        Raises:
            WebhookRefused: it is not proved to come from the aggregator.
        """
        ...
