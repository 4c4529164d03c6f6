"""Who may call, and how strictly a request is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakebank.running import KEYS, BankClient

LINK = {
    "client_name": "Test",
    "language": "en",
    "country_codes": ["US"],
    "user": {"client_user_id": "u"},
    "products": ["transactions"],
}


async def raw(bank: BankClient, path: str, content: bytes, **headers: str) -> tuple[int, Any]:
    async with bank.session.post(bank.url + path, data=content, headers=headers) as response:
        return response.status, json.loads(await response.read())


class TestKeys:
    async def test_wrong_secret_is_refused_and_changes_nothing(self, bank: BankClient) -> None:
        headers = KEYS | {"PLAID-SECRET": "wrong", "Content-Type": "application/json"}
        body = {"institution_id": "ins_109508", "initial_products": ["transactions"]}
        status, answer = await raw(
            bank, "/sandbox/public_token/create", json.dumps(body).encode(), **headers
        )
        assert (status, answer["error_type"]) == (400, "INVALID_INPUT")
        assert answer["error_code"] == "INVALID_API_KEYS"
        assert (await bank.look("/state"))["items"] == []

    async def test_missing_keys_are_named(self, bank: BankClient) -> None:
        status, answer = await raw(bank, "/item/get", b"{}", **{"Content-Type": "application/json"})
        assert (status, answer["error_code"]) == (400, "MISSING_FIELDS")
        assert "client_id, secret" in answer["error_message"]

    async def test_keys_in_the_body_will_do(self, bank: BankClient) -> None:
        body = {"client_id": KEYS["PLAID-CLIENT-ID"], "secret": KEYS["PLAID-SECRET"], **LINK}
        status, answer = await raw(
            bank,
            "/link/token/create",
            json.dumps(body).encode(),
            **{"Content-Type": "application/json"},
        )
        assert status == 200
        assert answer["link_token"].startswith("link-sandbox-")

    async def test_control_refuses_wrong_keys(self, bank: BankClient) -> None:
        async with bank.session.post(bank.url + "/_control/clock", json={"days": 1}) as response:
            assert response.status == 401


class TestRequests:
    @pytest.mark.parametrize(
        ("content_type", "content"),
        [
            ("text/plain", b"{}"),
            ("application/x-www-form-urlencoded", b"access_token=x"),
            ("application/json", b"{"),
            ("application/json", b"[]"),
            ("application/json", b'{"access_token": NaN}'),
        ],
    )
    async def test_what_is_no_json_object_is_refused(
        self, bank: BankClient, content_type: str, content: bytes
    ) -> None:
        headers = KEYS | {"Content-Type": content_type}
        status, answer = await raw(bank, "/item/get", content, **headers)
        assert (status, answer["error_code"]) == (400, "INVALID_BODY")

    async def test_unknown_field_is_named(self, bank: BankClient) -> None:
        status, answer = await bank.attempt("/item/get", access_token="x", color="red")
        assert (status, answer["error_code"]) == (400, "UNKNOWN_FIELDS")
        assert answer["error_message"].endswith(": color")

    async def test_unknown_field_inside_is_named_with_its_path(self, bank: BankClient) -> None:
        _, answer = await bank.attempt(
            "/link/token/create", **LINK, hosted_link={"completion_url": "https://x.test"}
        )
        assert answer["error_code"] == "UNKNOWN_FIELDS"
        assert answer["error_message"].endswith(": hosted_link.completion_url")

    async def test_missing_field_is_named(self, bank: BankClient) -> None:
        _, answer = await bank.attempt("/item/public_token/exchange")
        assert answer["error_code"] == "MISSING_FIELDS"
        assert answer["error_message"].endswith(": public_token")

    @pytest.mark.parametrize("count", [0, 501, "5", 1.5, True])
    async def test_wrong_count_is_refused(self, bank: BankClient, count: Any) -> None:
        _, answer = await bank.attempt("/transactions/sync", access_token="x", count=count)
        assert answer["error_code"] == "INVALID_FIELD"
        assert answer["error_message"].startswith("count must be ")

    async def test_unknown_address(self, bank: BankClient) -> None:
        status, answer = await raw(bank, "/nothing/here", b"{}", **KEYS)
        assert (status, answer["error_code"]) == (404, "NOT_FOUND")

    async def test_other_version_is_refused(self, bank: BankClient) -> None:
        headers = KEYS | {"Content-Type": "application/json", "Plaid-Version": "2018-05-22"}
        status, answer = await raw(bank, "/item/get", b'{"access_token": "x"}', **headers)
        assert (status, answer["error_code"]) == (400, "INVALID_HEADERS")

    async def test_every_answer_has_its_own_request_id(self, bank: BankClient) -> None:
        first, second = [
            await bank.call("/institutions/get", count=1, offset=0, country_codes=["US"])
            for _ in range(2)
        ]
        assert first["request_id"] != second["request_id"]
