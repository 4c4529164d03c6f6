"""Ids as clients see them: opaque, and unique across types and organizations.

An id is base64url over two letters for the type and the 16 bytes of the row's UUID: 24
characters without padding. Clients must not take it apart.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from uuid import UUID

from counterfoil.errors import NotFound

_LENGTH = 24
_TAGS: Mapping[str, bytes] = {
    "AccountQuestion": b"aq",
    "Act": b"ac",
    "AuditEvent": b"ae",
    "BankAccount": b"ba",
    "BankLink": b"bl",
    "BankTransaction": b"bt",
    "Deletion": b"de",
    "Institution": b"in",
    "JournalEntry": b"je",
    "JournalLine": b"jl",
    "LedgerAccount": b"la",
    "LinkSession": b"ls",
    "Match": b"ma",
    "Organization": b"or",
    "Refresh": b"re",
    "ReviewItem": b"ri",
    "User": b"us",
}
_TYPES = {tag: name for name, tag in _TAGS.items()}


def known(type_name: str) -> bool:
    """Whether there are ids of this GraphQL type."""
    return type_name in _TAGS


def encode(type_name: str, row_id: UUID) -> str:
    """The id of the object of this GraphQL type with this row id."""
    return urlsafe_b64encode(_TAGS[type_name] + row_id.bytes).decode()


def parse(value: str) -> tuple[str, UUID] | None:
    """The GraphQL type and the row id; None for a text that is no id."""
    if len(value) != _LENGTH or not value.isascii():
        return None
    try:
        raw = urlsafe_b64decode(value)
    except NotBase64:
        return None
    if len(raw) != 18 or urlsafe_b64encode(raw).decode() != value or raw[:2] not in _TYPES:
        return None
    return _TYPES[raw[:2]], UUID(bytes=raw[2:])


def decode(value: str, *type_names: str, field: tuple[str, ...] = ()) -> UUID:
    """The row id in an id of one of these types.

    Raises:
        NotFound: anything else; a malformed id gets the answer of an absent one.
    """
    parsed = parse(value)
    if parsed is None or parsed[0] not in type_names:
        raise NotFound(field=field)
    return parsed[1]
