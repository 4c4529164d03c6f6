"""GraphQL over HTTP, edition of September 2026 (https://graphql.github.io/graphql-over-http/).

POST of `application/json` only: no GET, no batches. The answer is
`application/graphql-response+json` with a status that says what happened; for clients that take
`application/json` alone the status is 200 for every well-formed request.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from counterfoil.api.auth import Gate
from counterfoil.api.bodies import read_body
from counterfoil.api.context import Context, Services
from counterfoil.api.execution import Engine
from counterfoil.api.guard import BODY_BYTES
from counterfoil.api.negotiation import LEGACY, RESPONSE, is_json, media_type
from counterfoil.api.refusals import Refused, RequestCode, refusal, refused
from counterfoil.api.requests import GraphQLRequest, read_request
from counterfoil.api.turns import Turns
from counterfoil.identity.queries import NotSignedIn
from counterfoil.kit.ids import new_id
from counterfoil.viewer import Viewer

_PARTIAL = 294
"""Section 6.1 of the edition: executed, with data and errors."""


def encode(answer: Any) -> bytes:
    """An answer as JSON in UTF-8."""
    return orjson.dumps(answer)


class Endpoint:
    """Answers POST /graphql."""

    def __init__(self, engine: Engine, services: Services, gate: Gate, turns: Turns) -> None:
        self._engine = engine
        self._services = services
        self._gate = gate
        self._turns = turns

    async def answer(self, request: Request) -> Response:
        """The answer to any request at this address, by whatever method."""
        request_id = new_id().hex
        accepted = media_type(request.headers.get("accept"))
        try:
            self._require_shape(request, accepted)
            return await self._answer(request, accepted or RESPONSE, request_id)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer, once, here
            return _refusal(refused(error, request_id=request_id), accepted, request_id)

    def _require_shape(self, request: Request, accepted: str | None) -> None:
        if request.method != "POST":
            raise Refused(
                RequestCode.BAD_REQUEST,
                "GraphQL is spoken by POST here.",
                status=405,
                headers={"Allow": "POST"},
            )
        if accepted is None:
            raise Refused(RequestCode.BAD_REQUEST, f"Accept {RESPONSE} or {LEGACY}.", status=406)
        if not is_json(request.headers.get("content-type")):
            raise Refused(RequestCode.BAD_REQUEST, "Send application/json in UTF-8.", status=415)
        self._gate.require_own_page(request)

    async def _answer(self, request: Request, accepted: str, request_id: str) -> Response:
        asked = await _read(request)
        viewer = await self._viewer(request)
        try:
            answer = await self._run(asked, viewer, request_id)
        except Refused as error:
            return _refusal(error, accepted, request_id, well_formed=True)
        status = _PARTIAL if "errors" in answer and accepted == RESPONSE else 200
        return _response(answer, status, accepted, request_id)

    async def _viewer(self, request: Request) -> Viewer | None:
        """Who asks; None for nobody, who is refused once the request itself was looked at."""
        try:
            return (await self._gate.person(request)).viewer
        except NotSignedIn:
            return None

    async def _run(
        self, asked: GraphQLRequest, viewer: Viewer | None, request_id: str
    ) -> dict[str, Any]:
        operation = self._engine.prepare(asked, viewer)
        if operation.is_subscription:
            raise Refused(
                RequestCode.BAD_REQUEST,
                "Subscriptions go over a websocket: graphql-transport-ws at this address.",
                status=422,
            )
        context = Context(self._services, operation.viewer, request_id)
        with self._turns.taken(operation.viewer.user_id):
            return await self._engine.execute(operation, context)


async def _read(request: Request) -> GraphQLRequest:
    body = await read_body(request, limit=BODY_BYTES)
    try:
        return read_request(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise Refused(
            RequestCode.BAD_REQUEST, f"The body can't be read as JSON: {error}."
        ) from None


def _refusal(
    error: Refused, accepted: str | None, request_id: str, *, well_formed: bool = False
) -> Response:
    answer = {"errors": refusal(error, request_id=request_id)}
    legacy = accepted == LEGACY and well_formed
    response = _response(answer, 200 if legacy else error.status, accepted or RESPONSE, request_id)
    response.headers.update(error.headers)
    return response


def _response(answer: Any, status: int, accepted: str, request_id: str) -> Response:
    return Response(
        encode(answer),
        status_code=status,
        headers={
            "Content-Type": f"{accepted}; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Request-Id": request_id,
        },
    )
