"""`counterfoil web`: the application on a port, under uvicorn."""

from __future__ import annotations

import gc

import uvicorn
from starlette.applications import Starlette

from counterfoil.api.outages import is_outage
from counterfoil.app import create_app
from counterfoil.launcher.ports import listen
from counterfoil.plumbing import console
from counterfoil.plumbing.patience import ImpatientProtocol
from counterfoil.settings import Settings

_LARGEST_FRAME = 64 * 1024  # bytes of one websocket message
_PING_SECONDS = 25  # how often a silent websocket is asked whether it lives
_NEW_OBJECTS = 10_000  # so many more than have gone, and the youngest are collected
_GRACE = 5  # seconds that open requests have when the process is asked to stop


def run(settings: Settings) -> int:
    """Serve until asked to stop; the exit code.

    Raises:
        PortTaken, HostUnusable: HOST and PORT can't be listened on.
    """
    console.configure(settings.log_level, talkative="uvicorn", is_outage=is_outage)
    listener = listen(settings.host, settings.port, setting="PORT")
    server = uvicorn.Server(configuration(create_app(settings)))
    _spare_the_collector()
    server.run(sockets=[listener])
    return 0 if server.started else 1


def configuration(app: Starlette) -> uvicorn.Config:
    """How the application is served, here and in tests."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        loop="uvloop",
        http=ImpatientProtocol,
        ws="websockets-sansio",
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_max_size=_LARGEST_FRAME,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=_GRACE,
    )


def _spare_the_collector() -> None:
    """Leave out of collections what lives as long as the process, and collect less often.

    The schema and the modules are a few hundred thousand objects, which each full collection
    would walk through, and an answer of a thousand rows makes enough new ones for many.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)
