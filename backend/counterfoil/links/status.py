"""The statuses of a link, and how one follows from an error or from a pull.

A status is the last settled health of a link; that a refresh is under way does not change it.
`status_of_error` folds what an adapter reports into a status, `status_of_pull` what a finished
pull brought. What each one says and who must act stands in `meanings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from counterfoil.aggregators.port import Completeness, ErrorKind

CONSENT_WARNING = timedelta(days=14)
"""How long before a permission ends the warning begins."""
CONSENT_WARNINGS = (CONSENT_WARNING, timedelta(days=7), timedelta(days=1))
"""How long before its end somebody is warned: each time the warning is a new one."""


class LinkStatusCode(StrEnum):
    """The last settled health of a link."""

    LINKING = "LINKING"
    OK = "OK"
    PARTIAL = "PARTIAL"
    NEEDS_SIGN_IN = "NEEDS_SIGN_IN"
    NEEDS_CODE = "NEEDS_CODE"
    CONSENT_EXPIRING = "CONSENT_EXPIRING"
    NEEDS_CONSENT = "NEEDS_CONSENT"
    LOCKED = "LOCKED"
    ACTION_AT_BANK = "ACTION_AT_BANK"
    BANK_DOWN = "BANK_DOWN"
    RATE_LIMITED = "RATE_LIMITED"
    UNSUPPORTED = "UNSUPPORTED"
    GONE = "GONE"
    NO_ACCOUNTS = "NO_ACCOUNTS"
    NOT_SET_UP = "NOT_SET_UP"
    MANUAL = "MANUAL"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    ERROR = "ERROR"


class LinkActivity(StrEnum):
    """What goes on beside the status."""

    IDLE = "IDLE"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"


class Severity(StrEnum):
    """How loudly a row speaks: ACTION means that somebody must do something now."""

    OK = "OK"
    INFO = "INFO"
    WARNING = "WARNING"
    ACTION = "ACTION"


class StatusAction(StrEnum):
    """What the one button of a status does."""

    FIX = "FIX"
    ENTER_CODE = "ENTER_CODE"
    RENEW = "RENEW"
    RETRY = "RETRY"
    NONE = "NONE"


class StatusActor(StrEnum):
    """Who must act for the status to get better."""

    PERSON = "PERSON"
    BANK = "BANK"
    ADMINISTRATOR = "ADMINISTRATOR"
    NOBODY = "NOBODY"


class Upkeep(StrEnum):
    """What the schedule does by itself with a link in this status.

    HEALTH only asks the aggregator, which signs in nowhere: banks lock a login that is tried
    with a refused password, and a repair made elsewhere is noticed all the same.
    """

    PULL = "PULL"
    HEALTH = "HEALTH"
    NOTHING = "NOTHING"


_BY_KIND: Mapping[ErrorKind, LinkStatusCode] = {
    ErrorKind.BAD_CREDENTIALS: LinkStatusCode.NEEDS_SIGN_IN,
    ErrorKind.MFA_NEEDED: LinkStatusCode.NEEDS_CODE,
    ErrorKind.CONSENT_EXPIRED: LinkStatusCode.NEEDS_CONSENT,
    ErrorKind.CONSENT_REVOKED: LinkStatusCode.NEEDS_CONSENT,
    ErrorKind.LOCKED: LinkStatusCode.LOCKED,
    ErrorKind.ACTION_AT_BANK: LinkStatusCode.ACTION_AT_BANK,
    ErrorKind.BANK_DOWN: LinkStatusCode.BANK_DOWN,
    ErrorKind.UNSUPPORTED: LinkStatusCode.UNSUPPORTED,
    ErrorKind.RATE_LIMITED: LinkStatusCode.RATE_LIMITED,
    ErrorKind.NOT_READY: LinkStatusCode.PARTIAL,
    ErrorKind.RESTART_PAGINATION: LinkStatusCode.ERROR,  # given up after the last beginning
    ErrorKind.ACCOUNT_GONE: LinkStatusCode.PARTIAL,
    ErrorKind.LINK_GONE: LinkStatusCode.GONE,
    ErrorKind.NO_ACCOUNTS: LinkStatusCode.NO_ACCOUNTS,
    ErrorKind.DUPLICATE: LinkStatusCode.ERROR,
    ErrorKind.OUR_CONFIG: LinkStatusCode.NOT_SET_UP,
    ErrorKind.PAYMENT_REQUIRED: LinkStatusCode.PAYMENT_REQUIRED,
    ErrorKind.TRANSIENT: LinkStatusCode.BANK_DOWN,
    ErrorKind.PROTOCOL: LinkStatusCode.ERROR,
}


def status_of_error(kind: ErrorKind) -> LinkStatusCode:
    """The status of a link whose pull or health ended with an error of this kind."""
    return _BY_KIND[kind]


def status_of_pull(
    completeness: Completeness,
    *,
    account_failed: bool,
    consent_expires_at: datetime | None,
    now: datetime,
) -> LinkStatusCode:
    """The status after a pull that came through.

    A permission that ends within `CONSENT_WARNING` is named before missing data: only the person
    can do something about it. One that has ended already is no warning any more.
    """
    if consent_expires_at is not None and consent_expires_at <= now:
        return LinkStatusCode.NEEDS_CONSENT
    if consent_expires_at is not None and consent_expires_at - now <= CONSENT_WARNING:
        return LinkStatusCode.CONSENT_EXPIRING
    if account_failed or completeness is not Completeness.COMPLETE:
        return LinkStatusCode.PARTIAL
    return LinkStatusCode.OK


def is_warned_again(since: datetime, *, consent_expires_at: datetime | None, now: datetime) -> bool:
    """Whether one of `CONSENT_WARNINGS` has come for a link that is warned of since then."""
    if consent_expires_at is None:
        return False
    moments = (consent_expires_at - before for before in CONSENT_WARNINGS)
    return any(since < moment <= now for moment in moments)
