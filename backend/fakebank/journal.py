"""The last requests that the sandbox has answered, for people and for tests. In memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 2000
SECRETS = frozenset({"secret", "client_id"})


@dataclass(slots=True)
class Entry:
    """One call: what was asked and how it was answered. The client's secret is left out."""

    number: int
    at: str
    path: str
    request: Any
    status: int = 0
    error_code: str | None = None
    request_id: str = ""
    faults: list[str] = field(default_factory=list)


class Journal:
    """Numbers the calls; forgets all but the last 2000."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._number = 0

    def open(self, *, at: str, path: str, request: Any) -> Entry:
        """Begin the entry of a call."""
        if isinstance(request, dict):
            request = {key: each for key, each in request.items() if key not in SECRETS}
        self._number += 1
        entry = Entry(self._number, at, path, request)
        self._entries.append(entry)
        return entry

    def since(self, number: int, *, path: str | None = None) -> list[dict[str, Any]]:
        """Entries after a number, oldest first, of one path if given."""
        return [
            asdict(entry)
            for entry in self._entries
            if entry.number > number and path in (None, entry.path)
        ]

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        self._entries.clear()
