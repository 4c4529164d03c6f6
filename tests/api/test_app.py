"""The whole web process: page, headers, health, webhooks, and what it says in an outage."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from graphql import build_client_schema, get_introspection_query
from starlette.applications import Starlette

from counterfoil.aggregators.port import Hint, WebhookRefused
from counterfoil.api.headers import HEADERS
from counterfoil.app import create_app
from counterfoil.kit.crypto import create_key_file
from counterfoil.settings import Settings
from tests.api.serving import Client, MovableClock, client_of, person, served
from tests.conftest import migrate
from tests.services.postgres import postgres_server
from tests.services.valkey import ValkeyServer


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page of three files."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Counterfoil</title>")
    (folder / "counterfoil.svg").write_text("<svg/>")
    (folder / "assets" / "index-1a2b.js").write_text("export {}")
    return folder


def app_at(
    tmp_path: Path, database_url: str, redis_url: str, *, page: Path | None = None, **more: str
) -> Starlette:
    keys = tmp_path / "encryption.keys"
    if not keys.exists():
        create_key_file(keys)
    environment = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        **more,
    }
    settings = Settings.from_environment(environment)
    return create_app(settings, clock=MovableClock(), page_at=page or tmp_path / "absent")


@pytest.fixture
def app(tmp_path: Path, sqlite_url: str, redis_url: str, page: Path) -> Starlette:
    return app_at(tmp_path, sqlite_url, redis_url, page=page)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[Client]:
    async with client_of(app) as client:
        yield client


@asynccontextmanager
async def signed_in(app: Starlette) -> AsyncIterator[Client]:
    """A served app, and a client of a new person with all rights."""
    async with served(app) as url:
        somebody = await person()
        async with ClientSession(cookies=somebody.cookies) as session:
            yield Client(session, url)


class TestPage:
    @pytest.mark.parametrize("path", ["/", "/banks?q=rent"])
    async def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(
        self, client: Client, path: str
    ) -> None:
        answer = await client.get(path)
        assert answer.status == 303
        assert answer.headers["location"] == f"/sign-in?{urlencode({'next': path})}"
        assert "<title>" not in answer.text

    async def test_the_sign_in_page_is_there_for_everybody(self, client: Client) -> None:
        answer = await client.get("/sign-in?token=x")
        assert answer.status == 200
        assert "<title>Counterfoil</title>" in answer.text

    async def test_a_file_that_is_missing_is_not_the_first_page(self, client: Client) -> None:
        answer = await client.get("/assets/index-9z.js")
        assert answer.status == 404
        assert answer.json == {"message": "There is nothing at this address."}

    async def test_nothing_outside_of_the_folder_is_served(
        self, client: Client, tmp_path: Path
    ) -> None:
        for path in ("/..%2fencryption.keys", "/assets/%2e%2e/%2e%2e/encryption.keys"):
            answer = await client.get(path)
            assert answer.status == 404

    @pytest.mark.parametrize("path", ["/", "/banks", "/banks/b3IB/transactions"])
    async def test_its_addresses_are_its_first_page(self, app: Starlette, path: str) -> None:
        async with signed_in(app) as client:
            answer = await client.get(path)
        assert answer.status == 200
        assert "<title>Counterfoil</title>" in answer.text
        assert answer.headers["cache-control"] == "no-cache"

    async def test_what_is_named_by_its_content_is_kept(self, client: Client) -> None:
        answer = await client.get("/assets/index-1a2b.js")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await client.get("/counterfoil.svg")).headers["cache-control"] == "no-cache"

    async def test_one_that_is_not_built_says_so(
        self, tmp_path: Path, sqlite_url: str, redis_url: str
    ) -> None:
        async with client_of(app_at(tmp_path, sqlite_url, redis_url)) as client:
            answer = await client.get("/")
        assert answer.status == 503
        assert answer.text == "The page has not been built. Run: make run\n"


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/health", "/graphql", "/nothing.js", "/auth/sign-in"])
    async def test_are_on_every_answer(self, client: Client, path: str) -> None:
        answer = await client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name.lower()] == value
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers

    async def test_https_is_to_stay(self, tmp_path: Path, sqlite_url: str, redis_url: str) -> None:
        url = "https://books.example.com"
        app = app_at(tmp_path, sqlite_url, redis_url, PUBLIC_URL=url)
        async with client_of(app) as client:
            answer = await client.get("/health")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


class TestOperation:
    async def test_health_and_readiness(self, client: Client) -> None:
        assert (await client.get("/health")).json == {"status": "ok"}
        ready = await client.get("/ready")
        assert ready.status == 200
        assert ready.json == {"status": "ok", "database": "ok", "redis": "ok"}

    async def test_the_schema_is_there_for_everybody(self, client: Client) -> None:
        answer = await client.get("/schema.graphql")
        assert answer.status == 200
        assert "type Query" in answer.text

    async def test_the_real_schema_answers_a_person(self, app: Starlette) -> None:
        async with signed_in(app) as client:
            answer = await client.graphql("{viewer{organization{name}}}")
        assert answer.json["data"] == {"viewer": {"organization": {"name": "A"}}}

    async def test_tools_may_read_the_real_schema(self, app: Starlette) -> None:
        async with signed_in(app) as client:
            answer = await client.graphql(get_introspection_query(input_value_deprecation=True))
        assert answer.status == 200
        assert build_client_schema(answer.json["data"]).get_type("BankAccount") is not None


class _Bank:
    """An aggregator of which only the webhooks are looked at."""

    name = "bank"

    def __init__(self) -> None:
        self.heard: list[tuple[str | None, bytes]] = []

    async def events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        if headers.get("x-signature") != "good":
            raise WebhookRefused
        self.heard.append((headers.get("x-signature"), body))
        return []


class TestWebhooks:
    @pytest.fixture
    def bank(self, app: Starlette) -> _Bank:
        bank = _Bank()
        app.state.services.registry["bank"] = bank
        return bank

    async def post(self, client: Client, name: str, body: bytes, **headers: str) -> int:
        url = f"{client.url}/webhooks/{name}"
        async with client.session.post(url, data=io.BytesIO(body), headers=headers) as response:
            return response.status

    async def test_one_that_is_not_signed_is_refused(self, bank: _Bank, client: Client) -> None:
        assert await self.post(client, "bank", b"{}") == 401
        assert bank.heard == []

    async def test_plaids_are_refused_without_their_signature(self, client: Client) -> None:
        assert await self.post(client, "plaid", b"{}") == 401

    async def test_one_of_an_unknown_aggregator_is_not_found(self, client: Client) -> None:
        assert await self.post(client, "nobody", b"{}") == 404

    async def test_one_that_is_too_long_is_not_read(self, bank: _Bank, client: Client) -> None:
        signed = {"x-signature": "good"}
        assert await self.post(client, "bank", b" " * (1024 * 1024 + 1), **signed) == 413
        assert bank.heard == []

    async def test_reaches_the_adapter_byte_for_byte(self, bank: _Bank, client: Client) -> None:
        body = b'{"a": "\xc3\xa9",\n "b":1}'
        assert await self.post(client, "bank", body, **{"x-signature": "good"}) == 200
        assert bank.heard == [("good", body)]


async def until(ask: Any, wanted: int) -> Any:
    """The first answer with this status, within a minute."""
    async with asyncio.timeout(60):
        while (answer := await ask()).status != wanted:  # noqa: ASYNC110 - it comes back by itself
            await asyncio.sleep(0.1)
    return answer


class TestOutages:
    async def test_without_its_database_it_says_so_and_recovers(
        self, tmp_path: Path, redis_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with postgres_server() as postgres:
            postgres.sql("CREATE DATABASE books")
            migrate(postgres.url("books"))
            async with signed_in(app_at(tmp_path, postgres.url("books"), redis_url)) as client:
                query = "{bankAccounts(first:1){nodes{id}}}"
                assert (await client.graphql(query)).status == 200
                postgres.stop()
                with caplog.at_level(logging.INFO):
                    away = await client.graphql(query)
                    ready = await client.get("/ready")
                    health = await client.get("/health")
                postgres.start()
                back = await until(lambda: client.graphql(query), 200)
        assert (away.status, away.codes) == (503, ["UNAVAILABLE"])
        assert away.json["errors"][0]["extensions"]["retryable"] is True
        assert away.headers["retry-after"] == "1"
        assert (ready.status, ready.json["database"], ready.json["redis"]) == (503, "away", "ok")
        assert health.status == 200
        assert back.json["data"] == {"bankAccounts": {"nodes": []}}

    async def test_without_redis_it_answers_all_the_same(
        self, tmp_path: Path, sqlite_url: str
    ) -> None:
        absent = ValkeyServer(tmp_path / "nowhere")
        async with signed_in(app_at(tmp_path, sqlite_url, absent.url)) as client:
            answer = await client.graphql("{bankAccounts(first:1){nodes{id}}}")
            ready = await client.get("/ready")
        assert answer.status == 200
        assert (ready.status, ready.json["database"], ready.json["redis"]) == (503, "ok", "away")
