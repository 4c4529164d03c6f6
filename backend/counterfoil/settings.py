"""Settings: the environment, read once into one frozen value.

Each setting is declared once, with its name, its default and what it is; `docs/operating.md`
lists the same in a table, and a test compares the two. This module imports nothing outside the
standard library, so that the launcher can read it before anything heavy is loaded.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from counterfoil.errors import CounterfoilError
from counterfoil.kit.secret import Secret

_SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 104 on macOS and 108 on Linux
_DURATION = re.compile(r"([1-9]\d{0,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PLAID = ("PLAID_URL", "PLAID_CLIENT_ID", "PLAID_SECRET")
_LOG_LEVELS = ("debug", "info", "warning", "error")

Chosen = Mapping[str, str]
"""The settings above in the list, by name, as text: given or default."""


class SettingsInvalid(CounterfoilError):
    """Some settings are missing or wrong; `problems` has one line for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is declared.

    `default` is a text, or a function of the settings above it, or None where there is none and
    the setting may stay empty. `shown` is the default as the documentation prints it.
    """

    name: str
    about: str
    read: Callable[[str], object]
    default: str | Callable[[Chosen], str] | None
    shown: str

    def text(self, environment: Mapping[str, str], chosen: Chosen) -> str | None:
        """What the environment says (an empty value counts as absent), else the default."""
        if given := environment.get(self.name, "").strip():
            return given
        return self.default(chosen) if callable(self.default) else self.default


def _setting(
    name: str,
    about: str,
    read: Callable[[str], object],
    default: str | Callable[[Chosen], str] | None = None,
    *,
    shown: str | None = None,
) -> Any:
    text = shown if shown is not None else default if isinstance(default, str) else ""
    return field(metadata={"setting": Setting(name, about, read, default, text)})


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError("must be a whole number from 1 to 65535")
    return int(text)


def _path(text: str) -> Path:
    return Path(text).absolute()


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("is not an address") from None


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("must be a whole number with its unit: 30s, 15m, 6h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _log_level(text: str) -> str:
    if text.lower() not in _LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(_LOG_LEVELS)}")
    return text.lower()


def _web_url(text: str) -> str:
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with http:// or https://")
    return text.rstrip("/")


def _origin(text: str) -> str:
    parts = _split(_web_url(text))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be an address without a path, such as https://books.example.com")
    return text.rstrip("/")


def _countries(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().upper() for code in text.split(",") if code.strip())
    if not codes or not all(len(code) == 2 and code.isascii() and code.isalpha() for code in codes):
        raise ValueError("must be codes of two letters, separated by commas: US,CA")
    return codes


def _prefixes(text: str) -> tuple[str, ...]:
    """Beginnings of addresses, each with its scheme and something behind it."""
    prefixes = tuple(part.strip() for part in text.split(",") if part.strip())
    for prefix in prefixes:
        parts = urlsplit(prefix)
        if not parts.scheme or parts.scheme in ("javascript", "data") or not parts.netloc:
            raise ValueError(f"has {prefix}, which is not the beginning of an address")
        if parts.scheme in ("http", "https") and not parts.path:
            raise ValueError(f"has {prefix}, which needs a path: else other hosts begin with it")
    return prefixes


def _database_url(text: str) -> Secret:
    parts = _split(text)
    if parts.scheme in ("postgres", "postgresql") and parts.path.strip("/"):
        return Secret(text.replace("postgresql://", "postgres://", 1))
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return Secret(text)
    raise ValueError("must be postgres://user:password@host:port/name or sqlite:///path")


def _redis_url(text: str) -> Secret:
    parts = _split(text)
    reachable = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in ("redis", "rediss", "unix") or not reachable:
        raise ValueError("must be redis://host:port/0, rediss://host:port/0 or unix:///path")
    return Secret(text)


def _inside(chosen: Chosen, name: str) -> Path:
    return _path(chosen["DATA_DIR"]) / name


def _default_database(chosen: Chosen) -> str:
    return f"sqlite://{_inside(chosen, 'counterfoil.sqlite3')}"


def _default_redis(chosen: Chosen) -> str:
    """A socket in DATA_DIR; where that path is too long for a socket, in a private folder."""
    inside = _inside(chosen, "valkey.sock")
    if len(bytes(inside)) <= _SOCKET_PATH_LIMIT:
        return f"unix://{inside}"
    mark = hashlib.sha256(bytes(inside)).hexdigest()[:16]
    return f"unix://{Path(tempfile.gettempdir()) / f'counterfoil-{mark}' / 'valkey.sock'}"


def _default_public_url(chosen: Chosen) -> str:
    host = chosen["HOST"] if chosen["HOST"] not in ("0.0.0.0", "::") else "localhost"  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{chosen['PORT']}"


def _next_port(chosen: Chosen) -> str:
    try:
        return str(min(_port(chosen["PORT"]) + 1, 65535))
    except ValueError:  # said where PORT is read
        return "8001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set from outside. Made by `Settings.from_environment`."""

    host: str = _setting(
        "HOST", "Address that the product listens on; the default is loopback.", str, "127.0.0.1"
    )
    port: int = _setting("PORT", "Port that the product listens on.", _port, "8000")
    public_url: str = _setting(
        "PUBLIC_URL",
        "Address under which people and phones reach the product; every link that leaves the "
        "server begins with it.",
        _origin,
        _default_public_url,
        shown="http://`HOST`:`PORT`",
    )
    data_dir: Path = _setting(
        "DATA_DIR",
        "Folder for the database, keys and the sandbox's state; made when absent.",
        _path,
        "./data",
    )
    database_url: Secret = _setting(
        "DATABASE_URL",
        "`postgres://user:password@host:port/name`, or `sqlite:///path`.",
        _database_url,
        _default_database,
        shown="SQLite in `DATA_DIR`",
    )
    redis_url: Secret = _setting(
        "REDIS_URL",
        "`redis://host:port/0`. Without it `make run` starts its own Valkey server.",
        _redis_url,
        _default_redis,
        shown="a private socket in `DATA_DIR`",
    )
    encryption_key_file: Path = _setting(
        "ENCRYPTION_KEY_FILE",
        "File with the keys that encrypt the secrets in the database; made at the first start, "
        "readable by its owner only. Without it no link can be read: keep a copy.",
        _path,
        lambda chosen: str(_inside(chosen, "encryption.keys")),
        shown="`encryption.keys` in `DATA_DIR`",
    )
    plaid_url: str = _setting(
        "PLAID_URL", "Address of Plaid's API.", _web_url, "https://production.plaid.com"
    )
    plaid_client_id: str | None = _setting(
        "PLAID_CLIENT_ID",
        "Client id at Plaid. Without it `make run` starts the sandbox bank and uses that.",
        str,
    )
    plaid_secret: Secret | None = _setting(
        "PLAID_SECRET", "Secret at Plaid; goes with `PLAID_CLIENT_ID`.", Secret
    )
    plaid_countries: tuple[str, ...] = _setting(
        "PLAID_COUNTRIES",
        "Countries whose banks are offered: ISO 3166-1 codes, separated by commas.",
        _countries,
        "US",
    )
    webhook_url: str | None = _setting(
        "WEBHOOK_URL",
        "Address that Plaid can reach, under which `/webhooks/plaid` is this product. Without it "
        "the product asks by itself, and works the same, only later.",
        _origin,
    )
    app_return_urls: tuple[str, ...] = _setting(
        "APP_RETURN_URLS",
        "Where mobile apps may be returned to after the bank's page: beginnings of addresses, "
        "separated by commas, such as `com.example.books://linked,https://app.example.com/linked`.",
        _prefixes,
        "",
        shown="",
    )
    fakebank_port: int = _setting(
        "FAKEBANK_PORT",
        "Port of the sandbox bank that `make run` starts.",
        _port,
        _next_port,
        shown="`PORT` + 1",
    )
    refresh_interval: timedelta = _setting(
        "REFRESH_INTERVAL", "How long after a pull a link is pulled again.", _duration, "6h"
    )
    tick: timedelta = _setting(
        "TICK", "How often the worker looks for links that are due.", _duration, "30s"
    )
    session_lifetime: timedelta = _setting(
        "SESSION_LIFETIME", "How long a sign-in lasts.", _duration, "12h"
    )
    log_level: str = _setting(
        "LOG_LEVEL", "`debug`, `info`, `warning` or `error`.", _log_level, "info"
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every setting.

        Raises:
            SettingsInvalid: with one line for each value that is missing or wrong.
        """
        chosen: dict[str, str] = {}
        values: dict[str, Any] = {}
        problems: list[str] = []
        for entry in fields(cls):
            setting: Setting = entry.metadata["setting"]
            text = setting.text(environment, chosen)
            chosen[setting.name] = text or ""
            try:
                values[entry.name] = None if text is None else setting.read(text)
            except ValueError as error:
                problems.append(f"{setting.name} {error}.")
        problems.extend(_unpaired_keys(environment))
        if values.get("port") == values.get("fakebank_port") is not None:
            problems.append("FAKEBANK_PORT must differ from PORT.")
        if problems:
            raise SettingsInvalid(problems)
        return cls(**values)


def _unpaired_keys(environment: Mapping[str, str]) -> Sequence[str]:
    given = {name for name in _PLAID if environment.get(name, "").strip()}
    if not given:
        return ()
    missing = [name for name in ("PLAID_CLIENT_ID", "PLAID_SECRET") if name not in given]
    return [f"{name} is missing: it goes with {' and '.join(sorted(given))}." for name in missing]


def declared() -> tuple[Setting, ...]:
    """All settings in the order of the documentation."""
    return tuple(entry.metadata["setting"] for entry in fields(Settings))
