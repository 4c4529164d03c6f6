"""What the first start makes in DATA_DIR: the folder, the keys, the sandbox's credentials."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil.errors import CounterfoilError
from counterfoil.kit.crypto import Keyring, create_key_file


class DataFolderUnusable(CounterfoilError):
    """DATA_DIR can't be made or written to."""

    def __init__(self, folder: Path, *, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(f"The folder {folder} can't be used: {reason} (see DATA_DIR).")


class AlreadyRunning(CounterfoilError):
    """Another launcher holds this DATA_DIR."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"Counterfoil is running already with DATA_DIR {folder}: stop it, or set DATA_DIR."
        )


class SandboxKeysUnusable(CounterfoilError):
    """The file of the sandbox's credentials can't be read, written, or understood."""

    def __init__(self, path: Path, *, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"The file {path} {reason}")


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """Client id and secret that the sandbox bank asks for, and that we use there."""

    client_id: str
    secret: str = field(repr=False)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Make the folder, for its owner alone, and keep others from using it at the same time.

    Raises:
        DataFolderUnusable: it can't be made or written to.
        AlreadyRunning: another launcher holds it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as problem:
        raise DataFolderUnusable(folder, reason=problem.strerror or str(problem)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(folder) from None
        yield


def encryption_keys(path: Path) -> None:
    """Make the key file unless there is one; one that is there must be usable.

    Raises:
        DataFolderUnusable, KeyFileUnusable: it can't be made or read.
    """
    if path.exists():
        Keyring.load(path)
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise DataFolderUnusable(path.parent, reason=problem.strerror or str(problem)) from None
    create_key_file(path)


def sandbox_keys(path: Path) -> SandboxKeys:
    """Read the sandbox's credentials; made up and kept, mode 0600, at the first start.

    Raises:
        SandboxKeysUnusable: see there; the sentence says what to do.
    """
    try:
        if not path.exists():
            _make_up(path)
        written = path.read_bytes()
    except OSError as problem:
        reason = f"can't be used: {problem.strerror}."
        raise SandboxKeysUnusable(path, reason=reason) from None
    return _parsed(path, written)


def _make_up(path: Path) -> None:
    """In one step: a crash leaves no file, or a whole one."""
    made_up = {"client_id": secrets.token_hex(12), "secret": secrets.token_hex(15)}
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(made_up, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _parsed(path: Path, written: bytes) -> SandboxKeys:
    try:
        kept = json.loads(written)
        client_id, secret = kept["client_id"], kept["secret"]
        if not (isinstance(client_id, str) and isinstance(secret, str)):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        reason = "is damaged. Delete it: the next start makes new keys for the sandbox bank."
        raise SandboxKeysUnusable(path, reason=reason) from None
    return SandboxKeys(client_id, secret)
