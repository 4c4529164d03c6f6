"""Faults, the journal, the clock and the control page."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from tests.fakebank.running import KEYS, BankClient


class TestFaults:
    async def test_unknown_kind_is_refused_and_nothing_goes_wrong(self, bank: BankClient) -> None:
        status, answer = await bank.control_attempt("/faults", kind="fire")
        assert status == 400
        assert answer["error"].startswith("kind must be one of ")
        assert (await bank.look("/state"))["faults"] == []

    async def test_down_institution_refuses_data_for_its_time(self, bank: BankClient) -> None:
        token, other = await bank.link(), await bank.link(institution_id="ins_109509")
        await bank.control("/faults", kind="down", institution_id="ins_109508", for_seconds=300)
        for path in ("/accounts/get", "/transactions/sync", "/transactions/refresh"):
            assert await bank.refused(path, access_token=token) == "INSTITUTION_DOWN"
        await bank.call("/item/get", access_token=token)
        await bank.call("/accounts/get", access_token=other)
        await bank.control("/clock", seconds=301)
        await bank.call("/accounts/get", access_token=token)

    async def test_error_counts_its_strikes(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control(
            "/faults",
            kind="error",
            code="INTERNAL_SERVER_ERROR",
            path="/item/get",
            skip=1,
            count=2,
        )
        statuses = [(await bank.attempt("/item/get", access_token=token))[0] for _ in range(4)]
        assert statuses == [200, 500, 500, 200]

    async def test_rate_limit_has_the_code_of_its_call(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control("/faults", kind="rate_limit", path="/transactions/sync", count=1)
        status, answer = await bank.attempt("/transactions/sync", access_token=token)
        assert (status, answer["error_code"]) == (429, "TRANSACTIONS_SYNC_LIMIT")

    async def test_delay(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control("/faults", kind="delay", path="/item/get", seconds=0.4, count=1)
        began = time.monotonic()
        await bank.call("/item/get", access_token=token)
        assert time.monotonic() - began >= 0.4

    async def raw(self, bank: BankClient, token: str) -> tuple[int, bytes]:
        url, body = bank.url + "/item/get", {"access_token": token}
        async with bank.session.post(url, json=body, headers=KEYS) as response:
            return response.status, await response.read()

    async def test_malformed(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control("/faults", kind="malformed", path="/item/get", count=1)
        status, raw = await self.raw(bank, token)
        assert status == 200
        with pytest.raises(ValueError, match="Unterminated string"):
            json.loads(raw)

    async def test_half_an_answer(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control("/faults", kind="half", path="/item/get", count=1)
        with pytest.raises(aiohttp.ClientPayloadError):
            await self.raw(bank, token)

    async def test_gateway(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control("/faults", kind="unavailable", path="/item/get", count=1)
        status, raw = await self.raw(bank, token)
        assert (status, raw[:6]) == (502, b"<html>")

    async def test_one_item_only(self, bank: BankClient) -> None:
        mine, other = await bank.link(), await bank.link()
        items = (await bank.look("/state"))["items"]
        await bank.control(
            "/faults", kind="error", code="PRODUCT_NOT_READY", item_id=items[0]["item_id"]
        )
        assert await bank.refused("/accounts/get", access_token=mine) == "PRODUCT_NOT_READY"
        await bank.call("/accounts/get", access_token=other)

    async def test_taken_away(self, bank: BankClient) -> None:
        token = await bank.link()
        fault = await bank.control("/faults", kind="down")
        await bank.control(f"/faults/{fault['fault_id']}/clear")
        await bank.call("/accounts/get", access_token=token)
        status, _ = await bank.control_attempt(f"/faults/{fault['fault_id']}/clear")
        assert status == 404


class TestJournal:
    async def test_shows_calls_without_the_keys(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.refused("/accounts/get", access_token=token, color="red")
        entries = (await bank.look("/journal"))["requests"]
        assert [e["path"] for e in entries] == [
            "/sandbox/public_token/create",
            "/item/public_token/exchange",
            "/accounts/get",
        ]
        assert entries[2]["error_code"] == "UNKNOWN_FIELDS"
        assert entries[2]["request"] == {"access_token": token, "color": "red"}
        assert KEYS["PLAID-SECRET"] not in json.dumps(entries)

    async def test_since_and_path(self, bank: BankClient) -> None:
        await bank.link()
        entries = (await bank.look("/journal"))["requests"]
        later = await bank.look(f"/journal?since={entries[0]['number']}")
        assert later["requests"] == entries[1:]
        one = await bank.look("/journal?path=/item/public_token/exchange")
        assert one["requests"] == entries[1:]


class TestScenario:
    async def test_clock_does_not_go_back(self, bank: BankClient) -> None:
        status, answer = await bank.control_attempt("/clock", days=-1)
        assert status == 400
        assert answer["error"].startswith("the clock only moves forward")

    async def test_sign_in_lasts_as_long_as_the_scenario_says(self, bank: BankClient) -> None:
        await bank.control("/scenario", sign_in_lasts_days=30)
        token = await bank.link()
        await bank.control("/clock", days=29)
        await bank.call("/accounts/get", access_token=token)
        await bank.control("/clock", days=1)
        assert await bank.refused("/accounts/get", access_token=token) == "ITEM_LOGIN_REQUIRED"

    async def test_sign_in_usually_lasts(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.control("/clock", days=365)
        await bank.call("/accounts/get", access_token=token)

    async def test_second_link_may_break_the_first(self, bank: BankClient) -> None:
        await bank.control("/scenario", second_link_breaks_first=["ins_109508"])
        first, second = await bank.link(), await bank.link()
        assert await bank.refused("/accounts/get", access_token=first) == "ITEM_LOGIN_REQUIRED"
        await bank.call("/accounts/get", access_token=second)

    async def test_british_consent_ends_after_180_days(self, bank: BankClient) -> None:
        token = await bank.link(institution_id="ins_117650")
        await bank.control("/clock", days=179)
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert (item["error"], item["consent_expiration_time"] is None) == (None, False)
        await bank.control("/clock", days=1)
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["error"]["error_code_reason"] == "OAUTH_CONSENT_EXPIRED"

    async def test_load_opens_logins_over_an_empty_bank(self, bank: BankClient) -> None:
        await bank.link()
        login = {
            "institution_id": "ins_109511",
            "username": "ada",
            "password": "word",
            "custom_user": {"override_accounts": [{"starting_balance": 5}]},
        }
        await bank.control("/load", reset=True, logins=[login], faults=[{"kind": "down"}])
        state = await bank.look("/state")
        assert [each["username"] for each in state["logins"]] == ["ada"]
        assert [each["kind"] for each in state["faults"]] == ["down"]
        assert state["items"] == []

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/logins/nobody/password", {"password": "x"}),
            ("/accounts/nobody", {}),
            ("/lines/nobody/remove", {}),
            ("/items/nobody", {}),
        ],
    )
    async def test_what_is_not_there(
        self, bank: BankClient, path: str, body: dict[str, Any]
    ) -> None:
        status, answer = await bank.control_attempt(path, **body)
        assert status == 404
        assert "no" in answer["error"]

    async def test_new_account_can_be_shared_and_changed(self, bank: BankClient) -> None:
        await bank.link()
        [login] = (await bank.look("/state"))["logins"]
        added = await bank.control(
            f"/logins/{login['login_id']}/accounts",
            name="Euro",
            kind="depository",
            subtype="checking",
            currency="EUR",
            balance=12.5,
            mask="7",
        )
        await bank.control(f"/accounts/{added['account_id']}", name="Euros", mask="77")
        accounts = (await bank.call("/accounts/get", access_token=await bank.link()))["accounts"]
        euro = accounts[-1]
        assert (euro["name"], euro["mask"], euro["balances"]["current"]) == ("Euros", "77", 12.5)

    async def test_renumbered_account_looks_like_another_with_the_same_lines(
        self, bank: BankClient
    ) -> None:
        token = await bank.ready(days=60)
        before = (await bank.call("/accounts/get", access_token=token))["accounts"]
        told, cursor = await bank.sync(token)
        await bank.control(f"/accounts/{before[1]['account_id']}/replace", mask="4321")
        after = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert before[1]["account_id"] not in {a["account_id"] for a in after}
        new = after[-1]
        assert (new["name"], new["mask"]) == ("Business Savings", "4321")
        assert new["balances"] == before[1]["balances"]
        again, _ = await bank.sync(token, cursor)
        old_lines = [t for t in told["added"] if t["account_id"] == before[1]["account_id"]]
        facts = [
            sorted((t["date"], t["amount"]) for t in each) for each in (again["added"], old_lines)
        ]
        assert facts[0] == facts[1] != []

    async def test_unbelievable_amounts_are_told_and_do_not_spoil_the_balance(
        self, bank: BankClient
    ) -> None:
        token = await bank.ready(days=30)
        account = (await bank.call("/accounts/get", access_token=token))["accounts"][0]
        _, cursor = await bank.sync(token)
        text = "\u202e<b>" + "x" * 10_000
        await bank.control(
            f"/accounts/{account['account_id']}/lines",
            amount=-1e308,
            description=text,
            posted_on="9999-12-31",
        )
        [line] = (await bank.sync(token, cursor))[0]["added"]
        assert (line["amount"], line["date"]) == (Decimal("1e308"), "9999-12-31")
        assert line["name"] == text
        after = (await bank.call("/accounts/get", access_token=token))["accounts"][0]
        assert after["balances"] == account["balances"]

    async def test_many_lines(self, bank: BankClient) -> None:
        token = await bank.ready()
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        _, cursor = await bank.sync(token)
        await bank.control(f"/accounts/{accounts[3]['account_id']}/generate", count=1200, days=30)
        told, _ = await bank.sync(token, cursor)
        assert len(told["added"]) == 1200
