"""Items and their accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.fakebank.running import BankClient


class TestExchange:
    async def test_token_that_nobody_gave_out_is_refused(self, bank: BankClient) -> None:
        code = await bank.refused("/item/public_token/exchange", public_token="public-sandbox-1")
        assert code == "INVALID_PUBLIC_TOKEN"

    async def test_second_exchange_is_refused(self, bank: BankClient) -> None:
        token = await self.create(bank)
        await bank.call("/item/public_token/exchange", public_token=token)
        code = await bank.refused("/item/public_token/exchange", public_token=token)
        assert code == "INVALID_PUBLIC_TOKEN"

    async def test_token_expires_after_half_an_hour(self, bank: BankClient) -> None:
        token = await self.create(bank)
        await bank.control("/clock", seconds=30 * 60)
        code = await bank.refused("/item/public_token/exchange", public_token=token)
        assert code == "INVALID_PUBLIC_TOKEN"

    async def create(self, bank: BankClient) -> str:
        answer = await bank.call(
            "/sandbox/public_token/create",
            institution_id="ins_109508",
            initial_products=["transactions"],
        )
        return str(answer["public_token"])


class TestItemGet:
    async def test_unknown_token_is_refused(self, bank: BankClient) -> None:
        assert await bank.refused("/item/get", access_token="nope") == "INVALID_ACCESS_TOKEN"

    async def test_names_the_institution_and_no_error(self, bank: BankClient) -> None:
        token = await bank.link()
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["institution_id"] == "ins_109508"
        assert item["institution_name"] == "First Platypus Bank"
        assert item["error"] is None
        assert item["products"] == ["transactions"]

    async def test_shows_the_error_of_a_broken_item(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.call("/sandbox/item/reset_login", access_token=token)
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"

    async def test_says_when_the_bank_was_last_looked_at(self, bank: BankClient) -> None:
        token = await bank.ready()
        first = await self.looked_at(bank, token)
        await bank.control("/clock", hours=7)
        second = await self.looked_at(bank, token)
        assert second[0] > first[0]
        assert second[1] is None
        await bank.call("/sandbox/item/reset_login", access_token=token)
        await bank.control("/clock", hours=7)
        third = await self.looked_at(bank, token)
        assert third[0] == second[0]
        assert third[1] > third[0]

    async def looked_at(self, bank: BankClient, token: str) -> tuple[Any, Any]:
        status = (await bank.call("/item/get", access_token=token))["status"]["transactions"]
        return status["last_successful_update"], status["last_failed_update"]


class TestItemRemove:
    async def test_removed_item_is_gone_for_every_call(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.call("/item/remove", access_token=token, reason_code="OTHER")
        for path in ("/item/get", "/accounts/get", "/transactions/sync", "/item/remove"):
            assert await bank.refused(path, access_token=token) == "ITEM_NOT_FOUND"


class TestWebhookUpdate:
    async def test_new_address_is_kept(self, bank: BankClient) -> None:
        token = await bank.link()
        answer = await bank.call(
            "/item/webhook/update", access_token=token, webhook="http://127.0.0.1:9/hook"
        )
        assert answer["item"]["webhook"] == "http://127.0.0.1:9/hook"

    async def test_what_is_no_address_is_refused(self, bank: BankClient) -> None:
        token = await bank.link()
        code = await bank.refused("/item/webhook/update", access_token=token, webhook="hook")
        assert code == "INVALID_FIELD"


class TestTokenRotation:
    async def test_old_token_is_dead_and_new_one_works(self, bank: BankClient) -> None:
        old = await bank.link()
        new = await bank.call("/item/access_token/invalidate", access_token=old)
        assert await bank.refused("/item/get", access_token=old) == "INVALID_ACCESS_TOKEN"
        await bank.call("/item/get", access_token=new["new_access_token"])


class TestAccounts:
    async def test_broken_item_shows_no_accounts(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.call("/sandbox/item/reset_login", access_token=token)
        assert await bank.refused("/accounts/get", access_token=token) == "ITEM_LOGIN_REQUIRED"

    async def test_company_has_a_bank_a_card_and_a_loan(self, bank: BankClient) -> None:
        token = await bank.link()
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert [(a["type"], a["subtype"], a["mask"]) for a in accounts] == [
            ("depository", "checking", "0000"),
            ("depository", "savings", "1111"),
            ("credit", "credit card", "9999"),
            ("depository", "cd", "2222"),
            ("depository", "money market", "4444"),
            ("loan", "business", "7777"),
        ]

    async def test_what_is_owed_is_positive(self, bank: BankClient) -> None:
        token = await bank.link()
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        loan = accounts[5]["balances"]
        assert (loan["current"], loan["available"]) == (Decimal("18640.25"), None)
        card = accounts[2]["balances"]
        assert card["current"] > 0
        assert card["limit"] == 25000

    async def test_balance_is_opening_plus_posted_lines(self, bank: BankClient) -> None:
        token = await bank.ready(days=730)
        told, _ = await bank.sync(token)
        accounts = (await bank.call("/accounts/balance/get", access_token=token))["accounts"]
        checking = accounts[0]
        lines = [t for t in told["added"] if t["account_id"] == checking["account_id"]]
        posted = sum((t["amount"] for t in lines if not t["pending"]), Decimal(0))
        assert checking["balances"]["current"] == Decimal("38250.00") - posted

    async def test_chosen_accounts_only(self, bank: BankClient) -> None:
        token = await bank.link()
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        wanted = accounts[1]["account_id"]
        answer = await bank.call(
            "/accounts/get", access_token=token, options={"account_ids": [wanted]}
        )
        assert [a["account_id"] for a in answer["accounts"]] == [wanted]

    async def test_account_of_another_item_is_refused(self, bank: BankClient) -> None:
        mine, other = await bank.link(), await bank.link()
        theirs = (await bank.call("/accounts/get", access_token=other))["accounts"]
        code = await bank.refused(
            "/accounts/get",
            access_token=mine,
            options={"account_ids": [theirs[0]["account_id"]]},
        )
        assert code == "INVALID_ACCOUNT_ID"

    async def test_second_link_of_a_login_has_other_ids_and_equal_facts(
        self, bank: BankClient
    ) -> None:
        answers = [
            (await bank.call("/accounts/get", access_token=await bank.link()))["accounts"]
            for _ in range(2)
        ]
        first, second = ({a["account_id"] for a in accounts} for accounts in answers)
        assert not first & second
        facts = [[(a["name"], a["mask"], a["balances"]) for a in each] for each in answers]
        assert facts[0] == facts[1]

    async def test_closed_account_is_not_shown(self, bank: BankClient) -> None:
        token = await bank.link()
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        await bank.control(f"/accounts/{accounts[0]['account_id']}", closed=True)
        left = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert [a["account_id"] for a in left] == [a["account_id"] for a in accounts[1:]]

    async def test_balance_may_be_wrong_on_purpose(self, bank: BankClient) -> None:
        token = await bank.link()
        before = (await bank.call("/accounts/get", access_token=token))["accounts"][1]
        await bank.control(f"/accounts/{before['account_id']}", balance_error=7)
        after = (await bank.call("/accounts/get", access_token=token))["accounts"][1]
        assert after["balances"]["current"] - before["balances"]["current"] == 7


class TestInstitutions:
    async def test_unknown_institution_is_refused(self, bank: BankClient) -> None:
        code = await bank.refused(
            "/institutions/get_by_id", institution_id="ins_0", country_codes=["US"]
        )
        assert code == "INVALID_INSTITUTION"

    async def test_search_needs_every_word(self, bank: BankClient) -> None:
        answer = await bank.call(
            "/institutions/search", query="platypus first", country_codes=["US"]
        )
        assert [each["name"] for each in answer["institutions"]] == ["First Platypus Bank"]

    async def test_search_keeps_to_the_countries(self, bank: BankClient) -> None:
        answer = await bank.call("/institutions/search", query="bank", country_codes=["CA"])
        assert [each["institution_id"] for each in answer["institutions"]] == ["ins_43"]

    async def test_pages_by_offset(self, bank: BankClient) -> None:
        whole = await bank.call("/institutions/get", count=500, offset=0, country_codes=["US"])
        second = await bank.call("/institutions/get", count=1, offset=1, country_codes=["US"])
        assert second["institutions"] == [whole["institutions"][1]]
        assert second["total"] == len(whole["institutions"]) == 9

    @pytest.mark.parametrize(
        ("institution_id", "status"),
        [("ins_109508", "HEALTHY"), ("ins_132363", "DEGRADED"), ("ins_132361", "DOWN")],
    )
    async def test_status_when_asked(
        self, bank: BankClient, institution_id: str, status: str
    ) -> None:
        answer = await bank.call(
            "/institutions/get_by_id",
            institution_id=institution_id,
            country_codes=["US"],
            options={"include_status": True, "include_optional_metadata": True},
        )
        assert answer["institution"]["status"]["item_logins"]["status"] == status
