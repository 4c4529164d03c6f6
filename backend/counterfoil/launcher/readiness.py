"""Waiting until a process answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from counterfoil.errors import CounterfoilError

WITHIN = 60.0
"""Seconds; a first start on a slow machine compiles everything."""
_AGAIN_AFTER = 0.05


class NotReady(CounterfoilError):
    """Something that the product needs did not answer in time."""

    def __init__(self, what: str, *, within: float, advice: str) -> None:
        self.what, self.within, self.advice = what, within, advice
        super().__init__(f"{what} did not answer within {within:g} s{advice}")


async def ready(
    answers: Callable[[], Awaitable[bool]],
    what: str,
    *,
    within: float = WITHIN,
    advice: str = "; the lines above say why.",
) -> None:
    """Ask again and again for `within` seconds, and return at the first yes.

    Raises:
        NotReady: there was none in time; `advice` ends its sentence.
    """
    end = asyncio.get_running_loop().time() + within
    while not await answers():
        if asyncio.get_running_loop().time() > end:
            raise NotReady(what, within=within, advice=advice)
        await asyncio.sleep(_AGAIN_AFTER)


async def accepts_on(socket: Path) -> bool:
    """Whether somebody listens on a Unix socket."""
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_unix_connection(socket)
        writer.close()
        return True
    return False


async def accepts(host: str, port: int) -> bool:
    """Whether somebody listens on a port."""
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection(host.strip("[]"), port)
        writer.close()
        return True
    return False


async def is_healthy(host: str, port: int) -> bool:
    """Whether GET /health is answered with 200; any other answer is a no."""
    with contextlib.suppress(OSError, TimeoutError):
        reader, writer = await asyncio.open_connection(host.strip("[]"), port)
        writer.write(f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        async with asyncio.timeout(5):
            status = await reader.readline()
        writer.close()
        return status.startswith(b"HTTP/1.1 200 ")
    return False
