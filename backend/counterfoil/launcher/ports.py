"""Whether a port is free, asked before anything is started."""

from __future__ import annotations

import errno
import socket

from counterfoil.errors import CounterfoilError


class PortTaken(CounterfoilError):
    """Somebody else listens on a port that we were to listen on."""

    def __init__(self, *, setting: str, host: str, port: int) -> None:
        self.setting, self.host, self.port = setting, host, port
        super().__init__(
            f"Port {port} on {host} is in use: stop what listens there, or set {setting} to "
            f"another, as in {setting}={port + 10 if port < 65000 else 8000} make run"
        )


class HostUnusable(CounterfoilError):
    """HOST is not an address of this machine."""

    def __init__(self, *, host: str, reason: str) -> None:
        self.host, self.reason = host, reason
        super().__init__(f"HOST {host} can't be listened on: {reason}.")


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """A listening socket, for the caller to serve on or to close.

    Raises:
        PortTaken: somebody listens there already.
        HostUnusable: the address does not belong to this machine, or we may not use the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as problem:
        listener.close()
        if problem.errno == errno.EADDRINUSE:
            raise PortTaken(setting=setting, host=host, port=port) from None
        raise HostUnusable(host=host, reason=problem.strerror or str(problem)) from None
    return listener


def require_free(host: str, port: int, *, setting: str) -> None:
    """Pass silently when nobody listens there.

    Raises:
        PortTaken, HostUnusable: as `listen`.
    """
    listen(host, port, setting=setting).close()
