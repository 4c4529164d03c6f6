"""Plaid's own /sandbox calls and the custom users."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fakebank.running import BankClient, Body

PRODUCTS = ["transactions"]


async def today(bank: BankClient) -> date:
    return date.fromisoformat((await bank.look("/state"))["now"][:10])


class TestPublicTokenCreate:
    @pytest.mark.parametrize(
        ("institution_id", "code"),
        [
            ("ins_0", "INVALID_INSTITUTION"),
            ("ins_132361", "INSTITUTION_DOWN"),
            ("ins_133402", "INSTITUTION_NO_LONGER_SUPPORTED"),
        ],
    )
    async def test_bank_that_cannot_be_linked(
        self, bank: BankClient, institution_id: str, code: str
    ) -> None:
        refused = await bank.refused(
            "/sandbox/public_token/create",
            institution_id=institution_id,
            initial_products=PRODUCTS,
        )
        assert refused == code
        assert (await bank.look("/state"))["items"] == []

    @pytest.mark.parametrize(
        ("username", "password", "code"),
        [
            ("user_good", "wrong", "INVALID_CREDENTIALS"),
            ("user_nobody", "pass_good", "INVALID_CREDENTIALS"),
            ("user_good", "error_ITEM_LOCKED", "ITEM_LOCKED"),
            ("user_custom", "no JSON", "INVALID_CREDENTIALS"),
            ("user_custom", '{"force_error": "USER_SETUP_REQUIRED"}', "USER_SETUP_REQUIRED"),
        ],
    )
    async def test_login_that_the_bank_refuses(
        self, bank: BankClient, username: str, password: str, code: str
    ) -> None:
        refused = await bank.refused(
            "/sandbox/public_token/create",
            institution_id="ins_109508",
            initial_products=PRODUCTS,
            options={"override_username": username, "override_password": password},
        )
        assert refused == code

    async def test_dates_narrow_the_history(self, bank: BankClient) -> None:
        await bank.control("/scenario", initial_seconds=0, historical_seconds=0)
        end = await today(bank) - timedelta(days=10)
        start = end - timedelta(days=5)
        created = await bank.call(
            "/sandbox/public_token/create",
            institution_id="ins_109508",
            initial_products=PRODUCTS,
            options={"transactions": {"start_date": f"{start}", "end_date": f"{end}"}},
        )
        answer = await bank.call(
            "/item/public_token/exchange", public_token=created["public_token"]
        )
        told, _ = await bank.sync(answer["access_token"])
        occurred = sorted({t["authorized_date"] for t in told["added"]})
        assert f"{start}" <= occurred[0] <= occurred[-1] <= f"{end}"


class TestTransactionsCreate:
    async def line(self, bank: BankClient, **changes: Any) -> Body:
        on = f"{await today(bank) - timedelta(days=1)}"
        line = {"amount": 12.34, "date_posted": on, "date_transacted": on, "description": "A"}
        return line | changes

    async def test_only_for_the_dynamic_login(self, bank: BankClient) -> None:
        token = await bank.link()
        code = await bank.refused(
            "/sandbox/transactions/create",
            access_token=token,
            transactions=[await self.line(bank)],
        )
        assert code == "INVALID_FIELD"

    async def test_created_lines_arrive(self, bank: BankClient) -> None:
        token = await bank.ready(username="user_transactions_dynamic", password="x")
        _, cursor = await bank.sync(token)
        await bank.call(
            "/sandbox/transactions/create",
            access_token=token,
            transactions=[await self.line(bank)],
        )
        [new] = (await bank.sync(token, cursor))[0]["added"]
        assert (new["amount"], new["name"]) == (Decimal("12.34"), "A")

    @pytest.mark.parametrize("days", [15, -1])
    async def test_dates_too_old_or_to_come_are_refused(self, bank: BankClient, days: int) -> None:
        token = await bank.ready(username="user_transactions_dynamic", password="x")
        on = f"{await today(bank) - timedelta(days=days)}"
        line = await self.line(bank, date_posted=on, date_transacted=on)
        code = await bank.refused(
            "/sandbox/transactions/create", access_token=token, transactions=[line]
        )
        assert code == "INVALID_FIELD"

    async def test_eleven_are_too_many(self, bank: BankClient) -> None:
        token = await bank.ready(username="user_transactions_dynamic", password="x")
        lines = [await self.line(bank)] * 11
        code = await bank.refused(
            "/sandbox/transactions/create", access_token=token, transactions=lines
        )
        assert code == "INVALID_FIELD"


class TestCustomUsers:
    def files(self, specs: Path) -> list[Path]:
        folder = specs / "plaid-sandbox-custom-users"
        return [p for p in sorted(folder.rglob("*.json")) if not p.name.startswith("blank")]

    async def test_published_files_load_as_password(self, bank: BankClient, specs: Path) -> None:
        files = self.files(specs)
        assert len(files) >= 4
        for path in files:
            document = json.loads(path.read_text(), parse_float=Decimal)
            token = await bank.ready(username="user_custom", password=path.read_text(), days=730)
            accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
            told, _ = await bank.sync(token)
            self.same(document, accounts, told["added"])

    async def test_published_files_load_through_control(
        self, bank: BankClient, specs: Path
    ) -> None:
        for n, path in enumerate(self.files(specs)):
            answer = await bank.control(
                "/logins",
                institution_id="ins_109508",
                username=f"custom_{n}",
                password="word",
                custom_user=json.loads(path.read_text()),
            )
            token = await bank.ready(username=f"custom_{n}", password="word")
            accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
            assert len(accounts) == len(answer["account_ids"])

    async def test_blank_template_is_an_account_without_lines(
        self, bank: BankClient, specs: Path
    ) -> None:
        folder = specs / "plaid-sandbox-custom-users"
        blank = (folder / "blank_template_custom_sandbox_user.json").read_text()
        token = await bank.ready(username="user_custom", password=blank)
        assert len((await bank.call("/accounts/get", access_token=token))["accounts"]) == 1
        assert (await bank.sync(token))[0]["added"] == []

    def same(self, document: Any, accounts: list[Body], lines: list[Body]) -> None:
        """The accounts and lines are the document's."""
        wanted = document["override_accounts"]
        for override, account in zip(wanted, accounts, strict=True):
            if override.get("starting_balance") is not None:
                assert account["balances"]["current"] == override["starting_balance"]
            amounts = sorted(t["amount"] for t in override.get("transactions", []))
            mine = [t for t in lines if t["account_id"] == account["account_id"]]
            assert sorted(t["amount"] for t in mine) == amounts

    async def test_line_to_post_tomorrow_is_pending_and_posts(self, bank: BankClient) -> None:
        on = await today(bank)
        line = {
            "date_transacted": f"{on}",
            "date_posted": f"{on + timedelta(days=1)}",
            "amount": 9.5,
            "description": "SOON",
        }
        document = {"override_accounts": [{"starting_balance": 100, "transactions": [line]}]}
        token = await bank.ready(username="user_custom", password=json.dumps(document))
        told, cursor = await bank.sync(token)
        assert [t["pending"] for t in told["added"]] == [True]
        await bank.control("/clock", days=1)
        news, _ = await bank.sync(token, cursor)
        assert [(t["pending"], t["date"]) for t in news["added"]] == [
            (False, f"{on + timedelta(days=1)}")
        ]

    async def test_second_factor_of_the_document(self, bank: BankClient) -> None:
        document = {"override_accounts": [], "mfa": {"type": "device"}}
        token = await bank.ready(username="user_custom", password=json.dumps(document))
        assert await bank.refused("/accounts/get", access_token=token) == "NO_ACCOUNTS"

    @pytest.mark.parametrize("currency", ["JPY", "KWD", "EUR", "BTC"])
    async def test_currencies(self, bank: BankClient, currency: str) -> None:
        document = {"override_accounts": [{"starting_balance": 1.2345, "currency": currency}]}
        token = await bank.ready(username="user_custom", password=json.dumps(document))
        [account] = (await bank.call("/accounts/get", access_token=token))["accounts"]
        balances = account["balances"]
        codes = (balances["iso_currency_code"], balances["unofficial_currency_code"])
        assert codes == ((None, "BTC") if currency == "BTC" else (currency, None))
        assert balances["current"] == Decimal("1.2345")
