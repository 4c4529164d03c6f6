"""Starting real processes in tests: with a limit, with their output, and never left behind.

Limits are many times what an idle machine takes: nobody waits for one but where a test fails.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend"
COUNTERFOIL = (sys.executable, "-m", "counterfoil")
FAKEBANK = (sys.executable, "-m", "fakebank")

_PR_SET_PDEATHSIG = 1  # prctl(2)


_PORTS, _PORT_RANGES = 2_500, 8


class NotInTime(AssertionError):
    """What was waited for did not come; the message holds everything that was printed."""


def free_port() -> int:
    """A TCP port on loopback that nobody listened on a moment ago.

    Test processes that run beside each other choose from ranges of their own, which lie below
    the ports of outgoing connections.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    lowest = 10_000 + worker % _PORT_RANGES * _PORTS
    while True:
        port = lowest + secrets.randbelow(_PORTS)  # the tests seed `random` alike
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(condition: Callable[[], bool], *, within: float = 60.0, what: str = "") -> None:
    """Return as soon as `condition()` is true.

    Raises:
        NotInTime: it was not, for `within` seconds.
    """
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise NotInTime(f"not within {within} s: {what or condition}")
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has waited for does not."""
    if sys.platform == "linux":
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
    else:
        ask = ["ps", "-o", "stat=", "-p", str(pid)]
        state = subprocess.run(ask, check=False, capture_output=True, text=True).stdout[:1]
    return state not in ("", "Z", "X")


def children_of(pid: int) -> dict[int, str]:
    """The command lines of a process's direct children, by their ids."""
    rows = _listed_by_kernel() if Path("/proc/self/stat").exists() else _listed_by_ps()
    return {child: command for parent, child, command in rows if parent == pid}


def _listed_by_kernel() -> Iterator[tuple[int, int, str]]:
    """Every process as its parent's id, its own and its command line; see proc(5)."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            words = (entry / "cmdline").read_bytes().split(b"\0")
            yield int(parent), int(entry.name), b" ".join(words).decode(errors="replace")


def _listed_by_ps() -> Iterator[tuple[int, int, str]]:
    ask = ["ps", "-A", "-o", "ppid=,pid=,args="]
    listed = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        parent, child, command = line.split(maxsplit=2)
        yield int(parent), int(child), command


def die_with_parent(deadly: signal.Signals = signal.SIGKILL) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends `deadly` when the test run itself is killed (Linux)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, int(deadly))


def environment(**settings: str) -> dict[str, str]:
    """The environment of a child: the PATH, our packages, and `settings`; nothing inherited."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(BACKEND), "PYTHONUNBUFFERED": "1", **settings}


class Running:
    """A process that runs, with the lines that it has printed so far (both streams as one)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._closed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._closed = True
            self._news.notify_all()

    def wait_for(self, text: str, *, within: float = 120.0, after: int = 0) -> str:
        """The first line from number `after` on that holds `text`.

        Raises:
            NotInTime: there was none in `within` seconds, or the process ended without one.
        """

        def found() -> str | None:
            return next((line for line in self.lines[after:] if text in line), None)

        with self._news:
            self._news.wait_for(lambda: found() is not None or self._closed, timeout=within)
            line = found()
        if line is None:
            raise NotInTime(f"no line with {text!r} in:\n{self.output}")
        return line

    def wait(self, *, within: float = 60.0) -> int:
        """Its exit code, once it has ended and all its output is read."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise NotInTime(f"still running after {within} s:\n{self.output}") from None
        self._reader.join(within)
        return code

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        """Ask it to stop, and after 10 seconds kill it with its whole group."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running(
    command: Sequence[str],
    *,
    ready: str | None = None,
    within: float = 120.0,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Iterator[Running]:
    """Run `command` until the block ends; enter it once a line with `ready` was printed.

    Raises:
        NotInTime: no such line within `within` seconds.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
        env=dict(env) if env is not None else environment(),
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )
    child = Running(process)
    try:
        if ready is not None:
            child.wait_for(ready, within=within)
        yield child
    finally:
        child.end()
