"""The processes that make up the product, as commands with their environments."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from counterfoil.launcher import valkey
from counterfoil.launcher.prepare import SandboxKeys
from counterfoil.launcher.supervisor import Child
from counterfoil.settings import Settings

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- compared with, not bound to


@dataclass(frozen=True, slots=True)
class Family:
    """All children of one launcher. `sandbox` is None where real Plaid keys are set.

    `environment` is the launcher's own; children read the same settings from it.
    """

    settings: Settings
    environment: Mapping[str, str]
    sandbox: SandboxKeys | None

    def valkey(self) -> Child | None:
        """Our own server, unless REDIS_URL names one."""
        if self.environment.get("REDIS_URL", "").strip():
            return None
        command = valkey.command(self.valkey_socket())
        return Child("valkey", command, self._plain(), stops_last=True, unshown=valkey.NO_CONCERN)

    def valkey_socket(self) -> Path:
        """Where our own server listens."""
        return Path(urlsplit(self.settings.redis_url.reveal()).path)

    def counterfoil(self, command: str) -> Child:
        """`counterfoil <command>` under the settings of this launcher."""
        return Child(command, (sys.executable, "-m", "counterfoil", command), self._full())

    def fakebank(self) -> Child | None:
        """The sandbox bank, reachable where the product is."""
        if self.sandbox is None:
            return None
        host, port = self.settings.host, self.settings.fakebank_port
        page = f"http://{_bracketed(urlsplit(self.settings.public_url).hostname or host)}:{port}"
        state = self.settings.data_dir / "fakebank.sqlite3"
        command = (
            *(sys.executable, "-m", "fakebank", "--host", host, "--port", str(port)),
            *("--state", str(state), "--public-url", page),
        )
        keys = {
            "FAKEBANK_CLIENT_ID": self.sandbox.client_id,
            "FAKEBANK_SECRET": self.sandbox.secret,
        }
        return Child("fakebank", command, {**self._plain(), **keys})

    def _full(self) -> dict[str, str]:
        return {**self._plain(), **self._plaid()}

    def _plain(self) -> dict[str, str]:
        return {**self.environment, "PYTHONUNBUFFERED": "1"}

    def _plaid(self) -> dict[str, str]:
        """What takes the place of real keys: the sandbox's, and webhooks from it to us."""
        if self.sandbox is None:
            return {}
        here = loopback(self.settings.host)
        return {
            "PLAID_URL": f"http://{here}:{self.settings.fakebank_port}",
            "PLAID_CLIENT_ID": self.sandbox.client_id,
            "PLAID_SECRET": self.sandbox.secret,
            "WEBHOOK_URL": f"http://{here}:{self.settings.port}",
        }


def loopback(host: str) -> str:
    """An address of `host` for a process on this machine, ready for use in an address line."""
    return "127.0.0.1" if host in _EVERYWHERE else _bracketed(host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
