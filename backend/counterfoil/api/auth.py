"""Signing in and out over HTTP, and who sent a request.

A session is a cookie that scripts can't read and that goes over https alone where the product is
reached so. Answers say {"message": …} in words when they are no 204.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from counterfoil.api import ids
from counterfoil.api.bodies import read_body
from counterfoil.api.negotiation import is_json
from counterfoil.api.origins import is_foreign
from counterfoil.api.refusals import Refused, RequestCode
from counterfoil.errors import NotFound
from counterfoil.identity import operations as identity
from counterfoil.identity.operations import NewSession
from counterfoil.identity.passwords import Passwords
from counterfoil.identity.queries import NotAMember, NotSignedIn, SignedIn, signed_in
from counterfoil.kit.clock import Clock

COOKIE = "counterfoil_session"
_BODY_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets people in and out, and knows who they are."""

    clock: Clock
    passwords: Passwords
    public_url: str
    lifetime: timedelta

    def require_own_page(self, connection: HTTPConnection) -> None:
        """Refuse what a browser sends for another site's page.

        Raises:
            Refused: it does.
        """
        scheme = connection.url.scheme
        if is_foreign(connection.headers, public_url=self.public_url, scheme=scheme):
            raise Refused(
                RequestCode.BAD_REQUEST, "This comes from another site's page.", status=403
            )

    async def person(
        self, connection: HTTPConnection, *, organization: str | None = None
    ) -> SignedIn:
        """Who sent this, in the organization that is named there, or else in the last used one.

        `organization` names it where there is no header `X-Organization`.
        Raises:
            NotSignedIn, SignInEnded, NotAMember: see `identity.queries.signed_in`.
        """
        token = connection.cookies.get(COOKIE)
        if not token:
            raise NotSignedIn
        named = connection.headers.get("x-organization") or organization
        now = self.clock.now()
        person = await signed_in(token, organization_id=_organization_id(named), now=now)
        if named:
            await identity.prefer_organization(person, now=now)
        return person

    def routes(self) -> list[Route]:
        return [
            Route("/auth/sign-in", self._sign_in, methods=["POST"]),
            Route("/auth/sign-in-link", self._sign_in_by_link, methods=["POST"]),
            Route("/auth/sign-out", self._sign_out, methods=["POST"]),
        ]

    async def _sign_in(self, request: Request) -> Response:
        sent = await self._read(request)
        return self._let_in(
            await identity.sign_in(
                self.passwords,
                email=_text(sent, "email", 254),
                password=_text(sent, "password", 1024),
                now=self.clock.now(),
                lifetime=self.lifetime,
            )
        )

    async def _sign_in_by_link(self, request: Request) -> Response:
        sent = await self._read(request)
        token = _text(sent, "token", 200)
        return self._let_in(
            await identity.redeem_sign_in_link(token, now=self.clock.now(), lifetime=self.lifetime)
        )

    async def _sign_out(self, request: Request) -> Response:
        self.require_own_page(request)
        if token := request.cookies.get(COOKIE):
            await identity.sign_out(token)
            await request.app.state.sockets.check()
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path="/", secure=self._secure, httponly=True, samesite="lax")
        return answer

    async def _read(self, request: Request) -> dict[str, Any]:
        self.require_own_page(request)
        if not is_json(request.headers.get("content-type")):
            raise Refused(RequestCode.BAD_REQUEST, "Send JSON as application/json.", status=415)
        body = await read_body(request, limit=_BODY_BYTES)
        try:
            sent = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Refused(RequestCode.BAD_REQUEST, "The body is no JSON.") from None
        if not isinstance(sent, dict):
            raise Refused(RequestCode.BAD_REQUEST, "The body must be a JSON object.", status=422)
        return sent

    def _let_in(self, session: NewSession) -> Response:
        answer = Response(status_code=204)
        answer.set_cookie(
            COOKIE,
            session.token.reveal(),
            max_age=int(self.lifetime.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    @property
    def _secure(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"


def _organization_id(named: str | None) -> Any:
    if not named:
        return None
    try:
        return ids.decode(named, "Organization")
    except NotFound:
        raise NotAMember from None


def _text(sent: dict[str, Any], name: str, limit: int) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        raise Refused(
            RequestCode.BAD_REQUEST,
            f"`{name}` must be a text of 1 to {limit} characters.",
            status=422,
        )
    return value
