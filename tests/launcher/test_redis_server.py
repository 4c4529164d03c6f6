from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from counterfoil.launcher import redis_server
from tests.services.processes import free_port


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[str]:
    """The address of something that answers every line with `answer`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as listening:
        yield f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0"


class TestAnswers:
    async def test_not_where_nobody_listens(self) -> None:
        assert not await redis_server.answers(f"redis://127.0.0.1:{free_port()}/0")
        assert not await redis_server.answers("unix:///nowhere/valkey.sock")
        assert not await redis_server.answers("redis://nowhere.invalid:6379/0")

    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400\r\n", b"-LOADING Redis is\r\n"])
    async def test_not_where_it_does_not_take_orders(self, answer: bytes) -> None:
        async with server(answer) as url:
            assert not await redis_server.answers(url)

    async def test_where_it_asks_for_a_password(self) -> None:
        async with server(b"-NOAUTH Authentication required.\r\n") as url:
            assert await redis_server.answers(url)

    async def test_a_real_server_on_a_socket(self, redis_url: str) -> None:
        assert await redis_server.answers(redis_url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:s3cret@redis.example.com/0", "redis.example.com:6379"),
        ("rediss://somebody:s3cret@redis.example.com:7000/0", "redis.example.com:7000"),
        ("redis://[::1]:6380", "[::1]:6380"),
        ("unix:///run/a%20b/valkey.sock", "/run/a b/valkey.sock"),
    ],
)
def test_its_place_is_shown_without_a_password(url: str, shown: str) -> None:
    assert redis_server.place(url) == shown
