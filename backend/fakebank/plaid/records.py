"""What the pretend Plaid keeps: Items, link tokens with their sessions, public tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(slots=True)
class Item:
    """One link to one login.

    `account_ids` maps each of the bank's account ids that was shared to the position from which
    its lines count as new (0: from the beginning). `initial_at` and `historical_at` are when the
    first 30 days and the whole history are ready; `historical_position` is set once they are.
    `notified_position` is the last change that a SYNC_UPDATES_AVAILABLE told of.
    `disconnects_at` is when an Item of a bank that has moved ends; `other_words` and `days_later`
    say how the bank prints lines for this link.
    """

    item_id: str
    access_token: str
    login_id: str
    institution_id: str
    webhook: str | None
    products: list[str]
    created_at: datetime
    initial_at: datetime
    historical_at: datetime
    initial_from: date
    history_from: date
    history_to: date | None = None
    account_ids: dict[str, int] = field(default_factory=dict)
    historical_position: int | None = None
    initial_position: int | None = None
    sync_active: bool = False
    notified_position: int = 0
    credentials_version: int = 1
    signed_in_at: datetime | None = None
    login_required: bool = False
    error_told: str | None = None
    forced_error: str | None = None
    forced_reason: str | None = None
    consent_expires_at: datetime | None = None
    consent_end_told: bool = False
    disconnects_at: datetime | None = None
    disconnect_told: bool = False
    other_words: bool = False
    days_later: int = 0
    removed_at: datetime | None = None
    updated_at: datetime | None = None
    failed_at: datetime | None = None
    last_webhook_at: datetime | None = None
    last_webhook_code: str | None = None


@dataclass(slots=True)
class PublicToken:
    """A public token, good for one exchange in its half hour."""

    public_token: str
    item_id: str
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(slots=True)
class LinkSession:
    """One person's way through the sign-in page. `step` names the page that is shown next.

    Steps: institutions, credentials, factor, accounts, done, left.
    """

    link_session_id: str
    started_at: datetime
    step: str = "institutions"
    institution_id: str | None = None
    login_id: str | None = None
    username: str = ""
    factor_kind: str = ""
    factor_rounds: int = 0
    factor_per_round: int = 0
    factor_round: int = 0
    finished_at: datetime | None = None
    exit_status: str | None = None
    exit_error: str | None = None
    public_token: str | None = None
    shared_account_ids: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class LinkToken:
    """A link token with the request that made it, and the sessions of its hosted page."""

    link_token: str
    page_id: str
    created_at: datetime
    expires_at: datetime
    page_expires_at: datetime | None
    request: dict[str, Any]
    update_item_id: str | None = None
    sessions: list[LinkSession] = field(default_factory=list)
