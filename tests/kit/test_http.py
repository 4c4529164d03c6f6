"""The guarded client, against a server that misbehaves for real."""

from __future__ import annotations

import gzip
import json
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from counterfoil.kit.http import (
    AddressRefused,
    BadAnswer,
    CallFailed,
    Headers,
    JsonAnswer,
    JsonHttp,
    NoAnswer,
    NotJson,
    decoded,
)
from counterfoil.kit.secret import Secret
from tests.kit.scripted_server import Reply, scripted_server

HEADERS: Headers = {"X-Id": "client", "X-Secret": Secret("very-secret")}


@asynccontextmanager
async def client(base_url: str, *, body_limit: int = 10_000) -> AsyncIterator[JsonHttp]:
    http = JsonHttp(base_url, headers=HEADERS, body_limit=body_limit)
    try:
        yield http
    finally:
        await http.close()


async def ask(*replies: Reply, seconds: float = 10.0, body_limit: int = 10_000) -> JsonAnswer:
    async with (
        scripted_server(*replies) as server,
        client(server.address, body_limit=body_limit) as http,
    ):
        return await http.post("/call", {"a": 1}, seconds=seconds)


class TestReach:
    @pytest.mark.parametrize(
        "address", ["https://127.0.0.2:9", "http://169.254.169.254", "http://8.8.8.8"]
    )
    async def test_an_address_out_of_reach_is_refused_unasked(self, address: str) -> None:
        async with client(address) as http:
            with pytest.raises(AddressRefused):
                await http.post("/", {}, seconds=5)

    async def test_a_redirect_is_not_followed(self) -> None:
        async with scripted_server() as inner:
            turn = Reply(b"", 302, headers=[("Location", inner.address)])
            answer = await ask(Reply(b"{}", 302, headers=turn.headers))
            assert answer.status == 302
            assert inner.requests == []


class TestPost:
    async def test_sends_json_and_the_secret_headers(self) -> None:
        async with scripted_server(Reply(b'{"ok":true}')) as server, client(server.address) as http:
            answer = await http.post("/call", {"a": "é"}, seconds=5)
        (request,) = server.requests
        assert request.path == "/call"
        assert request.document == {"a": "é"}
        assert request.headers["x-secret"] == "very-secret"
        assert request.headers["content-type"] == "application/json"
        assert (answer.status, answer.document) == (200, {"ok": True})

    async def test_an_error_status_is_an_answer(self) -> None:
        answer = await ask(Reply(b'{"error_code":"X"}', 400))
        assert (answer.status, answer.document) == (400, {"error_code": "X"})

    async def test_nobody_listens(self) -> None:
        async with scripted_server() as server:
            address = server.address
        async with client(address) as http:
            with pytest.raises(NoAnswer, match="can't be reached"):
                await http.post("/", {}, seconds=5)

    async def test_half_an_answer(self) -> None:
        with pytest.raises(NoAnswer, match="half-way"):
            await ask(Reply(b'{"long": "answer"}', cut=7))

    async def test_no_answer_in_time(self) -> None:
        with pytest.raises(NoAnswer, match="in time"):
            await ask(Reply(silent=True), seconds=0.2)

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(b"<html>", 502, "text/html"),
            Reply(b"{", 502),
            Reply(b"{}", 502, "text/plain"),
        ],
    )
    async def test_not_json(self, reply: Reply) -> None:
        with pytest.raises(BadAnswer) as failed:
            await ask(reply)
        assert failed.value.status == 502

    async def test_too_large(self) -> None:
        with pytest.raises(BadAnswer, match="too large"):
            await ask(Reply(b'"' + b"a" * 500 + b'"'), body_limit=500)

    async def test_too_large_once_unpacked(self) -> None:
        packed = gzip.compress(b'"' + b"a" * 400_000 + b'"')
        assert len(packed) < 10_000
        with pytest.raises(BadAnswer, match="too large"):
            await ask(Reply(packed, headers=[("Content-Encoding", "gzip")]))

    async def test_packed(self) -> None:
        packed = gzip.compress(b'{"a": 1}')
        answer = await ask(Reply(packed, headers=[("Content-Encoding", "gzip")]))
        assert answer.document == {"a": 1}

    async def test_a_cookie_is_not_kept(self) -> None:
        cookie = Reply(b"{}", headers=[("Set-Cookie", "a=b")])
        async with scripted_server(cookie) as server, client(server.address) as http:
            await http.post("/", {}, seconds=5)
            await http.post("/", {}, seconds=5)
        assert "cookie" not in server.requests[1].headers


class TestSecrecy:
    @pytest.mark.parametrize(
        "reply", [Reply(b"{", 200), Reply(b'{"a"', cut=2), Reply(b"", 200, "text/html")]
    )
    async def test_no_failure_holds_a_header(self, reply: Reply) -> None:
        with pytest.raises(CallFailed) as failed:
            await ask(reply)
        told = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
        assert "very-secret" not in told
        assert failed.value.__context__ is None

    async def test_nor_does_the_client(self) -> None:
        async with client("http://127.0.0.1:1") as http:
            assert "very-secret" not in repr(http)


class TestDecoded:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"NaN",
            b"[Infinity]",
            b"[-Infinity]",
            b"\xff",
            b"[" * 100_000,
            b"1e99999999999999999999",
        ],
    )
    def test_refused(self, body: bytes) -> None:
        with pytest.raises(NotJson):
            decoded(body)

    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b"0.1", Decimal("0.1")),
            (b"1e308", Decimal("1e308")),
            (b"12345678901234567890.12", Decimal("12345678901234567890.12")),
            (b"7", 7),
        ],
    )
    def test_numbers_are_exact(self, body: bytes, value: object) -> None:
        assert decoded(body) == value
        assert not isinstance(decoded(body), float)

    def test_what_json_wrote_comes_back(self) -> None:
        document = {"a": [1, "x", None, True], "b": {}}
        assert decoded(json.dumps(document).encode()) == document
