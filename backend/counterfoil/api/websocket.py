"""GraphQL over a websocket, by the protocol graphql-transport-ws alone.

(https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.) Strawberry keeps the protocol's
states; here are who may connect, what an operation is, and how much may wait for a client that
reads slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.types.unset import UNSET, UnsetType

from counterfoil.api.auth import Gate
from counterfoil.api.context import Context, Services
from counterfoil.api.execution import Engine
from counterfoil.api.refusals import Refused, RequestCode, refusal, refused
from counterfoil.api.requests import GraphQLRequest, read_request
from counterfoil.api.sockets import OpenSocket, OpenSockets
from counterfoil.api.turns import Turns
from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.identity.queries import SignedIn
from counterfoil.kit.ids import new_id

FRAME_BYTES = 64 * 1024
"""The longest message that a client may send."""
INIT_WAIT = timedelta(seconds=5)
OPERATIONS = 50
"""Operations that one socket may have running."""
WAITING_MESSAGES = 256
WAITING_BYTES = 4 * 1024 * 1024
"""What may wait for a client before it is given up."""

NOT_SIGNED_IN = 4401
WRONG_PROTOCOL = 4406
TOO_LARGE = 1009
TRY_AGAIN = 1013


class Outbox:
    """What a socket reads and writes, for Strawberry's handler.

    Writing never waits: messages queue up, and a client that leaves too many unread is closed.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._bytes = 0
        self._writer = asyncio.create_task(self._write())
        self._closed = False

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """Each message of the client, which is a JSON object."""
        while self._socket.application_state is not WebSocketState.DISCONNECTED:
            try:
                message = await self._socket.receive()
            except RuntimeError:  # closed from our side while waiting
                return
            if message["type"] != "websocket.receive":
                return
            text = message.get("text")
            if text is None:
                raise NonTextMessageReceived
            if len(text.encode()) > FRAME_BYTES:
                await self.close(TOO_LARGE, f"A message may have {FRAME_BYTES // 1024} KB.")
                return
            yield _object(text)

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Queue a message; after the socket was closed, drop it."""
        if self._closed:
            return
        encoded = orjson.dumps(message)
        self._bytes += len(encoded)
        self._waiting.put_nowait(encoded)
        if self._waiting.qsize() > WAITING_MESSAGES or self._bytes > WAITING_BYTES:
            self.abandon(TRY_AGAIN, "You read too slowly. Connect again and read what you missed.")

    async def close(self, code: int, reason: str) -> None:
        """Send what waits already, then close; the reason is cut to what a frame holds."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._waiting.join()
        await self._close(code, reason)

    def abandon(self, code: int, reason: str) -> None:
        """Drop what waits, and close as soon as the transport takes it."""
        if self._closed:
            return
        self._closed = True
        self._writer.cancel()
        self._closing = asyncio.create_task(self._close(code, reason))

    async def end(self) -> None:
        """Stop writing; the handler is done."""
        self._closed = True
        self._writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writer

    async def _close(self, code: int, reason: str) -> None:
        self._writer.cancel()
        if self._socket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(code, reason.encode()[:120].decode(errors="ignore"))

    async def _write(self) -> None:
        try:
            while True:
                encoded = await self._waiting.get()
                await self._socket.send_text(encoded.decode())
                self._bytes -= len(encoded)
                self._waiting.task_done()
        except (WebSocketDisconnect, RuntimeError):  # gone; the reading side ends the socket
            self._closed = True


def _object(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise NonJsonMessageReceived from error
    if not isinstance(message, dict):
        raise NonJsonMessageReceived
    return message


@dataclass(slots=True)
class _Connection:
    """What the handler keeps of a connection: `connection_params` is set at connection_init."""

    connection_params: dict[str, Any] | None = None


class Socket(BaseGraphQLTransportWSHandler[Any, None]):
    """One client: Strawberry's states, our sign-in and our way through GraphQL."""

    def __init__(self, door: Door, socket: WebSocket, *, wait: timedelta) -> None:
        self._outbox = Outbox(socket)
        self._door = door
        self._handshake = socket
        self._entry: OpenSocket | None = None
        self._requests: dict[str, GraphQLRequest] = {}
        super().__init__(
            view=cast(Any, self),
            websocket=cast(Any, self._outbox),
            context=_Connection(),
            root_value=None,
            schema=door.engine.schema,
            connection_init_wait_timeout=wait,
            max_subscriptions_per_connection=OPERATIONS,
        )

    async def on_ws_connect(self, connection: _Connection) -> UnsetType:
        """Let a signed-in person in; called at connection_init, before it is acknowledged."""
        named = (connection.connection_params or {}).get("organization")
        if named is not None and not isinstance(named, str):
            raise InvalidInput("`organization` must be an id, as a string.")
        person = await self._door.gate.person(self._handshake, organization=named)
        self._entry = OpenSocket(person, self._outbox.abandon)
        self._door.sockets.add(self._entry)
        return cast(UnsetType, UNSET)  # the acknowledgement has no payload

    async def handle_connection_init(self, message: Any) -> None:
        try:
            await super().handle_connection_init(message)
        except CounterfoilError as error:
            await self.websocket.close(NOT_SIGNED_IN, str(error))
        except Exception as error:  # noqa: BLE001 - told apart from an outage, and logged, there
            problem = refused(error, request_id=new_id().hex)
            await self.websocket.close(TRY_AGAIN, str(problem))

    async def shutdown(self) -> None:
        if self._entry is not None:
            self._door.sockets.discard(self._entry)
        await super().shutdown()
        await self._outbox.end()

    async def handle_subscribe(self, message: Any) -> None:
        operation_id, payload = message["id"], message["payload"]
        if not isinstance(operation_id, str) or not operation_id:
            await self.handle_invalid_message("An operation needs an id.")
            return
        if self.connection_acknowledged and operation_id not in self.operations:
            try:
                self._requests[operation_id] = read_request(payload)
            except Refused as error:
                await self._send_errors(operation_id, error)
                return
        text = payload.get("query") if isinstance(payload, dict) else None
        plain = {"id": operation_id, "type": "subscribe", "payload": {"query": text or ""}}
        await super().handle_subscribe(cast(Any, plain))
        if operation_id not in self.operations:  # too many of them
            self._requests.pop(operation_id, None)

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        request = self._requests.pop(operation.id)
        request_id = new_id().hex
        try:
            async with contextlib.aclosing(self._answers(request, request_id)) as answers:
                async for answer in answers:
                    await operation.send_operation_message(
                        {"id": operation.id, "type": "next", "payload": cast(Any, answer)}
                    )
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except Exception as error:  # noqa: BLE001 - every error becomes an answer, once, here
            problem = refused(error, request_id=request_id)
            payload = cast(Any, refusal(problem, request_id=request_id))
            await operation.send_operation_message(
                {"id": operation.id, "type": "error", "payload": payload}
            )

    async def _answers(
        self, request: GraphQLRequest, request_id: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        viewer = self._person.viewer
        operation = self._door.engine.prepare(request, viewer)
        context = Context(self._door.services, viewer, request_id)
        if operation.is_subscription:
            async with contextlib.aclosing(
                cast(AsyncGenerator[Any, None], self._door.engine.subscribe(operation, context))
            ) as events:
                async for event in events:
                    yield event
            return
        with self._door.turns.taken(viewer.user_id):
            yield await self._door.engine.execute(operation, context)

    @property
    def _person(self) -> SignedIn:
        if self._entry is None:
            raise Refused(RequestCode.UNAUTHENTICATED, "Sign in first.")
        return self._entry.person

    async def _send_errors(self, operation_id: str, error: Refused) -> None:
        payload = cast(Any, refusal(error, request_id=new_id().hex))
        await self.send_message({"id": operation_id, "type": "error", "payload": payload})


@dataclass(frozen=True, slots=True)
class Door:
    """Answers websockets at /graphql."""

    engine: Engine
    services: Services
    gate: Gate
    turns: Turns
    sockets: OpenSockets
    wait: timedelta = INIT_WAIT

    async def open(self, socket: WebSocket) -> None:
        """Serve one socket until it is closed."""
        try:
            self.gate.require_own_page(socket)
        except Refused:
            await socket.close()  # before it was accepted: the handshake is answered with 403
            return
        if GRAPHQL_TRANSPORT_WS_PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(
                WRONG_PROTOCOL, "Speak graphql-transport-ws; the older graphql-ws is off."
            )
            return
        await socket.accept(subprotocol=GRAPHQL_TRANSPORT_WS_PROTOCOL)
        await Socket(self, socket, wait=self.wait).handle()
