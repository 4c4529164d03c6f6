"""Our requests against Plaid's official schema, and its example answers against our reading.

The official files are not part of this repository: SPECS_DIR names the folder that holds them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from jsonschema import Draft202012Validator

from counterfoil.aggregators.plaid import Plaid, translate
from counterfoil.aggregators.plaid.health import health
from counterfoil.aggregators.plaid.reading import each, member, text
from counterfoil.aggregators.plaid.sessions import outcome
from counterfoil.aggregators.port import (
    AccountSnapshot,
    AggregatorError,
    Found,
    GrantSecret,
    Left,
    LinkPurpose,
    LinkRequest,
    Waiting,
)
from counterfoil.kit.http import decoded
from counterfoil.kit.secret import Secret
from tests.aggregators.plaid import objects
from tests.kit.scripted_server import Reply, ScriptedServer, scripted_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRANT = GrantSecret("access-1")
Json = dict[str, Any]


class StandingClock:
    """A clock that stands at NOW."""

    def now(self) -> datetime:
        return NOW


def official(name: str) -> Json:
    """One of the official files."""
    folder = os.environ.get("SPECS_DIR")
    if not folder:
        pytest.skip("SPECS_DIR is not set: Plaid's official files are not at hand")
    read = decoded((Path(folder) / name).read_bytes())
    assert isinstance(read, dict)
    return read


def strict(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema in which no object takes an unknown field."""
    if isinstance(schema, list):
        return [strict(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    read = {
        name: {key: strict(inner) for key, inner in value.items()}
        if name == "properties"
        else strict(value)
        for name, value in schema.items()
        if name not in ("example", "exclusiveMinimum", "exclusiveMaximum")
    }
    if "properties" in read:
        read["additionalProperties"] = False
    return {"anyOf": [read, {"type": "null"}]} if schema.get("nullable") else read


def validator(openapi: Json, path: str) -> Draft202012Validator:
    """Checks the body of a call."""
    body = openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    schemas = {"schemas": strict(openapi["components"]["schemas"])}
    return Draft202012Validator({**strict(body["schema"]), "components": schemas})


def request(purpose: LinkPurpose, grant: GrantSecret | None) -> LinkRequest:
    return LinkRequest(
        purpose,
        "user-1",
        "https://books.example.com/link/return",
        "https://books.example.com/webhooks/plaid",
        mobile_app=True,
        grant=grant,
    )


async def first_page(plaid: Plaid, cursor: str | None) -> object:
    return await anext(aiter(plaid.changes(GRANT, cursor)))


OPERATIONS: dict[str, Callable[[Plaid], Awaitable[object]]] = {
    "institutions searched": lambda plaid: plaid.institutions("bank", "US"),
    "institutions listed": lambda plaid: plaid.institutions("", "CA"),
    "link": lambda plaid: plaid.begin_link(request(LinkPurpose.ADD, None)),
    "repair": lambda plaid: plaid.begin_link(request(LinkPurpose.REPAIR, GRANT)),
    "add accounts": lambda plaid: plaid.begin_link(request(LinkPurpose.ADD_ACCOUNTS, GRANT)),
    "finish": lambda plaid: plaid.finish_link(GrantSecret("link-1")),
    "redeem": lambda plaid: plaid.redeem(GrantSecret("public-1")),
    "snapshot": lambda plaid: plaid.snapshot(GRANT),
    "first changes": lambda plaid: first_page(plaid, None),
    "later changes": lambda plaid: first_page(plaid, "cursor-1"),
    "refresh": lambda plaid: plaid.refresh(GRANT),
    "revoke": lambda plaid: plaid.revoke(GRANT),
    "webhook key": lambda plaid: plaid._webhook_key("key-1"),
}


@asynccontextmanager
async def adapter() -> AsyncIterator[tuple[Plaid, ScriptedServer]]:
    async with scripted_server(Reply.of(objects.item())) as server:
        plaid = Plaid(
            base_url=server.address,
            client_id="client-1",
            secret=Secret("secret-1"),
            clock=StandingClock(),
            country_codes=("US", "CA"),
        )
        try:
            yield plaid, server
        finally:
            await plaid.close()


class TestRequests:
    async def test_an_unknown_field_would_be_noticed(self) -> None:
        openapi = official("plaid-subset.openapi.json")
        sent = {"access_token": "a", "count": 500, "options": {"surprise": True}}
        assert not validator(openapi, "/transactions/sync").is_valid(sent)

    @pytest.mark.parametrize("name", OPERATIONS)
    async def test_each_is_as_plaid_describes_it(self, name: str) -> None:
        openapi = official("plaid-subset.openapi.json")
        async with adapter() as (plaid, server):
            with suppress(AggregatorError):  # only the request counts
                await OPERATIONS[name](plaid)
        assert server.requests
        for sent in server.requests:
            problems = validator(openapi, sent.path).iter_errors(sent.document)
            assert [problem.message for problem in problems] == []


def example_of(path: str) -> Json:
    """Plaid's example of an answer."""
    read = official("plaid-response-examples.json")[f"{path} 200 example-1"]
    assert isinstance(read, dict)
    return read


class TestExampleAnswers:
    def test_transactions_sync(self) -> None:
        example = example_of("/transactions/sync")
        page = translate.changes_page(example, cursor=None)
        assert len(page.added) == len(example["added"]) > 0
        for ours, theirs in zip(page.added, example["added"], strict=True):
            assert ours.amount_minor == -theirs["amount"] * 100

    def test_accounts_get(self) -> None:
        example = example_of("/accounts/get")
        accounts = each(example, "accounts", translate.account)
        assert len(accounts) == len(example["accounts"]) > 0
        assert all(isinstance(account, AccountSnapshot) for account in accounts)

    def test_item_get(self) -> None:
        example = example_of("/item/get")
        told = health(example, now=NOW)
        assert told.institution is not None
        assert told.institution.aggregator_id == example["item"]["institution_id"]

    def test_institutions_search(self) -> None:
        example = example_of("/institutions/search")
        found = each(example, "institutions", translate.institution)
        assert [f.name for f in found] == [i["name"] for i in example["institutions"]]

    def test_link_token_get(self) -> None:
        assert isinstance(outcome(example_of("/link/token/get")), Found | Left | Waiting)

    def test_webhook_verification_key_get(self) -> None:
        key = member(example_of("/webhook_verification_key/get"), "key")
        imported = ECKey.import_key({name: text(key, name) for name in ("kty", "crv", "x", "y")})
        assert imported.curve_name == "P-256"
