"""The web application: Plaid's calls, the hosted sign-in page, the control interface."""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fakebank.control.api import ControlServer
from fakebank.control.page import ControlPage
from fakebank.hosted.server import HostedLinkServer
from fakebank.names import fresh_id
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.server import PlaidServer, to_json
from fakebank.plaid.webhooks import WebhookSender
from fakebank.sandbox import Sandbox

BEAT_SECONDS = 0.25


def create_app(sandbox: Sandbox) -> Starlette:
    """The application over a sandbox; while it runs, time passes in the bank."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sender = WebhookSender(sandbox)
        beat = asyncio.create_task(_pass_time(sandbox, sender))
        beat.add_done_callback(_stop_when_broken)
        yield
        beat.cancel()
        await sender.close()
        sandbox.close()

    return Starlette(
        routes=[
            *PlaidServer(sandbox).routes(),
            *HostedLinkServer(sandbox).routes(),
            *ControlServer(sandbox).routes(),
            *ControlPage(sandbox).routes(),
            Route("/static/style.css", _style),
        ],
        exception_handlers={HTTPException: _refuse, Exception: _fail},  # type: ignore[dict-item]
        lifespan=lifespan,
    )


async def _style(_: Request) -> Response:
    return FileResponse(Path(__file__).with_name("style.css"), media_type="text/css")


async def _pass_time(sandbox: Sandbox, sender: WebhookSender) -> None:
    while True:
        catch_up(sandbox)
        sender.send_due()
        sandbox.save()
        await asyncio.sleep(BEAT_SECONDS)


def _stop_when_broken(beat: asyncio.Task[None]) -> None:
    """A bank whose time stands still would look well and be wrong: end, so that it is restarted."""
    if not beat.cancelled() and (error := beat.exception()) is not None:
        traceback.print_exception(error)
        signal.raise_signal(signal.SIGTERM)


async def _refuse(request: Request, error: HTTPException) -> Response:
    """No such address, in the words of the API."""
    return _error("METHOD_NOT_ALLOWED" if error.status_code == 405 else "NOT_FOUND")


async def _fail(_: Request, __: Exception) -> Response:
    """A mistake of the sandbox itself; the server prints its traceback."""
    return _error("INTERNAL_SERVER_ERROR")


def _error(code: str) -> Response:
    error = PlaidError(code)
    body = to_json(error.body(fresh_id(15)))
    return Response(body, error.kind.status, media_type="application/json")
