"""The web process's composition root: the page, the API, and what they stand on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from counterfoil.aggregators.port import Aggregator
from counterfoil.aggregators.registry import open_aggregators
from counterfoil.api import page
from counterfoil.api.auth import Gate
from counterfoil.api.context import Services
from counterfoil.api.documents import read_registered
from counterfoil.api.execution import Engine
from counterfoil.api.export import Exports
from counterfoil.api.export_books import BooksExports
from counterfoil.api.headers import SecurityHeaders
from counterfoil.api.http import Endpoint
from counterfoil.api.ids import encode
from counterfoil.api.live import Live
from counterfoil.api.loaders import Loaders
from counterfoil.api.outages import is_outage
from counterfoil.api.plain import PlainErrors, in_words
from counterfoil.api.schema import read_node, schema
from counterfoil.api.sockets import OpenSockets
from counterfoil.api.turns import Turns
from counterfoil.api.webhooks import Webhooks
from counterfoil.api.websocket import Door
from counterfoil.identity.passwords import Passwords
from counterfoil.kit.clock import Clock, SystemClock
from counterfoil.kit.crypto import Keyring
from counterfoil.kit.sql import fetch
from counterfoil.links.linking import Linking
from counterfoil.plumbing.arq_queue import ArqQueue
from counterfoil.plumbing.database import connected
from counterfoil.plumbing.keeping import kept_running
from counterfoil.plumbing.redis_bus import RedisBus
from counterfoil.settings import Settings
from counterfoil.unit_of_work import Transactions

_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(
    settings: Settings, *, clock: Clock | None = None, page_at: Path = page.BUILT
) -> Starlette:
    """The whole web process as an ASGI application.

    Raises:
        KeyFileUnusable: the encryption keys can't be read.
        DocumentUnusable: a registered document does not fit the schema.
    """
    web = Web(settings, clock or SystemClock())
    app = Starlette(
        routes=[*web.routes(), Mount("/", page.page(page_at))],
        middleware=[
            Middleware(SecurityHeaders, https=urlsplit(settings.public_url).scheme == "https"),
            Middleware(PlainErrors),
        ],
        exception_handlers={HTTPException: in_words},
        lifespan=web.running,
    )
    app.state.sockets, app.state.services = web.sockets, web.services
    return app


class Web:
    """The parts of the process. Nothing is connected to anything before `running`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        redis_url = settings.redis_url.reveal()
        self._settings = settings
        self._clock = clock
        self._bus, self._queue = RedisBus.at(redis_url), ArqQueue.at(redis_url)
        self._adapters: dict[str, Aggregator] = {}
        self._gate = Gate(clock, Passwords(), settings.public_url, settings.session_lifetime)
        self._live = Live(listen=self._bus.listen, clock=clock)
        self.sockets = OpenSockets(clock)
        self.services = self._services(Transactions(clock, self._bus, self._queue))
        self._engine = Engine(schema, read_registered(settings.data_dir / "documents"))

    def _services(self, transactions: Transactions) -> Services:
        settings = self._settings
        keyring = Keyring.load(settings.encryption_key_file)
        linking = Linking(
            transactions,
            self._adapters,
            keyring,
            self._clock,
            public_url=settings.public_url,
            webhook_url=settings.webhook_url,
            public_id=partial(encode, "LinkSession"),
            app_return_urls=settings.app_return_urls,
        )
        return Services(
            transactions=transactions,
            linking=linking,
            live=self._live,
            clock=self._clock,
            keyring=keyring,
            registry=self._adapters,
            read_node=read_node,
            loaders=Loaders,
        )

    @asynccontextmanager
    async def running(self, app: Starlette) -> AsyncIterator[None]:
        """Connect everything, and close it again in the reverse order."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(connected(self._settings.database_url.reveal()))
            stack.push_async_callback(self._bus.close)
            stack.push_async_callback(self._queue.close)
            adapters = open_aggregators(self._settings, self._clock)
            self._adapters.update(await stack.enter_async_context(adapters))
            for task in (self._live.run, self.sockets.run):
                await stack.enter_async_context(kept_running(task, clock=self._clock))
            yield

    def routes(self) -> Sequence[BaseRoute]:
        """Every address but the page's."""
        turns = Turns(self._clock)
        endpoint = Endpoint(self._engine, self.services, self._gate, turns)
        door = Door(self._engine, self.services, self._gate, turns, self.sockets)
        printed = schema.as_str()

        async def schema_text(request: Request) -> Response:
            return PlainTextResponse(printed)

        return [
            *_operational(self._bus),
            Route("/graphql", endpoint.answer, methods=_EVERY_METHOD),
            WebSocketRoute("/graphql", door.open),
            Route("/schema.graphql", schema_text, methods=["GET"]),
            *self._gate.routes(),
            *Webhooks(self.services).routes(),
            *Exports(self._gate).routes(),
            *BooksExports(self._gate).routes(),
        ]


def _operational(bus: RedisBus) -> Sequence[BaseRoute]:
    """Whether the process lives, and whether it can do its work."""

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(request: Request) -> Response:
        parts = {"database": _database_answers, "redis": bus.ping}
        states = {name: await _state(ask) for name, ask in parts.items()}
        works = all(state == "ok" for state in states.values())
        return JSONResponse(
            {"status": "ok" if works else "unavailable", **states},
            status_code=200 if works else 503,
        )

    return [Route("/health", health), Route("/ready", ready)]


async def _database_answers() -> None:
    await fetch("SELECT 1 AS one")


async def _state(ask: Callable[[], Awaitable[object]]) -> str:
    try:
        async with asyncio.timeout(2):
            await ask()
    except Exception as error:
        if not is_outage(error):
            raise
        return "away"
    return "ok"
