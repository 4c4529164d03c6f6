"""What the bank remembers: shelves of records in memory, written behind to one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from fakebank.codec import from_plain, to_plain

T = TypeVar("T")


class StateFileUnusable(Exception):
    """The state file cannot be read or written; the message is one line for a person."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the state file {path} cannot be used: {reason}")


class Shelf(Generic[T]):
    """Records of one kind by their key, remembering which ones changed since the last save."""

    def __init__(self, kind: str, record: type[T], *, key: Callable[[T], str]) -> None:
        self.kind = kind
        self._record = record
        self._key = key
        self._things: dict[str, T] = {}
        self._changed: dict[str, None] = {}

    def put(self, thing: T) -> T:
        """Store a new record, or say that a stored one has changed."""
        key = self._key(thing)
        self._things[key] = thing
        self._changed[key] = None
        return thing

    def drop(self, key: str) -> None:
        """Forget a record; an unknown key is no error."""
        if self._things.pop(key, None) is not None:
            self._changed[key] = None

    def clear(self) -> None:
        """Forget all records."""
        for key in list(self._things):
            self.drop(key)

    def get(self, key: str) -> T | None:
        return self._things.get(key)

    def __getitem__(self, key: str) -> T:
        return self._things[key]

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._things.values()))

    def load(self, document: str) -> None:
        """Take in one record as the state file holds it."""
        thing: T = from_plain(self._record, json.loads(document))
        self._things[self._key(thing)] = thing

    def take_changes(self) -> list[tuple[str, str | None]]:
        """(key, JSON or None for a dropped record) of all that changed, and start afresh."""
        changed, self._changed = self._changed, {}
        return [(key, self._document(key)) for key in changed]

    def _document(self, key: str) -> str | None:
        thing = self._things.get(key)
        return None if thing is None else json.dumps(to_plain(thing))


class StateFile:
    """The SQLite file behind the shelves: one row a record, one transaction a save."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS record (kind TEXT, key TEXT, document TEXT NOT NULL,"
                " PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
        except sqlite3.Error as error:
            raise StateFileUnusable(path, str(error)) from error

    def load(self, shelves: list[Shelf[Any]]) -> None:
        """Fill the shelves. Raises StateFileUnusable for a file that is not ours."""
        try:
            for shelf in shelves:
                rows = self._db.execute("SELECT document FROM record WHERE kind = ?", (shelf.kind,))
                for (document,) in rows:
                    shelf.load(document)
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise StateFileUnusable(self._path, str(error)) from error

    def save(self, shelves: list[Shelf[Any]]) -> None:
        """Write all that changed on the shelves, all or nothing."""
        changes = [(s.kind, key, doc) for s in shelves for key, doc in s.take_changes()]
        if not changes:
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT INTO record VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET document = excluded.document",
            [change for change in changes if change[2] is not None],
        )
        self._db.executemany(
            "DELETE FROM record WHERE kind = ? AND key = ?",
            [(kind, key) for kind, key, doc in changes if doc is None],
        )
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()
