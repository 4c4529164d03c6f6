"""Whether the Redis of REDIS_URL answers, asked on the wire, without loading a client."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import unquote, urlsplit

_PORT = 6379
_WITHIN = 5.0  # seconds for one question


def place(redis_url: str) -> str:
    """Where the server is, for people: `host:port` or the socket's path, without a password."""
    url = urlsplit(redis_url)
    if url.scheme == "unix":
        return unquote(url.path)
    host = url.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{url.port or _PORT}"


async def answers(redis_url: str) -> bool:
    """Whether the server takes orders.

    An error is an answer too (it may ask for a password first), but for -LOADING: then it still
    reads what it holds. Under TLS it is only asked whether it listens.
    """
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            reader, writer = await _open(redis_url)
            with contextlib.closing(writer):
                if urlsplit(redis_url).scheme == "rediss":
                    return True
                writer.write(b"PING\r\n")
                answer = await reader.readline()
                return answer.startswith((b"+", b"-")) and not answer.startswith(b"-LOADING")
    return False


async def _open(redis_url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = urlsplit(redis_url)
    if url.scheme == "unix":
        return await asyncio.open_unix_connection(unquote(url.path))
    return await asyncio.open_connection(url.hostname, url.port or _PORT)
