"""Everything that `counterfoil up` does, in its order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from counterfoil.errors import CounterfoilError
from counterfoil.launcher import prepare, redis_server
from counterfoil.launcher.family import Family, loopback
from counterfoil.launcher.ports import require_free
from counterfoil.launcher.readiness import accepts, accepts_on, is_healthy, ready
from counterfoil.launcher.schema_version import is_current
from counterfoil.launcher.supervisor import Supervisor
from counterfoil.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class MigrationFailed(CounterfoilError):
    """The schema could not be brought to the newest version."""

    def __init__(self) -> None:
        super().__init__("The database could not be prepared; the lines above say why.")


class ChildUnusable(CounterfoilError):
    """A process can't use a file or an option that it was given, and never worked."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"The process {name} can't do its work; its lines above say why.")


def run(settings: Settings, environment: Mapping[str, str]) -> int:
    """Start the product, keep it running, and stop it when asked; the exit code.

    Raises:
        CounterfoilError: it could not be started; nothing is left running.
    """
    sandboxed = settings.plaid_client_id is None
    require_free(settings.host, settings.port, setting="PORT")
    if sandboxed:
        require_free(settings.host, settings.fakebank_port, setting="FAKEBANK_PORT")
    with prepare.hold(settings.data_dir):
        prepare.encryption_keys(settings.encryption_key_file)
        keys = prepare.sandbox_keys(settings.data_dir / "sandbox.json") if sandboxed else None
        asyncio.run(_live(settings, Family(settings, environment, keys)))
    return 0


async def _live(settings: Settings, family: Family) -> None:
    asked = _asked_to_stop()
    supervisor = Supervisor(_line_printer(asked))
    starting = asyncio.create_task(_start(settings, family, supervisor))
    waiting = asyncio.create_task(asked.wait())
    try:
        first: set[asyncio.Future[Any]] = {starting, waiting, supervisor.refused}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if supervisor.refused.done():
            raise ChildUnusable(supervisor.refused.result())
        if starting.done():
            starting.result()
            await waiting
            supervisor.say("Stopping.")
    finally:
        waiting.cancel()
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError, CounterfoilError):
            await starting
        await supervisor.stop()


async def _start(settings: Settings, family: Family, supervisor: Supervisor) -> None:
    await _prepare_redis(settings, family, supervisor)
    await _prepare_database(settings, family, supervisor)
    await supervisor.keep(family.counterfoil("web"))
    if sandbox := family.fakebank():
        await supervisor.keep(sandbox)
    await supervisor.keep(family.counterfoil("worker"))
    invitation = asyncio.create_task(supervisor.answer(family.counterfoil("sign-in-link")))
    host = loopback(settings.host)
    await ready(lambda: is_healthy(host, settings.port), "The web process")
    if sandbox:
        await ready(lambda: accepts(host, settings.fakebank_port), "The sandbox bank")
    supervisor.trust()
    supervisor.say(f"Counterfoil is ready on {settings.public_url}")
    for line in await invitation:
        supervisor.say(line)


async def _prepare_redis(settings: Settings, family: Family, supervisor: Supervisor) -> None:
    """Start our own server, or wait for the one that was given."""
    if server := family.valkey():
        socket = family.valkey_socket()
        socket.parent.mkdir(mode=0o700, exist_ok=True)
        await supervisor.keep(server)
        await ready(lambda: accepts_on(socket), "Valkey")
        return
    url = settings.redis_url.reveal()
    if not await redis_server.answers(url):
        at = f"Redis at {redis_server.place(url)}"
        supervisor.say(f"Waiting for {at}")
        await ready(lambda: redis_server.answers(url), at, advice=" (see REDIS_URL).")


async def _prepare_database(settings: Settings, family: Family, supervisor: Supervisor) -> None:
    if await asyncio.to_thread(is_current, settings.database_url.reveal()):
        return
    if await supervisor.complete(family.counterfoil("migrate")) != 0:
        raise MigrationFailed


def _asked_to_stop() -> asyncio.Event:
    """Set at Ctrl-C, at SIGTERM, and when the terminal goes away."""
    asked = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def _line_printer(asked: asyncio.Event) -> Callable[[str], None]:
    """Prints a line at once; when nobody reads any more, that is a wish to stop."""

    def say(line: str) -> None:
        try:
            print(line, flush=True)
        except BrokenPipeError:
            sys.stdout = sys.stderr
            asked.set()

    return say
