"""The calls over HTTP: who asks, whether the request is well made, what answers it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fakebank.faults import Fault
from fakebank.journal import Entry
from fakebank.names import fresh_id
from fakebank.plaid import (
    institution_calls,
    item_calls,
    key_calls,
    link_calls,
    sandbox_calls,
    transaction_calls,
    wire,
)  # fmt: skip
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.limits import LIMITS
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.records import Item
from fakebank.plaid.requests import SHAPES
from fakebank.sandbox import Sandbox

Body = dict[str, Any]
Call = Callable[[Sandbox, Body], Body]
VERSION = "2020-09-14"
CALLS: dict[str, Call] = {
    "/link/token/create": link_calls.create_link_token,
    "/link/token/get": link_calls.get_link_token,
    "/item/public_token/exchange": item_calls.exchange_public_token,
    "/item/get": item_calls.get_item,
    "/item/remove": item_calls.remove_item,
    "/item/webhook/update": item_calls.update_webhook,
    "/item/access_token/invalidate": item_calls.invalidate_access_token,
    "/accounts/get": item_calls.get_accounts,
    "/accounts/balance/get": item_calls.get_accounts,
    "/transactions/sync": transaction_calls.sync,
    "/transactions/refresh": transaction_calls.refresh,
    "/institutions/search": institution_calls.search_institutions,
    "/institutions/get": institution_calls.get_institutions,
    "/institutions/get_by_id": institution_calls.get_institution,
    "/webhook_verification_key/get": key_calls.get_webhook_key,
    "/sandbox/public_token/create": sandbox_calls.create_public_token,
    "/sandbox/item/reset_login": sandbox_calls.reset_login,
    "/sandbox/item/fire_webhook": sandbox_calls.fire_webhook,
    "/sandbox/transactions/create": sandbox_calls.create_transactions,
}


class HalfAnswer(Response):
    """An answer whose connection is cut in the middle of the body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def to_json(answer: Any) -> bytes:
    """JSON bytes in which a Decimal is a number with just its own digits."""
    return orjson.dumps(answer, default=_number)


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return orjson.Fragment(format(value, "f") if -20 < value.adjusted() < 20 else str(value))


def same_keys(sandbox: Sandbox, client_id: Any, secret: Any) -> bool:
    """Whether these are the client's keys, without telling by the time it takes."""
    scenario = sandbox.scenario
    pairs = ((client_id, scenario.client_id), (secret, scenario.secret))
    return all(
        isinstance(given, str) and secrets.compare_digest(given.encode(), ours.encode())
        for given, ours in pairs
    )


class PlaidServer:
    """Answers Plaid's calls for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """One POST for each call."""
        return [Route(path, self._answer, methods=["POST"]) for path in CALLS]

    async def _answer(self, request: Request) -> Response:
        sandbox, path = self._sandbox, request.url.path
        request_id = fresh_id(15)
        raw = await request.body()
        entry = sandbox.journal.open(
            at=str(wire.moment(sandbox.clock.now())), path=path, request=None
        )
        entry.request_id = request_id
        struck: list[Fault] = []
        try:
            body = self._admit(request, raw, entry)
            item = self._item(body)
            struck = self._strike(path, body, item, entry)
            await self._wait(struck)
            status, answer = 200, self._decide(path, body, item, struck)
            answer = answer | {"request_id": request_id}
        except PlaidError as error:
            status, answer = error.kind.status, error.body(request_id)
            entry.error_code = error.code
        sandbox.save()
        entry.status = status
        return _response(status, to_json(answer), {fault.kind for fault in struck})

    def _admit(self, request: Request, raw: bytes, entry: Entry) -> Body:
        """The checked body of a request. Raises PlaidError for whatever is wrong with it."""
        body = _parse(request, raw)
        entry.request = {k: v for k, v in body.items() if k not in ("client_id", "secret")}
        client_id = request.headers.get("plaid-client-id") or body.get("client_id")
        secret = request.headers.get("plaid-secret") or body.get("secret")
        if missing := [n for n, v in (("client_id", client_id), ("secret", secret)) if not v]:
            raise PlaidError(
                "MISSING_FIELDS", "the following required fields are missing: " + ", ".join(missing)
            )
        if not same_keys(self._sandbox, client_id, secret):
            raise PlaidError("INVALID_API_KEYS")
        if request.headers.get("plaid-version", VERSION) != VERSION:
            raise PlaidError("INVALID_HEADERS", f"Plaid-Version must be {VERSION}")
        checked: Body = SHAPES[request.url.path](entry.request, "")
        return checked

    def _item(self, body: Body) -> Item | None:
        token = body.get("access_token")
        return next((each for each in self._sandbox.items if each.access_token == token), None)

    def _strike(self, path: str, body: Body, item: Item | None, entry: Entry) -> list[Fault]:
        institution_id = item.institution_id if item else body.get("institution_id")
        item_id = item.item_id if item else None
        struck = self._sandbox.strike(path, institution_id=institution_id, item_id=item_id)
        entry.faults = [fault.kind for fault in struck]
        return struck

    async def _wait(self, struck: list[Fault]) -> None:
        for fault in struck:
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)

    def _decide(self, path: str, body: Body, item: Item | None, struck: list[Fault]) -> Body:
        sandbox = self._sandbox
        for fault in struck:
            if fault.kind in ("down", "error", "rate_limit"):
                raise PlaidError(fault.code or _usual_code(fault.kind, path))
        if sandbox.scenario.rate_limits:
            item_id = item.item_id if item else None
            now = sandbox.clock.now()
            if code := sandbox.limiter.refusal(path, item_id=item_id, now=now):
                raise PlaidError(code)
        catch_up(sandbox)
        return CALLS[path](sandbox, body)


def _parse(request: Request, raw: bytes) -> Body:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise PlaidError("INVALID_BODY", "the content type must be application/json")
    try:
        body = json.loads(raw, parse_float=Decimal, parse_constant=_refuse_constant)
    except ValueError as error:
        raise PlaidError("INVALID_BODY", "body could not be parsed as JSON") from error
    if not isinstance(body, dict):
        raise PlaidError("INVALID_BODY", "the body must be a JSON object")
    return body


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _usual_code(kind: str, path: str) -> str:
    if kind == "rate_limit":
        return LIMITS[path].code if path in LIMITS else "RATE_LIMIT"
    return "INSTITUTION_DOWN" if kind == "down" else "INTERNAL_SERVER_ERROR"


def _response(status: int, body: bytes, faults: set[str]) -> Response:
    if "unavailable" in faults:
        return Response("<html><h1>502 Bad Gateway</h1></html>", 502, media_type="text/html")
    if "half" in faults:
        return HalfAnswer(body, media_type="application/json")
    if "malformed" in faults:
        body = body[:-1] + b',"'
    return Response(body, status, media_type="application/json")
