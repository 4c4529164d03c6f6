"""Errors that concern a whole request, and errors in queries: the answer's top-level `errors`.

Each has `extensions { code requestId }`. What a client can't know about is masked: it gets the
request's id, under which the log has the rest, once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from graphql import GraphQLError

from counterfoil.api.errors import camel_path
from counterfoil.api.outages import is_outage
from counterfoil.api.scalars import serialize_moment
from counterfoil.errors import CounterfoilError
from counterfoil.viewer import Forbidden

log = logging.getLogger(__name__)


class RequestCode(StrEnum):
    """The codes of top-level errors beside those of `ErrorCode`, which queries may answer too."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105
    BAD_REQUEST = "BAD_REQUEST"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    DOCUMENT_NOT_FOUND = "DOCUMENT_NOT_FOUND"
    TOO_COSTLY = "TOO_COSTLY"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


STATUS: Mapping[str, int] = {
    RequestCode.UNAUTHENTICATED: 401,
    RequestCode.TOKEN_EXPIRED: 401,
    RequestCode.BAD_REQUEST: 400,
    RequestCode.VALIDATION_FAILED: 422,
    RequestCode.DOCUMENT_NOT_FOUND: 400,
    RequestCode.TOO_COSTLY: 422,
    RequestCode.RATE_LIMITED: 429,
    RequestCode.UNAVAILABLE: 503,
    RequestCode.INTERNAL: 500,
}
"""HTTP status of a request that was not executed; of a code that is not here, 422."""

_UNAVAILABLE = "Counterfoil is busy or restarting. Try again in a moment."
_INTERNAL = "Something went wrong on our side. Quote the request id when you report it."


class Refused(Exception):
    """The request was not executed. `details` go into the error's `extensions`."""

    def __init__(
        self,
        code: RequestCode,
        message: str,
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.status = STATUS[code] if status is None else status
        self.retry_at = retry_at
        self.headers = dict(headers or {})
        super().__init__(message)


class Invalid(Refused):
    """The document does not fit the schema; `errors` says where."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        self.errors = errors
        super().__init__(RequestCode.VALIDATION_FAILED, errors[0].message)


def refused(error: BaseException, *, request_id: str) -> Refused:
    """Any error as a refusal of the whole request; one of ours in the code is logged here."""
    match error:
        case Refused():
            return error
        case CounterfoilError() if error.code in RequestCode.__members__:
            retry_at = getattr(error, "retry_at", None)
            return Refused(RequestCode[error.code], str(error), retry_at=retry_at)
        case CounterfoilError():
            return Refused(RequestCode.BAD_REQUEST, str(error))
        case _ if is_outage(error):
            log.warning("request %s: unavailable: %s", request_id, error)
            return Refused(RequestCode.UNAVAILABLE, _UNAVAILABLE, headers={"Retry-After": "1"})
        case _:
            log.error("request %s failed", request_id, exc_info=error)
            return Refused(RequestCode.INTERNAL, _INTERNAL)


def refusal(error: Refused, *, request_id: str) -> list[dict[str, Any]]:
    """A refusal as the `errors` of an answer without data."""
    if isinstance(error, Invalid):
        return presented(error.errors, request_id=request_id)
    extensions: dict[str, Any] = {"code": error.code, "requestId": request_id}
    if error.code in (RequestCode.UNAVAILABLE, RequestCode.RATE_LIMITED):
        extensions["retryable"] = True
    if error.retry_at is not None:
        extensions["retryAt"] = serialize_moment(error.retry_at)
    return [{"message": str(error), "extensions": extensions}]


def presented(errors: Iterable[GraphQLError], *, request_id: str) -> list[dict[str, Any]]:
    """The errors of an execution or a validation as the client may see them."""
    logged: set[int] = set()
    return [_presented(error, request_id, logged) for error in errors]


def _presented(error: GraphQLError, request_id: str, logged: set[int]) -> dict[str, Any]:
    original = _original(error)
    answer: dict[str, Any] = {"message": error.message}
    if error.locations:
        answer["locations"] = [place.formatted for place in error.locations]
    if error.path:
        answer["path"] = error.path
    extensions: dict[str, Any] = {}
    if original is None:
        extensions["code"] = RequestCode.VALIDATION_FAILED
    elif isinstance(original, CounterfoilError):
        answer["message"] = str(original)
        extensions |= _known(original)
    else:
        masked = _masked(original, request_id, logged)
        answer["message"] = str(masked)
        extensions |= {"code": masked.code}
        if masked.code is RequestCode.UNAVAILABLE:
            extensions["retryable"] = True
    return {**answer, "extensions": {**extensions, "requestId": request_id}}


def _original(error: GraphQLError) -> BaseException | None:
    """What a resolver raised; None for what GraphQL itself found wrong with the request."""
    original: BaseException | None = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


def _known(error: CounterfoilError) -> dict[str, Any]:
    known: dict[str, Any] = {"code": error.code, "retryable": error.retryable}
    if (path := camel_path(error.field)) is not None:
        known["field"] = path
    if isinstance(error, Forbidden):
        known["right"] = error.right.value
    retry_at: datetime | None = getattr(error, "retry_at", None)
    if retry_at is not None:
        known["retryAt"] = serialize_moment(retry_at)
    return known


def _masked(error: BaseException, request_id: str, logged: set[int]) -> Refused:
    """The mask of an error, which is logged unless the same one was a moment ago."""
    if id(error) in logged:
        code = RequestCode.UNAVAILABLE if is_outage(error) else RequestCode.INTERNAL
        return Refused(code, _UNAVAILABLE if code is RequestCode.UNAVAILABLE else _INTERNAL)
    logged.add(id(error))
    return refused(error, request_id=request_id)
