"""`counterfoil web`: the application on a port, under uvicorn."""

from __future__ import annotations

import uvicorn

from counterfoil.app import create_app
from counterfoil.launcher.ports import listen
from counterfoil.settings import Settings

_LARGEST_FRAME = 64 * 1024  # bytes of one websocket message
_GRACE = 5  # seconds that open requests have when the process is asked to stop


def run(settings: Settings) -> int:
    """Serve until asked to stop; the exit code.

    Raises:
        PortTaken, HostUnusable: HOST and PORT can't be listened on.
    """
    listener = listen(settings.host, settings.port, setting="PORT")
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_FRAME,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    return 0 if server.started else 1
