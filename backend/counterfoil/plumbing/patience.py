"""uvicorn's HTTP connection, with an end to its patience.

uvicorn waits for ever for the head of a request, and lets it grow without bounds: a few thousand
connections that send a byte now and then would hold the process.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""How long the request line and the headers may take to arrive."""
HEAD_BYTES = 32 * 1024
"""How long they may be."""

_TOO_LONG = b"431 Request Header Fields Too Large"
_TOO_SLOW = b"408 Request Timeout"
_ANSWER = b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class HeadTooLong(Exception):
    """The head of a request is complete, and longer than it may be."""


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose next request's head is too slow (408) or too long (431)."""

    head_seconds = HEAD_SECONDS
    head_bytes = HEAD_BYTES

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._reading_head = True
        self._head = 0
        self._too_long = False
        self._too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._reading_head:
            self._head += len(data)
            if self._head > self.head_bytes:
                self._give_up(_TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._reading_head:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._reading_head = False
        self._stop_waiting()
        if sum(len(name) + len(value) for name, value in self.headers) > self.head_bytes:
            self._too_long = True
            raise HeadTooLong  # the parser stops, and uvicorn asks for an answer
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if self._too_long:
            self._give_up(_TOO_LONG)
        else:
            super().send_400_response(msg)

    def _await_head(self) -> None:
        self._reading_head, self._head = True, 0
        self._too_late = self.loop.call_later(self.head_seconds, self._give_up, _TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

    def _give_up(self, status: bytes) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.write(_ANSWER % status)
            self.transport.close()
