"""Secrets of logins: sealed for one row of one organization, opened for the length of a call."""

from __future__ import annotations

from uuid import UUID

import orjson

from counterfoil.aggregators.port import (
    AggregatorError,
    ErrorKind,
    Found,
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


def redeemed_text(found: Found, new: NewLink) -> GrantSecret:
    """A login that was just redeemed, as one secret text: the only copy of its grant."""
    institution = found.institution
    written = {
        "aggregator_id": new.aggregator_id,
        "grant": new.grant.value,
        "institution": institution,
    }
    return GrantSecret(orjson.dumps(written).decode())


def read_redeemed(secret: GrantSecret) -> tuple[InstitutionSnapshot, NewLink]:
    """What `redeemed_text` wrote."""
    written = orjson.loads(secret.value)
    institution = written["institution"]
    institution["countries"] = tuple(institution["countries"])
    return (
        InstitutionSnapshot(**institution),
        NewLink(written["aggregator_id"], GrantSecret(written["grant"])),
    )
