"""GraphQL over a websocket, over a real connection."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from counterfoil.api.ids import encode
from counterfoil.identity.models import Membership, Session
from tests.api.serving import Client, Edge, GateInOutage, Person, client_of, person

PROTOCOL = "graphql-transport-ws"
pytestmark = pytest.mark.usefixtures("store")


class Wire:
    """One websocket, message by message."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            message: dict[str, Any] = await self.socket.receive_json()
            return message

    async def closed(self) -> tuple[int | None, str]:
        """The code and the reason with which the server ends it; messages before are skipped."""
        async with asyncio.timeout(10):
            while (message := await self.socket.receive()).type is WSMsgType.TEXT:
                pass
        assert message.type is WSMsgType.CLOSE, message
        return self.socket.close_code, str(message.extra)

    async def acknowledged(self, **payload: Any) -> Wire:
        await self.send(type="connection_init", payload=payload)
        assert await self.next() == {"type": "connection_ack"}
        return self

    async def subscribe(self, id_: str, query: str | None = None, **rest: Any) -> None:
        payload = rest if query is None else {"query": query, **rest}
        await self.send(type="subscribe", id=id_, payload=payload)


@asynccontextmanager
async def wire(
    client: Client, *, protocol: str = PROTOCOL, headers: dict[str, str] | None = None
) -> AsyncIterator[Wire]:
    url = client.url.replace("http", "ws") + "/graphql"
    async with client.session.ws_connect(
        url, protocols=(protocol,), headers=headers, max_msg_size=0
    ) as socket:
        yield Wire(socket)


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
async def somebody(store: str) -> Person:
    return await person()


@pytest.fixture
async def client(edge: Edge, somebody: Person) -> AsyncIterator[Client]:
    async with client_of(edge.app, somebody) as client:
        yield client


class TestHandshake:
    async def test_a_foreign_page_is_refused(self, client: Client) -> None:
        with pytest.raises(WSServerHandshakeError) as refused:
            async with wire(client, headers={"origin": "https://evil.example.com"}):
                pass
        assert refused.value.status == 403

    async def test_our_own_page_is_not(self, client: Client) -> None:
        async with wire(client, headers={"origin": "https://books.example.com"}) as socket:
            await socket.acknowledged()

    async def test_the_older_protocol_is_refused_in_words(self, client: Client) -> None:
        async with wire(client, protocol="graphql-ws") as socket:
            code, reason = await socket.closed()
        assert code == 4406
        assert reason == "Speak graphql-transport-ws; the older graphql-ws is off."


class TestSignIn:
    async def test_nobody_is_let_in(self, edge: Edge) -> None:
        async with client_of(edge.app) as nobody, wire(nobody) as socket:
            await socket.send(type="connection_init")
            assert await socket.closed() == (4401, "Sign in first.")
        assert len(edge.sockets) == 0

    async def test_nobody_may_subscribe_before_being_let_in(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.subscribe("1", "subscription{count(to:1)}")
            assert (await socket.closed())[0] == 4401

    async def test_an_organization_of_others_lets_nobody_in(self, client: Client) -> None:
        theirs = await person()
        async with wire(client) as socket:
            organization = encode("Organization", theirs.organization_id)
            await socket.send(type="connection_init", payload={"organization": organization})
            assert (await socket.closed())[0] == 4401

    @pytest.mark.parametrize("named", [5, True, {}, []])
    async def test_an_organization_that_is_no_id_lets_nobody_in(
        self, edge: Edge, client: Client, named: object
    ) -> None:
        async with wire(client) as socket:
            await socket.send(type="connection_init", payload={"organization": named})
            assert await socket.closed() == (4401, "`organization` must be an id, as a string.")
        assert len(edge.sockets) == 0

    async def test_an_organization_of_null_is_none_named(
        self, client: Client, somebody: Person
    ) -> None:
        async with wire(client) as socket:
            await socket.acknowledged(organization=None)
            await socket.subscribe("1", "{mine}")
            answer = await socket.next()
        assert answer["payload"]["data"] == {"mine": str(somebody.organization_id)}

    async def test_the_organization_may_be_named(self, client: Client, somebody: Person) -> None:
        async with wire(client) as socket:
            own = encode("Organization", somebody.organization_id)
            await socket.acknowledged(organization=own)
            await socket.subscribe("1", "{mine}")
            answer = await socket.next()
        assert answer["payload"]["data"] == {"mine": str(somebody.organization_id)}

    async def test_in_an_outage_it_is_to_be_tried_again(self, somebody: Person) -> None:
        edge = Edge(gate_kind=GateInOutage)
        async with client_of(edge.app, somebody) as client, wire(client) as socket:
            await socket.send(type="connection_init")
            code, reason = await socket.closed()
        assert code == 1013
        assert reason == "Counterfoil is busy or restarting. Try again in a moment."

    async def test_a_session_that_ends_ends_the_socket(self, edge: Edge, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", "subscription{silence}")
            edge.clock.move(timedelta(hours=1))
            await edge.sockets.check()
            assert await socket.closed() == (4401, "Your sign-in has ended. Sign in again.")

    async def test_signing_out_ends_it_at_once(self, edge: Edge, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await client.post("/auth/sign-out", {})
            assert (await socket.closed())[0] == 4401
        assert len(edge.sockets) == 0

    async def test_it_is_checked_again_and_again(self, client: Client, edge: Edge) -> None:
        edge.sockets._every = 0.01
        checking = asyncio.create_task(edge.sockets.run())
        async with wire(client) as socket:
            await socket.acknowledged()
            await Session.all().delete()
            assert (await socket.closed())[0] == 4401
        checking.cancel()

    async def test_other_rights_need_another_socket(
        self, edge: Edge, client: Client, somebody: Person
    ) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await edge.sockets.check()
            await Membership.filter(user_id=somebody.user_id).update(rights=["READ"])
            await edge.sockets.check()
            assert await socket.closed() == (1012, "Your rights have changed. Connect again.")


class TestProtocol:
    async def test_somebody_who_says_nothing_is_not_waited_for(self, somebody: Person) -> None:
        edge = Edge(init_wait=timedelta(milliseconds=50))
        async with client_of(edge.app, somebody) as client, wire(client) as socket:
            assert (await socket.closed())[0] == 4408

    @pytest.mark.parametrize("text", ["{", "[]", "7", '{"type":"nonsense"}', '{"id":"1"}'])
    async def test_what_is_no_message_ends_the_socket(self, client: Client, text: str) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.socket.send_str(text)
            assert (await socket.closed())[0] == 4400

    async def test_bytes_end_it(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.socket.send_bytes(b"{}")
            assert (await socket.closed())[0] == 4400

    async def test_a_frame_over_the_limit_ends_it(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", "{hello}" + " " * 65_536)
            assert (await socket.closed())[0] == 1009

    async def test_the_same_id_twice_ends_it(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", "subscription{silence}")
            await socket.subscribe("1", "subscription{silence}")
            assert (await socket.closed())[0] == 4409

    async def test_a_ping_is_answered(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.send(type="ping")
            assert await socket.next() == {"type": "pong"}

    async def test_only_so_many_operations_run_at_once(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            for number in range(50):
                await socket.subscribe(str(number), "subscription{silence}")
            await socket.subscribe("50", "subscription{silence}")
            answer = await socket.next()
        assert (answer["id"], answer["type"]) == ("50", "error")


class TestOperations:
    async def test_errors_before_execution_end_one_operation(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            for query, code in [
                ("{", "BAD_REQUEST"),
                ("subscription{coun(to:3)}", "VALIDATION_FAILED"),
                ("{a:hello " + "b:hello " * 30 + "}", "TOO_COSTLY"),
                ("subscription{count(to:" + "9" * 4_301 + ")}", "BAD_REQUEST"),
            ]:
                await socket.subscribe("1", query)
                answer = await socket.next()
                assert (answer["type"], answer["id"]) == ("error", "1")
                [error] = answer["payload"]
                assert error["extensions"]["code"] == code
                assert error["extensions"]["requestId"]
            await socket.subscribe("1", "{hello}")
            assert (await socket.next())["payload"]["data"] == {"hello": "hello you"}

    async def test_a_payload_that_is_no_request_ends_one_operation(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.send(type="subscribe", id="1", payload={"query": 7})
            [error] = (await socket.next())["payload"]
        assert error["extensions"]["code"] == "BAD_REQUEST"

    async def test_a_subscription_is_answered_until_it_ends(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe(
                "a", "subscription($to:Int!){count(to:$to)}", variables={"to": 3}
            )
            messages = [await socket.next() for _ in range(4)]
        assert [m["payload"]["data"]["count"] for m in messages[:3]] == [0, 1, 2]
        assert messages[3] == {"type": "complete", "id": "a"}

    async def test_queries_and_mutations_run_as_well(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", "mutation{touch}")
            answer, end = await socket.next(), await socket.next()
        assert answer["payload"]["data"] == {"touch": "touched"}
        assert answer["payload"]["extensions"]["cost"]["limit"] == 20_000
        assert end == {"type": "complete", "id": "1"}

    async def test_what_breaks_is_masked(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", "subscription{breaks}")
            first, then = await socket.next(), await socket.next()
        assert first["payload"]["data"] == {"breaks": 1}
        assert "swordfish" not in str(then)
        [error] = then["payload"]
        assert error["extensions"]["code"] == "INTERNAL"

    async def test_a_document_known_by_its_hash_runs(self, client: Client) -> None:
        text = "subscription{count(to:1)}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", documentId=f"sha256:{digest}")
            unknown = await socket.next()
            await socket.subscribe("2", text)
            known = await socket.next()
            await socket.next()
            await socket.subscribe("3", documentId=f"sha256:{digest}")
            again = await socket.next()
        assert unknown["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_FOUND"
        assert known["payload"] == again["payload"]

    async def test_one_that_is_completed_by_the_client_stops(self, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", "subscription{silence}")
            await socket.send(type="complete", id="1")
            await socket.subscribe("1", "{hello}")
            assert (await socket.next())["payload"]["data"] == {"hello": "hello you"}


class TestSlowReaders:
    async def test_are_given_up(self, edge: Edge, client: Client) -> None:
        async with wire(client) as socket:
            await socket.acknowledged()
            connection = socket.socket._response.connection
            assert connection is not None
            transport: Any = connection.transport
            transport.pause_reading()
            await socket.subscribe("1", "subscription{flood}")
            [entry] = edge.sockets._sockets
            outbox = cast(Any, entry.close).__self__
            async with asyncio.timeout(20):
                while not outbox._closed:  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(0.01)
            assert outbox._bytes <= 5 * 1024 * 1024
            transport.resume_reading()
            code, reason = await socket.closed()
        assert code == 1013
        assert reason.startswith("You read too slowly.")
