"""Link tokens and the hosted sign-in page."""

from __future__ import annotations

import pytest

from tests.fakebank.browsing import LINK, Person, begin, linked, session_of
from tests.fakebank.running import BankClient


class TestLinkTokenCreate:
    async def test_new_link_needs_products(self, bank: BankClient) -> None:
        assert await bank.refused("/link/token/create", **LINK) == "MISSING_FIELDS"

    async def test_update_mode_takes_no_products(self, bank: BankClient) -> None:
        token = await bank.link()
        code = await bank.refused(
            "/link/token/create", **LINK, access_token=token, products=["transactions"]
        )
        assert code == "INVALID_FIELD"

    async def test_update_mode_of_an_unknown_item_is_refused(self, bank: BankClient) -> None:
        code = await bank.refused("/link/token/create", **LINK, access_token="access-sandbox-1")
        assert code == "INVALID_ACCESS_TOKEN"

    async def test_long_client_name_is_refused(self, bank: BankClient) -> None:
        wanted = LINK | {"client_name": "x" * 31, "products": ["transactions"]}
        assert await bank.refused("/link/token/create", **wanted) == "INVALID_FIELD"

    async def test_without_hosted_link_there_is_no_page(self, bank: BankClient) -> None:
        answer = await bank.call("/link/token/create", **LINK, products=["transactions"])
        assert "hosted_link_url" not in answer

    async def test_token_that_nobody_made(self, bank: BankClient) -> None:
        assert await bank.refused("/link/token/get", link_token="link-1") == "INVALID_LINK_TOKEN"

    async def test_fresh_token_has_no_session(self, bank: BankClient) -> None:
        created = await bank.call(
            "/link/token/create", **LINK, products=["transactions"], hosted_link={}
        )
        answer = await bank.call("/link/token/get", link_token=created["link_token"])
        assert answer["link_sessions"] == []
        assert answer["metadata"]["initial_products"] == ["transactions"]


class TestHostedPage:
    async def test_unknown_page(self, bank: BankClient) -> None:
        person = await Person(bank, bank.url + "/link/nobody").open()
        assert (person.status, person.title) == (404, "No such page")

    async def test_whole_way(self, bank: BankClient) -> None:
        link_token, person = await begin(bank)
        assert person.title == "Choose your bank"
        await person.choose()
        assert person.title == "Sign in to First Platypus Bank"
        await person.sign_in()
        assert person.title == "Choose accounts to share"
        assert person.ticked == len(person.account_ids) == 6
        await person.share(*person.account_ids[:2])
        assert person.title == "Done"
        token = await linked(bank, link_token)
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert [a["name"] for a in accounts] == ["Business Checking", "Business Savings"]

    async def test_session_names_accounts_and_institution_before_the_exchange(
        self, bank: BankClient
    ) -> None:
        link_token, person = await begin(bank)
        await (await (await person.choose()).sign_in()).share(person.account_ids[0])
        session = await session_of(bank, link_token)
        [result] = session["results"]["item_add_results"]
        assert result["institution"] == {
            "institution_id": "ins_109508",
            "name": "First Platypus Bank",
        }
        assert [(a["name"], a["mask"]) for a in result["accounts"]] == [
            ("Business Checking", "0000")
        ]
        assert session["finished_at"] is not None
        assert "exit" not in session

    async def test_returns_to_the_client(self, bank: BankClient) -> None:
        back = "http://127.0.0.1:9/back"
        _, person = await begin(bank, hosted_link={"completion_redirect_uri": back})
        await (await (await person.choose()).sign_in()).share()
        assert (person.status, person.sent_to) == (303, back)

    async def test_used_page_says_so(self, bank: BankClient) -> None:
        _, person = await begin(bank)
        await (await (await person.choose()).sign_in()).share()
        await person.open()
        assert (person.status, person.title) == (200, "Done")

    async def test_search(self, bank: BankClient) -> None:
        _, person = await begin(bank)
        await person.open("?q=houndstooth")
        assert "Houndstooth Bank" in person.html
        assert "First Platypus" not in person.html
        await person.open("?q=nothing%20like%20this")
        assert "No bank matches." in person.html

    async def test_banks_of_other_countries_are_not_offered(self, bank: BankClient) -> None:
        _, person = await begin(bank, country_codes=["CA"])
        assert "Tartan-Dominion" in person.html
        assert "First Platypus" not in person.html

    @pytest.mark.parametrize(
        ("institution_id", "code"),
        [
            ("ins_132361", "INSTITUTION_DOWN"),
            ("ins_133402", "INSTITUTION_NO_LONGER_SUPPORTED"),
        ],
    )
    async def test_bank_where_nobody_can_sign_in(
        self, bank: BankClient, institution_id: str, code: str
    ) -> None:
        _, person = await begin(bank)
        await person.choose(institution_id)
        assert (person.status, person.title) == (200, "Choose your bank")
        assert person.alert.endswith(f"({code})")

    async def test_expired_page_tells_how_to_start_again(self, bank: BankClient) -> None:
        _, person = await begin(bank, hosted_link={"url_lifetime_seconds": 60})
        await bank.control("/clock", seconds=61)
        await person.open()
        assert (person.status, person.title) == (410, "This page has expired")
        assert "go back to Counterfoil" in person.html

    async def test_text_of_others_is_escaped(self, bank: BankClient) -> None:
        _, person = await begin(bank, client_name="<b>x</b>")
        await person.open("?q=<script>")
        assert "<b>x" not in person.html
        assert "<script>" not in person.html

    async def test_form_of_an_earlier_step_does_nothing(self, bank: BankClient) -> None:
        link_token, person = await begin(bank)
        await person.choose()
        async with bank.session.post(
            person.url, data={"step": "institutions", "action": "leave"}
        ) as response:
            assert "Sign in to First Platypus Bank" in await response.text()
        assert (await session_of(bank, link_token))["finished_at"] is None


class TestSignIn:
    async def at_credentials(self, bank: BankClient) -> tuple[str, Person]:
        link_token, person = await begin(bank)
        return link_token, await person.choose()

    async def test_wrong_password_repeats_the_form_and_links_nothing(
        self, bank: BankClient
    ) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password="wrong")
        assert (person.status, person.title) == (200, "Sign in to First Platypus Bank")
        assert person.alert.startswith("First Platypus Bank did not accept this username")
        assert 'value="user_good"' in person.html
        assert 'value="wrong"' not in person.html
        assert (await bank.look("/state"))["items"] == []

    async def test_error_takes_the_focus(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password="wrong")
        assert 'tabindex="-1" autofocus' in person.html
        assert person.html.count("autofocus") == 1

    async def test_empty_fields_are_named(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(username="", password="")
        assert person.alert == "Enter your username and your password."

    @pytest.mark.parametrize("code", ["ITEM_LOCKED", "USER_SETUP_REQUIRED", "NO_ACCOUNTS"])
    async def test_password_may_name_an_error(self, bank: BankClient, code: str) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password=f"error_{code}")
        assert person.alert.endswith(f"({code})")

    async def test_code(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password="mfa_device")
        assert person.title == "Confirm that it is you"
        assert 'inputmode="numeric"' in person.html
        await person.send("answer", answer_0=" 1234 ")
        assert person.title == "Choose accounts to share"

    async def test_three_wrong_codes_lock_the_login(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password="mfa_device")
        await person.send("answer", answer_0="1")
        assert "2 more wrong tries will lock" in person.alert
        await person.send("answer", answer_0="2")
        assert "One more wrong try will lock" in person.alert
        await person.send("answer", answer_0="3")
        assert person.title == "Sign in to First Platypus Bank"
        assert person.alert.endswith("(ITEM_LOCKED)")
        await person.sign_in()
        assert person.alert.endswith("(ITEM_LOCKED)")
        [login] = (await bank.look("/state"))["logins"]
        await bank.control(f"/logins/{login['login_id']}/unlock")
        await person.sign_in()
        assert person.title == "Choose accounts to share"

    async def test_selections(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password="mfa_selections")
        await person.send("answer", answer_0="No")
        assert person.alert.endswith("(INVALID_MFA)")
        await person.send("answer", answer_0="Yes")
        assert person.title == "Choose accounts to share"

    async def test_questions_in_rounds(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in(password="mfa_questions_2_2")
        await person.send("answer", answer_0="answer_0_0", answer_1="answer_0_1")
        assert person.title == "Confirm that it is you"
        await person.send("answer", answer_0="answer_1_0", answer_1="answer_1_1")
        assert person.title == "Choose accounts to share"

    async def test_at_least_one_account(self, bank: BankClient) -> None:
        _, person = await self.at_credentials(bank)
        await person.sign_in()
        await person.send("share")
        assert person.alert == "Choose at least one account."


class TestLeaving:
    @pytest.mark.parametrize(
        ("password", "status"),
        [
            ("", "requires_credentials"),
            ("mfa_device", "requires_code"),
            ("mfa_selections", "requires_selections"),
            ("mfa_questions_1_1", "requires_questions"),
            ("pass_good", "requires_account_selection"),
        ],
    )
    async def test_exit_says_where(self, bank: BankClient, password: str, status: str) -> None:
        link_token, person = await begin(bank)
        await (await person.choose()).sign_in(password=password)
        await person.send("leave")
        assert person.title == "You have left"
        session = await session_of(bank, link_token)
        assert session["exit"]["metadata"]["status"] == status
        assert "results" not in session
        assert (await bank.look("/state"))["items"] == []

    async def test_exit_carries_the_last_error(self, bank: BankClient) -> None:
        link_token, person = await begin(bank)
        await (await person.choose()).sign_in(password="wrong")
        await person.send("leave")
        left = (await session_of(bank, link_token))["exit"]
        assert left["error"]["error_code"] == "INVALID_CREDENTIALS"

    async def test_page_that_was_left_can_be_opened_again(self, bank: BankClient) -> None:
        link_token, person = await begin(bank)
        await person.send("leave")
        await person.open()
        await (await (await person.choose()).sign_in()).share()
        answer = await bank.call("/link/token/get", link_token=link_token)
        assert ["exit" in each for each in answer["link_sessions"]] == [False, True]


class TestUpdateMode:
    async def broken(self, bank: BankClient) -> str:
        """An Item whose login has a new password."""
        token = await bank.ready()
        [login] = (await bank.look("/state"))["logins"]
        await bank.control(f"/logins/{login['login_id']}/password", password="new word")
        assert await bank.refused("/accounts/get", access_token=token) == "ITEM_LOGIN_REQUIRED"
        return token

    async def test_old_password_does_not_repair(self, bank: BankClient) -> None:
        token = await self.broken(bank)
        _, person = await begin(bank, access_token=token)
        assert person.title == "Sign in to First Platypus Bank"
        await person.sign_in(password="pass_good")
        assert person.alert.endswith("(INVALID_CREDENTIALS)")
        assert await bank.refused("/accounts/get", access_token=token) == "ITEM_LOGIN_REQUIRED"

    async def test_new_password_repairs_and_ids_stay(self, bank: BankClient) -> None:
        token = await bank.ready()
        before = (await bank.call("/accounts/get", access_token=token))["accounts"]
        [login] = (await bank.look("/state"))["logins"]
        await bank.control(f"/logins/{login['login_id']}/password", password="new word")
        link_token, person = await begin(bank, access_token=token)
        await person.sign_in(password="new word")
        assert person.title == "Done"
        session = await session_of(bank, link_token)
        assert session["finished_at"] is not None
        assert session["results"]["item_add_results"] == []
        after = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert [a["account_id"] for a in after] == [a["account_id"] for a in before]

    async def test_missed_lines_come_after_the_repair(self, bank: BankClient) -> None:
        token = await bank.ready(days=30)
        _, cursor = await bank.sync(token)
        await bank.call("/sandbox/item/reset_login", access_token=token)
        await bank.control("/clock", days=5)
        _, person = await begin(bank, access_token=token)
        await person.sign_in()
        news, _ = await bank.sync(token, cursor)
        assert len(news["added"]) > 5

    async def test_another_login_is_refused(self, bank: BankClient) -> None:
        token = await bank.ready()
        _, person = await begin(bank, access_token=token)
        await person.sign_in(username="user_transactions_dynamic", password="any")
        assert person.alert.endswith("(INVALID_UPDATED_USERNAME)")

    async def test_accounts_can_be_added_and_left_out(self, bank: BankClient) -> None:
        link_token, person = await begin(bank)
        await (await (await person.choose()).sign_in()).share(person.account_ids[0])
        token = await linked(bank, link_token)
        await bank.control("/clock", seconds=10)
        _, cursor = await bank.sync(token)
        _, person = await begin(
            bank, access_token=token, update={"account_selection_enabled": True}
        )
        await person.sign_in()
        assert person.ticked == 1
        await person.share(person.account_ids[1])
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert [a["name"] for a in accounts] == ["Business Savings"]
        news, _ = await bank.sync(token, cursor)
        assert {t["account_id"] for t in news["added"]} == {accounts[0]["account_id"]}
