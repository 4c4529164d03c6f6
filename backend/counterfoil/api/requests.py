"""What a client sent, made sure of: over HTTP and over a websocket the same shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from counterfoil.api.refusals import Refused, RequestCode

_DOCUMENT_ID = re.compile(r"sha256:([0-9a-f]{64})")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to run. `query` or `document_hash` (SHA-256, hex) is given, or both.

    `automatic` is Apollo's form of it, whose clients understand one sentence only when the
    document is not found.
    """

    query: str | None
    document_hash: str | None = None
    automatic: bool = False
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)


def _malformed(message: str) -> Refused:
    return Refused(RequestCode.BAD_REQUEST, message, status=422)


def read_request(sent: object) -> GraphQLRequest:
    """The request in a decoded JSON value; properties that are not known are ignored.

    Raises:
        Refused: BAD_REQUEST, saying which property is not as it should be.
    """
    if isinstance(sent, list):
        raise _malformed("Send one operation at a time: batches are off.")
    if not isinstance(sent, dict):
        raise _malformed("The body must be a JSON object with `query` or `documentId`.")
    query = _optional(sent, "query", str)
    document_hash, automatic = _document_hash(sent)
    if not query and document_hash is None:
        raise _malformed("`query` or `documentId` is missing.")
    return GraphQLRequest(
        query or None,
        document_hash,
        automatic,
        _optional(sent, "operationName", str) or None,
        _optional(sent, "variables", dict) or {},
    )


def _optional(sent: dict[str, Any], name: str, type_: type) -> Any:
    value = sent.get(name)
    if value is not None and not isinstance(value, type_):
        kind = "a string" if type_ is str else "an object"
        raise _malformed(f"`{name}` must be {kind}.")
    return value


def _document_hash(sent: dict[str, Any]) -> tuple[str | None, bool]:
    """The hash in `documentId`, or in Apollo's `extensions.persistedQuery`."""
    document_id = _optional(sent, "documentId", str)
    if document_id is not None:
        found = _DOCUMENT_ID.fullmatch(document_id)
        if found is None:
            raise _malformed("`documentId` must be `sha256:` and 64 hexadecimal digits.")
        return found[1], False
    extensions = _optional(sent, "extensions", dict) or {}
    persisted = _optional(extensions, "persistedQuery", dict)
    if persisted is None:
        return None, False
    digest = persisted.get("sha256Hash")
    if persisted.get("version") != 1 or not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise _malformed("`persistedQuery` must have version 1 and `sha256Hash` in hexadecimal.")
    return digest, True
