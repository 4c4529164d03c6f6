"""A thousand websocket clients in one process, which say when all of them have heard something.

Run as `python -m tests.benchmarks.subscribers PORT COUNT COOKIE`. Each client speaks
graphql-transport-ws and asks for `SUBSCRIPTION`. Whenever every client has received one more
message, a line of JSON is printed: the moment on the machine's monotonic clock, and the message.
"""

from __future__ import annotations

import asyncio
import sys
import time

import aiohttp
import orjson
import uvloop

SUBSCRIPTION = """
subscription Live {
  organizationChanged {
    __typename
    ... on ChangesEvent {
      head
      changes {
        cursor
        type
        id
        kind
        revision
        node {
          __typename
          ... on BankLink {
            id
            name
            status { code activity severity label detail }
            nextUpdateAt
            lastUpdateAt
            accountCount
            revision
          }
        }
      }
    }
    ... on ResyncEvent { head message }
  }
}
"""
_AT_A_TIME = 20  # clients that connect at the same time

Socket = aiohttp.ClientWebSocketResponse


class Crowd:
    """Counts what its clients receive."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._heard = 0

    def hear(self, message: str) -> None:
        self._heard += 1
        if self._heard % self._count == 0:
            at = time.monotonic()
            print(orjson.dumps({"at": at, "message": message}).decode(), flush=True)


async def _connect(session: aiohttp.ClientSession, port: int, cookie: str) -> Socket:
    socket = await session.ws_connect(
        f"http://127.0.0.1:{port}/graphql",
        protocols=["graphql-transport-ws"],
        headers={"Cookie": cookie},
    )
    await socket.send_json({"type": "connection_init"})
    assert (await socket.receive_json())["type"] == "connection_ack"
    subscribe = {"id": "live", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}
    await socket.send_json(subscribe)
    return socket


async def _listen(socket: Socket, crowd: Crowd) -> None:
    async for message in socket:
        assert message.type is aiohttp.WSMsgType.TEXT, message
        crowd.hear(message.data)
    raise ConnectionError(f"the server closed a socket: {socket.close_code}")


async def main(port: int, count: int, cookie: str) -> None:
    crowd, turn = Crowd(count), asyncio.Semaphore(_AT_A_TIME)
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        asyncio.TaskGroup() as clients,
    ):

        async def client() -> None:
            async with turn:
                socket = await _connect(session, port, cookie)
            await _listen(socket, crowd)

        for _ in range(count):
            clients.create_task(client())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
