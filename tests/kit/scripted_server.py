"""A real server on loopback that answers with exactly the bytes that a test gives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `cut` sends that many bytes of the body and closes; `silent` sends nothing."""

    body: bytes = b"{}"
    status: int = 200
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()
    cut: int | None = None
    silent: bool = False

    @classmethod
    def of(cls, document: object, *, status: int = 200) -> Reply:
        """`document` as JSON."""
        return cls(json.dumps(document).encode(), status)

    def head(self) -> bytes:
        """The status line and the headers."""
        lines = [
            f"HTTP/1.1 {self.status} .",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, object]:
        """The body as JSON."""
        read = json.loads(self.body)
        assert isinstance(read, dict)
        return read


@dataclass(slots=True)
class ScriptedServer:
    """Gives the replies in order, the last one again and again."""

    replies: list[Reply]
    address: str = ""
    requests: list[Request] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one reply, then the connection is closed."""
        try:
            self.requests.append(await _read(reader))
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            if reply.silent:
                await self._over.wait()
                return
            writer.write(reply.head() + reply.body[: reply.cut])
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def end(self) -> None:
        """Let silent connections go."""
        self._over.set()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(head[0].split(" ")[1], headers, body)


@asynccontextmanager
async def scripted_server(*replies: Reply) -> AsyncIterator[ScriptedServer]:
    """Serve `replies` on a free port of loopback."""
    script = ScriptedServer(list(replies) or [Reply()])
    server = await asyncio.start_server(script.answer, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    script.address = f"http://127.0.0.1:{port}"
    try:
        yield script
    finally:
        script.end()
        server.close()
        await server.wait_closed()
