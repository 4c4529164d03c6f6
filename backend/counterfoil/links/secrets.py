"""Secrets of logins: sealed for one row of one organization, opened for the length of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class TakeOver:
    """The login whose place a redeemed one is to take: if all of its accounts are among `accounts`
    by then; None: in any case. `adding`: to bring accounts, deleted ones too; else to mend it."""

    bank_link_id: UUID
    accounts: Sequence[FoundAccount] | None
    adding: bool = False


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A login that was just redeemed, and whose place it is to take; None: it is a new one."""

    institution: InstitutionSnapshot
    new: NewLink
    takes_over: TakeOver | None = None


def redeemed_text(redeemed: Redeemed) -> GrantSecret:
    """A redeemed login as one secret text: the only copy of its grant, and what becomes of it."""
    written = {
        "aggregator_id": redeemed.new.aggregator_id,
        "grant": redeemed.new.grant.value,
        "institution": redeemed.institution,
        "takes_over": redeemed.takes_over and redeemed.takes_over.bank_link_id,
        "covering": redeemed.takes_over and redeemed.takes_over.accounts,
        "adding": bool(redeemed.takes_over and redeemed.takes_over.adding),
    }
    return _text(written)


def read_redeemed(secret: GrantSecret) -> Redeemed:
    """What `redeemed_text` wrote."""
    written = orjson.loads(secret.value)
    return Redeemed(
        _institution(written["institution"]),
        NewLink(written["aggregator_id"], GrantSecret(written["grant"])),
        _take_over(written),
    )


def _take_over(written: Mapping[str, Any]) -> TakeOver | None:
    bank_link_id, accounts = written.get("takes_over"), written.get("covering")
    if bank_link_id is None:
        return None
    found = None if accounts is None else [_account(each) for each in accounts]
    return TakeOver(UUID(bank_link_id), found, bool(written.get("adding")))


def _text(written: Mapping[str, Any]) -> GrantSecret:
    return GrantSecret(orjson.dumps(written).decode())


def _institution(written: Mapping[str, Any]) -> InstitutionSnapshot:
    return InstitutionSnapshot(**{**written, "countries": tuple(written["countries"])})


def _account(written: Mapping[str, Any]) -> FoundAccount:
    return FoundAccount(**{**written, "type": AccountType(written["type"])})
