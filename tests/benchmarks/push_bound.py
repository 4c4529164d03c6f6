"""The least that a push can cost: one frame, made once, written to every connection.

Run as `python -m tests.benchmarks.push_bound PORT CONTROL_PORT`. Clients connect to PORT as to
the product; each line that comes in on CONTROL_PORT is sent to all of them as it is.
"""

from __future__ import annotations

import asyncio
import sys

import orjson
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol

_connections: set[ServerConnection] = set()


async def _follow(connection: ServerConnection) -> None:
    """Acknowledge as the protocol has it, send a first message, and keep the connection."""
    await connection.recv()
    await connection.send(orjson.dumps({"type": "connection_ack"}).decode())
    await connection.recv()
    _connections.add(connection)
    await connection.send(orjson.dumps({"id": "live", "type": "next"}).decode())
    await connection.wait_closed()
    _connections.discard(connection)


async def _push(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for line in reader:
        frame = Frame(Opcode.TEXT, line.removesuffix(b"\n")).serialize(mask=False)
        for connection in _connections:
            connection.transport.write(frame)
    writer.close()


async def main(port: int, control_port: int) -> None:
    async with (
        serve(
            _follow,
            "127.0.0.1",
            port,
            subprotocols=[Subprotocol("graphql-transport-ws")],
            compression=None,
            ping_interval=None,
        ),
        await asyncio.start_server(_push, "127.0.0.1", control_port) as control,
    ):
        print("listening", flush=True)
        await control.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
