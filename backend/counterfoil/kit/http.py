"""Guarded HTTP: JSON posted to one configured server.

Bounded in time and size; no redirect is followed, no cookie kept, no proxy taken from the
environment; certificates are verified; only addresses within the server's reach are connected to
(`addresses.py`). Numbers with a point become Decimal, NaN and infinities are refused.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import aiohttp

from counterfoil.kit.addresses import reach_of
from counterfoil.kit.secret import Secret

CONNECT_SECONDS = 10.0
BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of an answer after decompression; a page of 500 lines has about one million."""

Headers = Mapping[str, str | Secret]


class CallFailed(Exception):
    """No usable answer came. Neither the request nor its headers are kept in it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NoAnswer(CallFailed):
    """Not reached, timed out, or broken off half-way: the same call may work later."""


class AddressRefused(CallFailed):
    """The server's name leads to an address that may not be reached from here."""


class BadAnswer(CallFailed):
    """Something came, but it is not the bounded JSON that was asked for."""

    def __init__(self, reason: str, *, status: int) -> None:
        self.status = status
        super().__init__(reason)


class NotJson(ValueError):
    """The bytes are not JSON in UTF-8 that can be read."""

    def __init__(self) -> None:
        super().__init__("This is not valid JSON.")


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """A decoded answer of any HTTP status; `headers` have names in lower case."""

    status: int
    document: object = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class _OutOfReach(OSError):
    pass


def decoded(body: bytes) -> object:
    """JSON in UTF-8 with every number exact: int, or Decimal where it has a point or an exponent.

    Raises:
        NotJson: NaN and infinities are not JSON either, nor is what is nested beyond all use.
    """
    try:
        return json.loads(
            body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError, InvalidOperation):
        raise NotJson from None


class JsonHttp:
    """A client of one server. Close it with `close`; its repr shows no header."""

    def __init__(self, base_url: str, *, headers: Headers, body_limit: int = BODY_LIMIT) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = headers
        self._body_limit = body_limit
        self._reach = reach_of(base_url)
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, path: str, document: Mapping[str, object], *, seconds: float
    ) -> JsonAnswer:
        """Post `document` to `path` and decode the answer, within `seconds` in all.

        Raises:
            NoAnswer, AddressRefused, BadAnswer: see there. The HTTP status raises nothing.
        """
        failure: CallFailed
        try:
            return await self._exchange(path, document, seconds)
        except CallFailed as problem:
            failure = problem
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            failure = _named(problem)
        # Raised out here and without its context: aiohttp's own errors carry the request's headers,
        # a decoder's error carries the whole answer.
        failure.__context__ = None
        raise failure

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self, path: str, document: Mapping[str, object], seconds: float
    ) -> JsonAnswer:
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds))
        async with self._open_session().post(
            self._base_url + path,
            data=json.dumps(document).encode(),
            headers=_in_the_clear(self._headers),
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            body = await self._bounded_body(response)
            return JsonAnswer(
                response.status,
                _document_of(response, body),
                {name.lower(): value for name, value in response.headers.items()},
            )

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=self._socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json", "Accept": "application/json"},
            )
        return self._session

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """A socket for an address that getaddrinfo gave, if it is within reach."""
        family, kind, protocol, _, target = address
        if not self._reach.allows(target[0]):
            raise _OutOfReach("out of reach")
        return socket.socket(family, kind, protocol)

    async def _bounded_body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(65536):
            body += chunk
            if len(body) > self._body_limit:
                raise BadAnswer("The answer is too large.", status=response.status)
        return bytes(body)


def _document_of(response: aiohttp.ClientResponse, body: bytes) -> object:
    if response.content_type != "application/json":
        raise BadAnswer("The answer is not JSON by its content type.", status=response.status)
    try:
        return decoded(body)
    except NotJson:
        raise BadAnswer("The answer is not valid JSON.", status=response.status) from None


def _named(problem: Exception) -> CallFailed:
    if isinstance(problem, _OutOfReach) or isinstance(
        getattr(problem, "os_error", None), _OutOfReach
    ):
        return AddressRefused("The server's address is one that may not be reached from here.")
    if isinstance(problem, TimeoutError):
        return NoAnswer("No answer came in time.")
    if isinstance(problem, aiohttp.ClientPayloadError):
        return NoAnswer("The answer broke off half-way.")
    if isinstance(problem, aiohttp.ClientSSLError):
        return NoAnswer("The server's certificate could not be verified.")
    return NoAnswer("The server can't be reached, or closed the connection.")


def _in_the_clear(headers: Headers) -> dict[str, str]:
    return {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in headers.items()
    }


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
