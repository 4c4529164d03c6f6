"""Errors outside of GraphQL: {"message", "code", "requestId"}, each logged once at most."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.api.refusals import Refused, refused
from counterfoil.kit.ids import new_id

_WORDS = {404: "There is nothing at this address.", 405: "This address takes another method."}


class PlainErrors:
    """Turns what an endpoint raises into an answer, unless one was begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if begun:
                raise
            await _answer(error)(scope, receive, send)


def _answer(error: Exception) -> Response:
    request_id = new_id().hex
    problem = refused(error, request_id=request_id)
    return plain(problem, request_id=request_id)


def plain(problem: Refused, *, request_id: str) -> Response:
    """A refusal for people and programs that do not speak GraphQL."""
    content: MutableMapping[str, Any] = {
        "message": str(problem),
        "code": problem.code,
        "requestId": request_id,
        **problem.details,
    }
    return JSONResponse(
        content,
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


async def in_words(request: Request, error: Exception) -> Response:
    """A router's 404 or 405."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    words = _WORDS.get(error.status_code, error.detail)
    return JSONResponse({"message": words}, status_code=error.status_code, headers=error.headers)
