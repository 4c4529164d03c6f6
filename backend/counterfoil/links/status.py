"""The statuses of a link, in words; the adapter's kinds of errors folded into them."""

from __future__ import annotations

from enum import StrEnum


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
