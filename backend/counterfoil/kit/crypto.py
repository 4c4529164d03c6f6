"""Secrets at rest: AES-256-GCM under keys that lie in one file, readable by its owner alone.

A stored value is `v1.<key id>.<base64url of nonce and ciphertext>`. The key id makes rotation
possible: old values stay readable while new ones are written under the current key. Version and
key id are authenticated together with what the caller binds the value to (organization and row),
so that a value copied into another row does not open.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.errors import CounterfoilError

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class KeyFileUnusable(CounterfoilError):
    """The key file is missing, open to others, or not what `create_key_file` writes."""

    code = "NOT_SET_UP"

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"The key file {path} {reason}")


class StoredSecretUnreadable(CounterfoilError):
    """A stored secret does not open: another key, another row, or changed bytes."""

    code = "NOT_SET_UP"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"A stored secret can't be read: {reason}")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys by id; `current` is the one that encrypts."""

    current: str
    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the keys.

        Raises:
            KeyFileUnusable: see there; the sentence says what to do.
        """
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            written = path.read_bytes()
        except OSError as problem:
            raise KeyFileUnusable(path, f"can't be read: {problem.strerror}.") from None
        if mode & 0o077:
            raise KeyFileUnusable(
                path, f"is open to others (mode {mode:04o}). Run: chmod 600 {path}"
            )
        return cls._parse(path, written)

    @classmethod
    def _parse(cls, path: Path, written: bytes) -> Keyring:
        try:
            document = json.loads(written)
            keys = {
                str(key_id): base64.b64decode(key, validate=True)
                for key_id, key in document["keys"].items()
            }
            current = str(document["current"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyFileUnusable(
                path, "is damaged. Put back the copy that you keep of it."
            ) from None
        if current not in keys or any(len(key) != _KEY_BYTES for key in keys.values()):
            raise KeyFileUnusable(path, "lacks its current key. Put back the copy of it.")
        return cls(current, keys)

    def encrypt(self, plaintext: str, *, associated: bytes) -> str:
        """The text to store. `associated` must be given again to read it (see `bound_to`)."""
        nonce = os.urandom(_NONCE_BYTES)
        head = f"{_VERSION}.{self.current}."
        sealed = AESGCM(self.keys[self.current]).encrypt(
            nonce, plaintext.encode(), head.encode() + associated
        )
        return head + base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, stored: str, *, associated: bytes) -> str:
        """The plaintext of what `encrypt` gave.

        Raises:
            StoredSecretUnreadable: the key is not in the file, or the value is not the one that
                was stored for this row.
        """
        key_id, sealed = _taken_apart(stored)
        key = self.keys.get(key_id)
        if key is None:
            raise StoredSecretUnreadable(f"the key file has no key “{key_id}”.")
        bound = f"{_VERSION}.{key_id}.".encode() + associated
        try:
            opened = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise StoredSecretUnreadable("it was changed, or belongs to another row.") from None
        return opened.decode()

    def is_current(self, stored: str) -> bool:
        """Whether `stored` is under the current key; if not, rotation encrypts it anew.

        Raises:
            StoredSecretUnreadable: it has not the form of a stored secret.
        """
        return _taken_apart(stored)[0] == self.current


def fresh_key() -> bytes:
    """A random key of 32 bytes."""
    return secrets.token_bytes(_KEY_BYTES)


def bound_to(organization_id: UUID, row_id: UUID) -> bytes:
    """The associated data of a secret that lies in one row of one organization."""
    return organization_id.bytes + row_id.bytes


def create_key_file(path: Path) -> Keyring:
    """Write a key file with one fresh key, mode 0600. A crash leaves the whole file or none.

    Raises:
        KeyFileUnusable: there is a file already (it is never overwritten), or none can be made.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        keyring = _write(descriptor, _with_fresh_key({}))
        os.link(draft, path)
    except FileExistsError:
        raise KeyFileUnusable(path, "is there already, and is not overwritten.") from None
    except OSError as problem:
        raise KeyFileUnusable(path, f"can't be written: {problem.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
    return keyring


def add_key(path: Path) -> Keyring:
    """Put a fresh key into the file and make it current; the old keys stay for reading.

    The file is replaced in one step: a crash leaves the old one or the new one.
    Raises:
        KeyFileUnusable: see `Keyring.load` and `create_key_file`.
    """
    renewed = _with_fresh_key(Keyring.load(path).keys)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        _write(descriptor, renewed)
        beside.replace(path)
    except OSError as problem:
        raise KeyFileUnusable(path, f"can't be written: {problem.strerror}.") from None
    return renewed


def _with_fresh_key(keys: dict[str, bytes]) -> Keyring:
    key_id = secrets.token_hex(4)
    return Keyring(key_id, {**keys, key_id: fresh_key()})


def _write(descriptor: int, keyring: Keyring) -> Keyring:
    keys = {key_id: base64.b64encode(key).decode() for key_id, key in keyring.keys.items()}
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"current": keyring.current, "keys": keys}, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return keyring


def _taken_apart(stored: str) -> tuple[str, bytes]:
    """The key id, and nonce with ciphertext."""
    try:
        version, key_id, body = stored.split(".")
        sealed = base64.b64decode(body, altchars=b"-_", validate=True)
    except ValueError:
        raise StoredSecretUnreadable("it has not the form of a stored secret.") from None
    canonical = base64.urlsafe_b64encode(sealed).decode() == body
    if version != _VERSION or len(sealed) <= _NONCE_BYTES or not canonical:
        raise StoredSecretUnreadable("it has not the form of a stored secret.")
    return key_id, sealed
