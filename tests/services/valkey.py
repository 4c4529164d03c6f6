"""A real Valkey server for tests, started by the very command that the product uses."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from counterfoil.launcher.valkey import command
from tests.services.processes import running, wait_until


class ValkeyServer:
    """A server on a private socket in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"

    @contextmanager
    def started(self) -> Iterator[ValkeyServer]:
        """Run it until the block ends. The same object can be started again."""
        with running(command(self.socket)):
            wait_until(lambda: self.answers("PING", b"+PONG\r\n"), what="Valkey to answer")
            yield self

    def flush(self) -> None:
        """Forget everything."""
        assert self.answers("FLUSHALL", b"+OK\r\n")

    def answers(self, order: str, expected: bytes) -> bool:
        """Whether the server is there and answers `order` so; on the wire, without a client."""
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.socket))
            except OSError:
                return False
            line.sendall(f"{order}\r\n".encode())
            return line.recv(64) == expected
