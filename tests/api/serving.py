"""A small schema behind the real edge, served by the real server; and clients of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
import strawberry
import uvicorn
from aiohttp import ClientResponse, ClientSession
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from counterfoil.api.auth import COOKIE, Gate
from counterfoil.api.context import Info, Services
from counterfoil.api.execution import Engine
from counterfoil.api.graphql_schema import make_schema
from counterfoil.api.http import Endpoint
from counterfoil.api.plain import PlainErrors, in_words
from counterfoil.api.sockets import OpenSockets
from counterfoil.api.turns import Turns
from counterfoil.api.websocket import Door
from counterfoil.identity.models import Membership, Organization, Session, User
from counterfoil.identity.passwords import Passwords
from counterfoil.identity.queries import SignedIn, token_hash
from counterfoil.kit.money import AmountTooPrecise
from counterfoil.plumbing.patience import ImpatientProtocol
from counterfoil.server import configuration
from counterfoil.viewer import Forbidden, Right

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass
class MovableClock:
    """A clock that stands until it is moved."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        self.moment += by


@strawberry.type
class Thing:
    id: strawberry.ID
    name: str

    @strawberry.field
    def things(self, first: int = 10) -> list[Thing]:
        return things(min(first, 3))


def things(count: int) -> list[Thing]:
    return [Thing(id=strawberry.ID(str(number)), name=f"thing {number}") for number in range(count)]


class Broken(Exception):
    """Holds a secret that nobody may see."""


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, info: Info, name: str = "you") -> str:
        return f"hello {name}"

    @strawberry.field
    def mine(self, info: Info) -> str:
        return str(info.context.signed_in().organization_id)

    @strawberry.field
    def things(self, first: int = 10) -> list[Thing]:
        return things(min(first, 3))

    @strawberry.field
    def broken(self) -> str | None:
        raise Broken("the password is swordfish")

    @strawberry.field
    def away(self) -> str | None:
        raise ConnectionRefusedError("10.0.0.7 refused")

    @strawberry.field
    def forbidden(self) -> str | None:
        raise Forbidden(Right.CLOSE)

    @strawberry.field
    def imprecise(self) -> str | None:
        raise AmountTooPrecise("JPY", 0)

    @strawberry.field
    async def slow(self, info: Info) -> str:
        gate: asyncio.Event = cast(Any, info.context.services.linking)
        await gate.wait()
        return "at last"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self) -> str:
        return "touched"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number

    @strawberry.subscription
    async def flood(self) -> AsyncIterator[str]:
        while True:
            yield "x" * 16_384
            await asyncio.sleep(0)

    @strawberry.subscription
    async def silence(self) -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 0

    @strawberry.subscription
    async def breaks(self) -> AsyncIterator[int]:
        yield 1
        raise Broken("the password is swordfish")


SCHEMA = make_schema(query=Query, mutation=Mutation, subscription=Subscription)


def quick_passwords() -> Passwords:
    """argon2 as in production, but weak and quick."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class GateInOutage(Gate):
    """Can't ask the database who somebody is."""

    async def person(
        self, connection: HTTPConnection, *, organization: str | None = None
    ) -> SignedIn:
        raise ConnectionRefusedError("10.0.0.7 refused")


@dataclass
class Edge:
    """The edge around the small schema, with its parts for tests to look at.

    With a `schema` of its own it needs the `services` that its resolvers are given.
    """

    clock: MovableClock = field(default_factory=MovableClock)
    schema: strawberry.Schema = SCHEMA
    services: Services | None = None
    public_url: str = "https://books.example.com"
    registered: tuple[str, ...] = ()
    at_a_time: int = 24
    init_wait: timedelta = timedelta(seconds=5)
    gate_kind: type[Gate] = Gate

    def __post_init__(self) -> None:
        self.slow = asyncio.Event()
        services = self.services or Services(
            transactions=cast(Any, None),
            linking=cast(Any, self.slow),
            live=cast(Any, None),
            clock=self.clock,
            keyring=cast(Any, None),
            registry={},
            read_node=cast(Any, None),
            loaders=cast(Any, None),
        )
        lifetime = timedelta(hours=12)
        self.gate = self.gate_kind(self.clock, quick_passwords(), self.public_url, lifetime)
        self.sockets = OpenSockets(self.clock)
        self.engine = Engine(self.schema, self.registered)
        turns = Turns(self.clock, at_a_time=self.at_a_time)
        endpoint = Endpoint(self.engine, services, self.gate, turns)
        door = Door(self.engine, services, self.gate, turns, self.sockets, self.init_wait)
        self.app = Starlette(
            routes=[
                Route("/graphql", endpoint.answer, methods=METHODS),
                WebSocketRoute("/graphql", door.open),
                *self.gate.routes(),
            ],
            middleware=[Middleware(PlainErrors)],
            exception_handlers={HTTPException: in_words},
        )
        self.app.state.sockets = self.sockets


class _PromptServer(uvicorn.Server):
    """Ends as soon as it is told to; uvicorn looks ten times a second, as this does for Ctrl-C."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def end(self) -> None:
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 0.1)


@asynccontextmanager
async def served(
    app: Starlette, *, protocol: type[ImpatientProtocol] = ImpatientProtocol
) -> AsyncIterator[str]:
    """Serve an application on a free port of loopback; its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = configuration(app)
    config.http = protocol
    server = _PromptServer(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(10):
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.end()
        await running


@dataclass
class Person:
    """Somebody with an open session."""

    token: str
    user_id: UUID
    organization_id: UUID

    @property
    def cookies(self) -> dict[str, str]:
        return {COOKIE: self.token}


async def person(
    *, rights: tuple[Right, ...] = tuple(Right), lasts: timedelta = timedelta(hours=1)
) -> Person:
    """A member of a new organization, signed in."""
    number = await User.all().count() + 1
    token = f"token-{number}"
    user = await User.create(
        email=f"person{number}@example.com", name="A", password_hash="", created_at=NOW
    )
    organization = await Organization.create(
        name="A", base_currency="USD", time_zone="UTC", created_at=NOW
    )
    await Membership.create(
        user=user, organization=organization, rights=[*rights], last_used_at=NOW
    )
    await Session.create(
        token_hash=token_hash(token), user=user, created_at=NOW, expires_at=NOW + lasts
    )
    return Person(token, user.id, organization.id)


@dataclass
class Answer:
    """A response that was read."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.json.get("errors", [])]


async def read(response: ClientResponse) -> Answer:
    text = await response.text()
    is_json = "json" in response.headers.get("content-type", "")
    headers = {name.lower(): value for name, value in response.headers.items()}
    found = orjson.loads(text) if is_json and text else None
    return Answer(response.status, headers, text, found)


@dataclass
class Client:
    """Speaks to a served edge, as a person or as nobody."""

    session: ClientSession
    url: str

    async def graphql(
        self,
        query: str | None = None,
        *,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        **rest: Any,
    ) -> Answer:
        """Send `query` and `rest` as a GraphQL request, or `body` as it is."""
        given = {"content-type": "application/json", **(headers or {})}
        sent: dict[str, Any] = rest if query is None else {"query": query, **rest}
        how: dict[str, Any] = {"json": sent} if body is None else {"data": body}
        async with self.session.request(
            method, f"{self.url}/graphql", headers=given, **how
        ) as response:
            return await read(response)

    async def post(self, path: str, sent: Any, **headers: str) -> Answer:
        async with self.session.post(f"{self.url}{path}", json=sent, headers=headers) as response:
            return await read(response)

    async def get(self, path: str) -> Answer:
        async with self.session.get(f"{self.url}{path}", allow_redirects=False) as response:
            return await read(response)


@asynccontextmanager
async def client_of(app: Starlette, who: Person | None = None) -> AsyncIterator[Client]:
    """Serve `app`, and a client that is signed in as `who`."""
    async with served(app) as url, ClientSession(cookies=who.cookies if who else None) as session:
        yield Client(session, url)
