"""Secrets of logins: sealed for one row of one organization, opened for the length of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from counterfoil.aggregators.port import (
    AccountType,
    AggregatorError,
    ErrorKind,
    Found,
    FoundAccount,
    GrantSecret,
    InstitutionSnapshot,
    NewLink,
    Retry,
)
from counterfoil.kit.crypto import Keyring, StoredSecretUnreadable, bound_to


def seal(keyring: Keyring, organization_id: UUID, row_id: UUID, secret: GrantSecret) -> str:
    """The stored form of a secret, readable only beside this row."""
    return keyring.encrypt(secret.value, associated=bound_to(organization_id, row_id))


def unseal(keyring: Keyring, organization_id: UUID, row_id: UUID, stored: str) -> GrantSecret:
    """A stored secret in the clear.

    Raises:
        AggregatorError: OUR_CONFIG, the keys at hand do not open it.
    """
    try:
        plain = keyring.decrypt(stored, associated=bound_to(organization_id, row_id))
    except StoredSecretUnreadable as unreadable:
        raise AggregatorError(
            ErrorKind.OUR_CONFIG, retry=Retry.NEVER, provider_message=str(unreadable)
        ) from unreadable
    return GrantSecret(plain)


def found_text(found: Found) -> GrantSecret:
    """What a person signed in to, as one secret text: its handover is not redeemed yet."""
    written = {
        "institution": found.institution,
        "accounts": list(found.accounts),
        "handover": found.handover.value,
    }
    return _text(written)


def read_found(secret: GrantSecret) -> Found:
    """What `found_text` wrote."""
    written = orjson.loads(secret.value)
    return Found(
        _institution(written["institution"]),
        [_account(each) for each in written["accounts"]],
        GrantSecret(written["handover"]),
    )


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A login that was just redeemed. `takes_over` is the login whose place it is to take."""

    institution: InstitutionSnapshot
    new: NewLink
    takes_over: UUID | None = None


def redeemed_text(redeemed: Redeemed) -> GrantSecret:
    """A redeemed login as one secret text: the only copy of its grant, and what becomes of it."""
    written = {
        "aggregator_id": redeemed.new.aggregator_id,
        "grant": redeemed.new.grant.value,
        "institution": redeemed.institution,
        "takes_over": redeemed.takes_over,
    }
    return _text(written)


def read_redeemed(secret: GrantSecret) -> Redeemed:
    """What `redeemed_text` wrote."""
    written = orjson.loads(secret.value)
    takes_over = written.get("takes_over")
    return Redeemed(
        _institution(written["institution"]),
        NewLink(written["aggregator_id"], GrantSecret(written["grant"])),
        UUID(takes_over) if takes_over else None,
    )


def _text(written: Mapping[str, Any]) -> GrantSecret:
    return GrantSecret(orjson.dumps(written).decode())


def _institution(written: Mapping[str, Any]) -> InstitutionSnapshot:
    return InstitutionSnapshot(**{**written, "countries": tuple(written["countries"])})


def _account(written: Mapping[str, Any]) -> FoundAccount:
    return FoundAccount(**{**written, "type": AccountType(written["type"])})
