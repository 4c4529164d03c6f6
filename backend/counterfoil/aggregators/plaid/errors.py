"""Plaid's errors in our kinds. `errors.json` lists every documented code by its error_type.

Source of the codes: https://plaid.com/docs/errors/. Plaid asks to branch on error_type and
error_code only; the HTTP status is coarse (most errors are 400, a bank that is down too).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from counterfoil.aggregators.port import AggregatorError, ErrorKind, Retry
from counterfoil.kit.text import clean_or_none

MALFORMED_ANSWER = "MALFORMED_ANSWER"
_CODE_LIMIT = 120
_MESSAGE_LIMIT = 500
_RATE_LIMIT_TYPE = "RATE_LIMIT_EXCEEDED"
_DEFAULT_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Documented:
    """What a documented code means to us.

    `reasons` changes the kind by Plaid's error_code_reason; `wait_seconds` is how long a used-up
    limit lasts.
    """

    kind: ErrorKind
    retry: Retry
    reasons: Mapping[str, ErrorKind] = field(default_factory=dict)
    wait_seconds: int | None = None


_UNKNOWN = Documented(ErrorKind.PROTOCOL, Retry.SCHEDULED)
_UNKNOWN_LIMIT = Documented(ErrorKind.RATE_LIMITED, Retry.SOON, wait_seconds=_DEFAULT_WAIT_SECONDS)


def _read() -> dict[str, dict[str, Documented]]:
    listed = json.loads(resources.files(__package__).joinpath("errors.json").read_text("utf-8"))
    return {
        type_: {code: _documented(entry) for code, entry in codes.items()}
        for type_, codes in listed.items()
    }


def _documented(entry: Mapping[str, Any]) -> Documented:
    return Documented(
        ErrorKind(entry["kind"]),
        Retry(entry["retry"]),
        {why: ErrorKind(kind) for why, kind in entry.get("reasons", {}).items()},
        entry.get("wait_seconds"),
    )


DOCUMENTED: Mapping[str, Mapping[str, Documented]] = _read()
"""By error_type, then by error_code."""


def error_of(
    document: Mapping[str, object], *, now: datetime, request_id: str | None = None
) -> AggregatorError:
    """The error that a PlaidError object stands for.

    A code that is not listed is unmapped: an unknown limit is a limit, anything else PROTOCOL.
    Messages are cleaned and bounded.
    """
    type_, code = _text(document, "error_type"), _text(document, "error_code")
    found = _find(type_, code)
    meaning = found or (_UNKNOWN_LIMIT if type_ == _RATE_LIMIT_TYPE else _UNKNOWN)
    reason = _text(document, "error_code_reason")
    wait = meaning.wait_seconds
    return AggregatorError(
        meaning.reasons.get(reason or "", meaning.kind),
        retry=meaning.retry,
        provider_code=code or type_ or MALFORMED_ANSWER,
        provider_message=_text(document, "display_message") or _text(document, "error_message"),
        request_id=_text(document, "request_id") or request_id,
        retry_at=now + timedelta(seconds=wait) if wait is not None else None,
        mapped=found is not None,
    )


def malformed(problem: str, *, request_id: str | None = None) -> AggregatorError:
    """An answer that breaks Plaid's own description; nothing of it is used."""
    return AggregatorError(
        ErrorKind.PROTOCOL,
        retry=Retry.SCHEDULED,
        provider_code=MALFORMED_ANSWER,
        provider_message=clean_or_none(problem, limit=_MESSAGE_LIMIT),
        request_id=request_id,
    )


def _find(type_: str | None, code: str | None) -> Documented | None:
    """By type and code; a code that came with another type keeps its meaning if it has one."""
    if type_ is None or code is None:
        return None
    exact = DOCUMENTED.get(type_, {}).get(code)
    if exact is not None:
        return exact
    meanings = [codes[code] for codes in DOCUMENTED.values() if code in codes]
    return meanings[0] if meanings and all(each == meanings[0] for each in meanings) else None


def _text(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    limit = _MESSAGE_LIMIT if name.endswith("message") else _CODE_LIMIT
    return clean_or_none(value, limit=limit) if isinstance(value, str) else None
