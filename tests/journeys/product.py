"""The whole product as a person starts it, and what is needed to steer it from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.services.processes import (
    COUNTERFOIL,
    Running,
    environment,
    free_port,
    running,
    wait_until,
)


@dataclass(frozen=True, slots=True)
class SandboxControl:
    """The control calls of the sandbox bank (docs/sandbox-bank.md)."""

    address: str
    client_id: str
    secret: str

    def post(self, path: str, /, **body: object) -> Any:
        """Call `/_control<path>`; returns its answer."""
        return self._call(path, json.dumps(body).encode())

    def get(self, path: str) -> Any:
        """Read `/_control<path>`."""
        return self._call(path, None)

    def _call(self, path: str, body: bytes | None) -> Any:
        headers = {
            "Content-Type": "application/json",
            "PLAID-CLIENT-ID": self.client_id,
            "PLAID-SECRET": self.secret,
        }
        request = Request(f"{self.address}/_control{path}", data=body, headers=headers)
        with urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


@dataclass(frozen=True, slots=True)
class Product:
    """A running product: where it is, what it has printed, and who signed in there first."""

    address: str
    sandbox_address: str
    data_dir: Path
    process: Running
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def sign_in_link(self) -> str:
        """The one-time link that was printed when it was ready."""
        line = self.process.wait_for("Sign in, once")
        return self._link_in(line)

    @staticmethod
    def _link_in(text: str) -> str:
        found = re.search(r"https?://\S+", text)
        assert found is not None, text
        return found[0]

    @property
    def sandbox(self) -> SandboxControl:
        keys = json.loads((self.data_dir / "sandbox.json").read_text())
        return SandboxControl(self.sandbox_address, keys["client_id"], keys["secret"])

    def new_sign_in_link(self) -> str:
        """Another one-time link, as an administrator asks for it at the console."""
        return self._link_in(self.run("sign-in-link").stdout)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run `counterfoil <command>` beside the product, with its settings."""
        return subprocess.run(
            [*COUNTERFOIL, command],
            env=environment(PORT=self.address.rpartition(":")[2], DATA_DIR=str(self.data_dir)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def kill(self, command: str) -> None:
        """Kill the child that runs `counterfoil <command>` with -9, and wait until it is gone."""
        pid = self.child(command)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid not in _children(self.process.pid), what=f"{command} is gone")

    def child(self, command: str) -> int:
        """The process id of the child that runs `counterfoil <command>`."""
        found = [
            pid
            for pid in _children(self.process.pid)
            if _command_line(pid)[-2:] == ("counterfoil", command)
        ]
        assert len(found) == 1, f"{command}: {found}"
        return found[0]


def _children(ancestor: int) -> set[int]:
    """All processes below `ancestor`."""
    parents = {int(p.name): _parent(p) for p in Path("/proc").iterdir() if p.name.isdigit()}
    below: set[int] = set()
    wave = {ancestor}
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave}
        below |= wave
    return below


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _command_line(pid: int) -> tuple[str, ...]:
    try:
        return tuple((Path("/proc") / str(pid) / "cmdline").read_text().split("\0")[:-1])
    except (FileNotFoundError, ProcessLookupError):
        return ()


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the product and its sandbox bank listen."""

    product: int
    sandbox: int


def free_ports() -> Ports:
    """Two on which nobody listened a moment ago."""
    return Ports(free_port(), free_port())


@contextmanager
def started(
    data_dir: Path, settings: Mapping[str, str] | None = None, *, ports: Ports | None = None
) -> Iterator[Product]:
    """Run `counterfoil up` until the block ends, on free ports where none are given."""
    ports = ports or free_ports()
    env = environment(
        PORT=str(ports.product),
        FAKEBANK_PORT=str(ports.sandbox),
        DATA_DIR=str(data_dir),
        TICK="2s",
        **(settings or {}),
    )
    with running([*COUNTERFOIL, "up"], ready="Counterfoil is ready", env=env) as process:
        yield Product(
            f"http://127.0.0.1:{ports.product}",
            f"http://127.0.0.1:{ports.sandbox}",
            data_dir,
            process,
        )
