"""What /item/get says of a login. It signs in nowhere. Pure."""

from __future__ import annotations

from datetime import datetime

from counterfoil.aggregators.plaid.errors import error_of
from counterfoil.aggregators.plaid.reading import (
    Document,
    identifier_or_none,
    member,
    member_or_none,
    moment_or_none,
    text_or_none,
)
from counterfoil.aggregators.port import (
    AggregatorError,
    ErrorKind,
    Health,
    InstitutionSnapshot,
    Retry,
)
from counterfoil.kit.text import clean_or_none

_USER_PRESENT = "user_present_required"


def health(document: Document, *, now: datetime) -> Health:
    """The health in an answer of /item/get.

    Raises:
        Malformed: the answer is not well formed.
    """
    item = member(document, "item")
    status = member_or_none(document, "status") or {}
    transactions = member_or_none(status, "transactions") or {}
    return Health(
        error=_error(item, now, text_or_none(document, "request_id")),
        last_good_at=moment_or_none(transactions, "last_successful_update"),
        consent_expires_at=moment_or_none(item, "consent_expiration_time"),
        institution=_institution(item),
    )


def _error(item: Document, now: datetime, request_id: str | None) -> AggregatorError | None:
    error = member_or_none(item, "error")
    if error is not None:
        return error_of(error, now=now, request_id=request_id)
    if item.get("update_type") != _USER_PRESENT:
        return None
    return AggregatorError(
        ErrorKind.MFA_NEEDED,
        retry=Retry.NEVER,
        provider_code=_USER_PRESENT,
        request_id=request_id,
    )


def _institution(item: Document) -> InstitutionSnapshot | None:
    institution_id = identifier_or_none(item, "institution_id")
    name = clean_or_none(text_or_none(item, "institution_name"), limit=200)
    return InstitutionSnapshot(institution_id, name) if institution_id and name else None
