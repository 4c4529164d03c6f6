"""The pages behind the counter: what their forms do, and that nobody else can send them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from fakebank.control.deeds import DEEDS
from tests.fakebank.running import BankClient, Body


class Desk:
    """A person at the pages behind the counter, without a browser."""

    def __init__(self, bank: BankClient) -> None:
        self.bank = bank
        self.done: set[str] = set()
        self._form_token = ""

    async def page(self, path: str = "/") -> str:
        async with self.bank.session.get(self.bank.url + path) as response:
            assert response.status == 200
            html = await response.text()
        found = re.search(r'name="form_token" value="(.*?)"', html)
        assert found is not None
        self._form_token = found[1]
        return unescape(html)

    async def do(self, deed: str, about: str = "", **fields: str) -> None:
        """Send a form that must go through."""
        status, words = await self.attempt(deed, about, **fields)
        assert status == 303, words
        self.done.add(deed)

    async def attempt(self, deed: str, about: str = "", **fields: str) -> tuple[int, str]:
        """Status, and where it leads to or what the alert says."""
        body = {"form_token": self._form_token, "do": deed, "about": about, **fields}
        async with self.bank.session.post(
            self.bank.url + "/_control", data=body, allow_redirects=False
        ) as response:
            found = re.search(r'role="alert"[^>]*>(.*?)</div>', await response.text())
            alert = unescape(found[1]) if found else ""
            return response.status, response.headers.get("Location", alert)


@pytest.fixture
async def desk(bank: BankClient) -> Desk:
    opened = Desk(bank)
    await opened.page()
    return opened


async def the_login(bank: BankClient) -> Body:
    [login] = (await bank.look("/state"))["logins"]
    found: Body = login
    return found


class TestControlPage:
    async def test_form_of_another_site_does_nothing(self, bank: BankClient, desk: Desk) -> None:
        token = await bank.link()
        login = await the_login(bank)
        status, _ = await desk.attempt(
            "password", login["login_id"], password="x", form_token="guess"
        )
        assert status == 403
        await bank.call("/accounts/get", access_token=token)

    async def test_changed_password_breaks_the_sign_in(self, bank: BankClient, desk: Desk) -> None:
        token = await bank.link()
        await desk.do("password", (await the_login(bank))["login_id"], password="x")
        assert await bank.refused("/accounts/get", access_token=token) == "ITEM_LOGIN_REQUIRED"
        assert "ITEM_LOGIN_REQUIRED" in await desk.page()

    async def test_every_button_works(self, bank: BankClient, desk: Desk) -> None:
        await bank.ready()
        state = await bank.look("/state")
        login, item = state["logins"][0], state["items"][0]
        account_id = login["account_ids"][0]
        await desk.do("advance", hours="24")
        await desk.do("lock", login["login_id"])
        await desk.do("unlock", login["login_id"])
        await desk.do("password", login["login_id"], password="other")
        await desk.do("next_link", login["login_id"], other_words="on", days_later="-1")
        for deed in ("login_required", "revoke", "consent", "heal"):
            await desk.do(deed, item["item_id"])
        for deed in ("lasting_ids", "breaks_first", "down", "move"):
            await desk.do(deed, "ins_109508")
        await desk.do("fault", kind="delay", seconds="1", path="", code="")
        await desk.do("clear_faults")
        await desk.do("line", account_id, amount="-3.20", pending="on")
        line = (await bank.look(f"/accounts/{account_id}/lines"))["lines"][-1]["line_id"]
        await desk.do("change_line", line, amount="-4.20", description="Other")
        await desk.do("post_line", line)
        line = (await bank.look(f"/accounts/{account_id}/lines"))["lines"][-1]["line_id"]
        for deed in ("remove_line", "restore_line"):
            await desk.do(deed, line)
        await desk.do("account", account_id, name="Till", mask="12")
        for deed in ("close", "open"):
            await desk.do(deed, account_id)
        await desk.do("revoke_account", item["item_id"], page=account_id)
        await desk.do("replace", account_id, mask="77")
        assert desk.done == set(DEEDS)
        shown = await desk.page()
        for words in (
            "prints its lines in other words and with dates shifted by -1 days",
            "moved to ins_209508",
            "Till ••12",
            "Till ••77",
            "(closed)",
        ):
            assert words in shown

    async def test_what_is_not_possible_is_said(self, desk: Desk) -> None:
        for deed, fields, words in (
            ("advance", {"hours": "many"}, "That was not possible: 'many' is not a number."),
            ("dance", {}, "That was not possible: nobody knows what to do."),
            ("move", {"about": "ins_0"}, "That was not possible: there is no institution 'ins_0'."),
        ):
            assert await desk.attempt(deed, **fields) == (200, words)


class TestAccountPage:
    async def test_unknown_account(self, bank: BankClient) -> None:
        async with bank.session.get(bank.url + "/_control/accounts/nobody") as response:
            assert response.status == 404
            assert "There is no such account." in await response.text()

    async def test_leads_back_to_itself(self, bank: BankClient, desk: Desk) -> None:
        await bank.link()
        account_id = (await the_login(bank))["account_ids"][0]
        answer = await desk.attempt("close", account_id, page=account_id)
        assert answer == (303, f"/_control/accounts/{account_id}")
        assert "It is closed" in await desk.page(answer[1])

    async def test_changes_a_posted_line(self, bank: BankClient, desk: Desk) -> None:
        token = await bank.ready()
        told, cursor = await bank.sync(token)
        account_id = (await the_login(bank))["account_ids"][0]
        lines = (await bank.look(f"/accounts/{account_id}/lines"))["lines"]
        line = next(each for each in reversed(lines) if each["posted_on"])
        await desk.do(
            "change_line", line["line_id"], page=account_id,
            amount="-1234.50", description="REBILLED", posted_on=line["posted_on"],
        )  # fmt: skip
        shown = await desk.page(f"/_control/accounts/{account_id}")
        assert f"{line['posted_on']} REBILLED: -1234.50 USD" in shown
        told, _ = await bank.sync(token, cursor)
        [changed] = told["modified"]
        assert (str(changed["amount"]), changed["date"]) == ("1234.50", line["posted_on"])

    async def test_withdraws_permission_for_this_account_alone(
        self, bank: BankClient, desk: Desk
    ) -> None:
        token = await bank.ready()
        state = await bank.look("/state")
        account_id = state["logins"][0]["account_ids"][2]
        await desk.do("revoke_account", state["items"][0]["item_id"], page=account_id)
        left = (await bank.call("/accounts/get", access_token=token))["accounts"]
        assert [a["mask"] for a in left] == ["0000", "1111", "2222", "4444", "7777"]
        assert "None." in await desk.page(f"/_control/accounts/{account_id}")

    async def test_says_there_what_is_not_possible(self, bank: BankClient, desk: Desk) -> None:
        await bank.link()
        account_id = (await the_login(bank))["account_ids"][0]
        line = (await bank.look(f"/accounts/{account_id}/lines"))["lines"][0]["line_id"]
        for deed, about, fields, words in (
            ("account", account_id, {"name": " "}, "the account needs a name"),
            ("account", account_id, {"name": "x", "mask": "12345"},
             "a number here has at most 4 characters"),
            ("change_line", line, {"amount": "1", "posted_on": "soon"},
             "'soon' is not a date as YYYY-MM-DD"),
        ):  # fmt: skip
            answer = await desk.attempt(deed, about, page=account_id, **fields)
            assert answer == (200, f"That was not possible: {words}.")
