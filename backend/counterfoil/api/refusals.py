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
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
}
"""HTTP status of a request that was not executed; of a code that is not here, 422."""

_UNAVAILABLE = "Counterfoil is busy or restarting. Try again in a moment."
_INTERNAL = "Something went wrong on our side. Quote the request id when you report it."


class Refused(Exception):
    """The request was not executed. `details` go into the error's `extensions`."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **details: object,
    ) -> None:
        self.code = code
        self.status = STATUS.get(code, 422) if status is None else status
        self.headers = dict(headers or {})
        self.details = details
        super().__init__(message)


class Invalid(Refused):
    """The document or the variables do not fit; `errors` says where."""

    def __init__(
        self, errors: Sequence[GraphQLError], *, code: str = RequestCode.VALIDATION_FAILED
    ) -> None:
        self.errors = errors
        super().__init__(code, errors[0].message)


def refused(error: BaseException, *, request_id: str) -> Refused:
    """Any error as a refusal of the whole request; one of ours in the code is logged here."""
    match error:
        case Refused():
            return error
        case GraphQLError():
            original = _original(error)
            return (
                Invalid([error]) if original is None else refused(original, request_id=request_id)
            )
        case CounterfoilError():
            return Refused(error.code, str(error), **_details(error))
        case _ if is_outage(error):
            log.warning("request %s: unavailable: %s", request_id, error)
            return _unavailable()
        case _:
            log.error("request %s failed", request_id, exc_info=error)
            return Refused(RequestCode.INTERNAL, _INTERNAL)


def _unavailable() -> Refused:
    return Refused(
        RequestCode.UNAVAILABLE, _UNAVAILABLE, headers={"Retry-After": "1"}, retryable=True
    )


def refusal(error: Refused, *, request_id: str) -> list[dict[str, Any]]:
    """A refusal as the `errors` of an answer without data."""
    if isinstance(error, Invalid):
        return presented(error.errors, request_id=request_id, code=error.code)
    extensions = {"code": error.code, **error.details, "requestId": request_id}
    return [{"message": str(error), "extensions": extensions}]


def presented(
    errors: Iterable[GraphQLError],
    *,
    request_id: str,
    code: str = RequestCode.VALIDATION_FAILED,
) -> list[dict[str, Any]]:
    """The errors of an execution or a validation as the client may see them.

    `code` is that of errors which GraphQL itself found.
    """
    logged: set[int] = set()
    return [_presented(error, request_id, code, logged) for error in errors]


def _presented(error: GraphQLError, request_id: str, code: str, logged: set[int]) -> dict[str, Any]:
    original = _original(error)
    if original is None:
        shown = Refused(code, error.message)
    else:
        shown = _shown(original, request_id, quiet=id(original) in logged)
        logged.add(id(original))
    answer: dict[str, Any] = {"message": str(shown)}
    if error.locations:
        answer["locations"] = [place.formatted for place in error.locations]
    if error.path:
        answer["path"] = error.path
    extensions = {"code": shown.code, **shown.details, "requestId": request_id}
    return {**answer, "extensions": extensions}


def _shown(original: BaseException, request_id: str, *, quiet: bool) -> Refused:
    """The code, the words and the details; what was logged for another field stays `quiet`."""
    if quiet and not isinstance(original, CounterfoilError):
        return _unavailable() if is_outage(original) else Refused(RequestCode.INTERNAL, _INTERNAL)
    return refused(original, request_id=request_id)


def _original(error: GraphQLError) -> BaseException | None:
    """What a resolver raised; None for what GraphQL itself found wrong with the request."""
    original: BaseException | None = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


def _details(error: CounterfoilError) -> dict[str, Any]:
    details: dict[str, Any] = {"retryable": error.retryable}
    if (path := camel_path(error.field)) is not None:
        details["field"] = path
    if isinstance(error, Forbidden):
        details["right"] = error.right.value
    retry_at: datetime | None = getattr(error, "retry_at", None)
    if retry_at is not None:
        details["retryAt"] = serialize_moment(retry_at)
    return details
