"""`python -m fakebank --port P`: run the sandbox bank."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from fakebank.app import create_app
from fakebank.sandbox import Sandbox
from fakebank.shelves import StateFileUnusable


class UnusableOption(Exception):
    """An option or setting cannot be used; the message is one line for a person."""


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UnusableOption(message)


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="fakebank",
        description="The sandbox bank: a pretend bank that speaks Plaid's protocol.",
        epilog="FAKEBANK_CLIENT_ID and FAKEBANK_SECRET set the keys that callers must give; "
        "without them they are made up and printed.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, required=True, help="port to listen on, 0 for any")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--state", type=Path, help="file that keeps the bank over a restart")
    parser.add_argument("--public-url", help="address of this server as a browser reaches it")
    return parser


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise UnusableOption(f"--port {port} is not a port: give a number from 0 to 65535")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        raise UnusableOption(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def _public_url(given: str | None, host: str, port: int) -> str:
    if given is None:
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared
        return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnusableOption(f"--public-url {given} is not an address: give http://host:port")
    return given.rstrip("/")


def _sandbox(public_url: str, state: Path | None) -> Sandbox:
    sandbox = Sandbox(
        public_url=public_url,
        client_id=os.environ.get("FAKEBANK_CLIENT_ID", ""),
        secret=os.environ.get("FAKEBANK_SECRET", ""),
        state_path=state,
    )
    scenario = sandbox.scenario
    if not scenario.client_id:
        scenario.client_id = secrets.token_hex(12)
        print(f"fakebank: client id {scenario.client_id}")
    if not scenario.secret:
        scenario.secret = secrets.token_hex(15)
        print(f"fakebank: secret {scenario.secret}")
    sandbox.adopt(scenario)
    return sandbox


class _Announcing(uvicorn.Server):
    """Says in one line when it is ready."""

    def __init__(self, config: uvicorn.Config, *, address: str) -> None:
        super().__init__(config)
        self._address = address

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and then end with 0 rather than by the signal."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"fakebank: ready on {self._address}", flush=True)


def run(arguments: list[str]) -> None:
    """Serve until told to stop. Raises UnusableOption, StateFileUnusable."""
    options = _parser().parse_args(arguments)
    listener = _listen(options.host, options.port)
    port = listener.getsockname()[1]
    sandbox = _sandbox(_public_url(options.public_url, options.host, port), options.state)
    config = uvicorn.Config(
        create_app(sandbox), log_level="error", access_log=False, timeout_graceful_shutdown=1
    )
    address = _public_url(None, options.host, port)
    _Announcing(config, address=address).run(sockets=[listener])


def main() -> int:
    """The exit code: 0 after a stop that was asked for, 2 for what cannot be used."""
    try:
        run(sys.argv[1:])
    except (UnusableOption, StateFileUnusable) as unusable:
        print(f"fakebank: {unusable}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
