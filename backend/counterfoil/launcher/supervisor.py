"""Keeps processes running: starts them tied to us, passes on what they print, starts them again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil.kit.pauses import Pauses
from counterfoil.launcher import tether

_LONGEST_LINE = 1 << 20
_UNUSABLE = 2  # the exit code of a command that can't use an option or a file that it was given
_TETHER = str(Path(tether.__file__))


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. `name` stands before each line that it prints.

    With `stops_last` it is stopped only when all others have ended, because they need it. Lines
    that hold one of `unshown` are not passed on.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    stops_last: bool = False
    unshown: Sequence[str] = ()


def describe_end(code: int) -> str:
    """How a process ended, in words; `code` as asyncio gives it (negative: a signal)."""
    if code < 0:
        return f"was killed ({signal.Signals(-code).name})"
    return f"ended by itself (exit code {code})"


@dataclass
class _Kept:
    child: Child
    process: Process
    keeper: asyncio.Task[None] = field(init=False)


class Supervisor:
    """Runs children until `stop`; `say` prints one line.

    `grace` is how many seconds a child has between being asked to stop and being killed.
    `refused` becomes the name of the first child that ends with exit code 2 before `trust`: it
    can't use what it was given, so that starting it again would end the same way.
    """

    def __init__(self, say: Callable[[str], None], *, grace: float = 8.0) -> None:
        self.say = say
        self._grace = grace
        self._kept: list[_Kept] = []
        self._stopping = asyncio.Event()
        self._trusted = False
        self.refused: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def keep(self, child: Child) -> None:
        """Start a child, and again whenever it ends."""
        kept = _Kept(child, await _start(child))
        kept.keeper = asyncio.create_task(self._watch(kept))
        self._kept.append(kept)

    def trust(self) -> None:
        """From now on start a child again whatever it ends with: all have worked once."""
        self._trusted = True

    async def complete(self, child: Child) -> int:
        """Run a child to its end, passing on what it prints; its exit code."""
        return await self._run(child, self._prefixed(child))

    async def answer(self, child: Child) -> list[str]:
        """Run a child to its end; the lines that it printed."""
        lines: list[str] = []
        await self._run(child, lines.append)
        return lines

    async def stop(self) -> None:
        """End all children and wait until they are gone."""
        self._stopping.set()
        for last in (False, True):
            wave = [kept for kept in self._kept if kept.child.stops_last is last]
            await asyncio.gather(*(self._end(kept.process, kept.keeper) for kept in wave))

    async def _watch(self, kept: _Kept) -> None:
        pauses = Pauses()
        while True:
            began = time.monotonic()
            await _listen(kept.process, self._prefixed(kept.child))
            code = await kept.process.wait()
            if self._stopping.is_set() or self._refuses(kept.child, code):
                return
            pause = pauses.after(lived=time.monotonic() - began)
            self.say(f"{kept.child.name} {describe_end(code)}; starting it again in {pause:g} s.")
            if await self._stops_within(pause):
                return
            kept.process = await _start(kept.child)
            if self._stopping.is_set():
                kept.process.terminate()

    def _refuses(self, child: Child, code: int) -> bool:
        refuses = code == _UNUSABLE and not self._trusted
        if refuses and not self.refused.done():
            self.refused.set_result(child.name)
        return refuses

    async def _stops_within(self, seconds: float) -> bool:
        try:
            return await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False

    async def _run(self, child: Child, hear: Callable[[str], None]) -> int:
        process = await _start(child)
        try:
            await _listen(process, hear)
            return await process.wait()
        finally:
            await self._end(process, process.wait())

    async def _end(self, process: Process, ended: Awaitable[object]) -> None:
        """Ask a process to stop, kill its group after a while, and wait until it has `ended`."""
        waiting = asyncio.ensure_future(ended)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.wait([waiting], timeout=self._grace)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await waiting

    def _prefixed(self, child: Child) -> Callable[[str], None]:
        def hear(line: str) -> None:
            if not any(text in line for text in child.unshown):
                self.say(f"{child.name:>8} | {line}")

        return hear


async def _listen(process: Process, hear: Callable[[str], None]) -> None:
    """Hand over each line that a process prints, until it prints no more."""
    while process.stdout is not None:
        try:
            line = await process.stdout.readline()
        except ValueError:  # longer than _LONGEST_LINE; asyncio has dropped it
            line = b"(a line that is too long to show)\n"
        if not line:
            return
        hear(line.decode(errors="replace").rstrip())


async def _start(child: Child) -> Process:
    """Start it tied to us, in a session of its own, so that Ctrl-C reaches us alone."""
    how = "kernel" if sys.platform == "linux" else "pipe"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", _TETHER, how, str(os.getpid()), *child.command),
        stdin=subprocess.PIPE if how == "pipe" else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=child.environment,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
