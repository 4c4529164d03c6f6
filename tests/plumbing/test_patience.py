"""Requests that are slow or endless, on a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from counterfoil.plumbing.patience import HEAD_BYTES, ImpatientProtocol
from tests.api.serving import served


async def _echo(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())} {len(request.headers)}")


class Hurried(ImpatientProtocol):
    """Waits for a fifth of a second."""

    head_seconds = 0.2


@asynccontextmanager
async def listening(protocol: type[ImpatientProtocol]) -> AsyncIterator[int]:
    app = Starlette(routes=[Route("/", _echo, methods=["GET", "POST"])])
    async with served(app, protocol=protocol) as url:
        yield int(url.rpartition(":")[2])


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening(ImpatientProtocol) as port:
        yield port


@pytest.fixture
async def hurried_port() -> AsyncIterator[int]:
    async with listening(Hurried) as port:
        yield port


@asynccontextmanager
async def line(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the end of the connection."""
    async with asyncio.timeout(10):
        return await reader.read()


class TestHead:
    async def test_one_that_never_comes_is_not_waited_for(self, hurried_port: int) -> None:
        async with line(hurried_port) as (reader, _):
            assert (await rest(reader)).startswith(b"HTTP/1.1 408 Request Timeout\r\n")

    async def test_nor_one_that_drips(self, hurried_port: int) -> None:
        async with line(hurried_port) as (reader, writer):
            dripping = asyncio.create_task(_drip(writer))
            # not up to the end: who goes on sending to a closed line is answered by a reset
            assert await reader.readuntil(b" 408 ") == b"HTTP/1.1 408 "
            dripping.cancel()

    async def test_nor_the_next_one_on_the_same_connection(self, hurried_port: int) -> None:
        async with line(hurried_port) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await reader.readuntil(b"0 1")).startswith(b"HTTP/1.1 200 OK")
            writer.write(b"GET / HT")
            assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")

    async def test_one_that_never_ends_is_refused(self, port: int) -> None:
        async with line(port) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (HEAD_BYTES + 1))
            assert b"HTTP/1.1 431 " in await rest(reader)

    async def test_one_that_ends_but_is_too_long_is_refused(self, port: int) -> None:
        async with line(port) as (reader, writer):
            headers = b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(40))
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n" + headers + b"\r\n")
            assert (await rest(reader)).startswith(b"HTTP/1.1 431 ")

    async def test_a_long_body_is_no_long_head(self, port: int) -> None:
        async with line(port) as (reader, writer):
            head = (
                b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"
            )
            writer.write(head + b"z" * 200_000)
            assert (await rest(reader)).endswith(b"200000 3")


async def _drip(writer: asyncio.StreamWriter) -> None:
    for byte in b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 1000:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.01)
