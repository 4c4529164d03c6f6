"""What stays the same and what changes when a login is linked again, and what a bank does to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.fakebank.browsing import begin, linked, session_of
from tests.fakebank.listening import Mailbox
from tests.fakebank.plaid_schema import named_faults
from tests.fakebank.running import BankClient, Body

PLATYPUS = "ins_109508"


async def accounts_of(bank: BankClient, token: str) -> list[Body]:
    answer = await bank.call("/accounts/get", access_token=token)
    accounts: list[Body] = answer["accounts"]
    return accounts


async def lines_of(bank: BankClient, token: str) -> list[Body]:
    told, _ = await bank.sync(token)
    lines: list[Body] = told["added"]
    return lines


def facts(lines: list[Body], *names: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(str(line[name]) for name in names) for line in lines)


async def the_login(bank: BankClient) -> str:
    [login] = (await bank.look("/state"))["logins"]
    return str(login["login_id"])


async def item_id(bank: BankClient, token: str) -> str:
    return str((await bank.call("/item/get", access_token=token))["item"]["item_id"])


async def in_update_mode(bank: BankClient, token: str, *chosen: str) -> None:
    """Sign in again; with account ids of the bank, share just these."""
    update = {"update": {"account_selection_enabled": True}} if chosen else {}
    _, person = await begin(bank, access_token=token, **update)
    await person.sign_in()
    if chosen:
        await person.share(*chosen)
    assert person.title == "Done"


class TestLinkedAgain:
    async def test_other_ids_and_the_same_lines(self, bank: BankClient) -> None:
        first, second = await bank.ready(), await bank.ready()
        mine, theirs = await lines_of(bank, first), await lines_of(bank, second)
        for name in ("transaction_id", "account_id"):
            assert not {t[name] for t in mine} & {t[name] for t in theirs}
        said = ("date", "amount", "name", "original_description", "pending")
        assert facts(mine, *said) == facts(theirs, *said) != []
        assert await item_id(bank, first) != await item_id(bank, second)

    async def test_removed_login_is_linked_again_as_any_other(self, bank: BankClient) -> None:
        first = await bank.ready()
        before = await accounts_of(bank, first)
        await bank.call("/item/remove", access_token=first)
        after = await accounts_of(bank, await bank.ready())
        assert not {a["account_id"] for a in before} & {a["account_id"] for a in after}
        assert [a["mask"] for a in before] == [a["mask"] for a in after]

    async def test_only_the_accounts_chosen_this_time(self, bank: BankClient) -> None:
        _, person = await begin(bank)
        await (await (await person.choose()).sign_in()).share()
        link_token, person = await begin(bank)
        await (await person.choose()).sign_in()
        chosen = [person.account_ids[0], person.account_ids[2]]
        await person.share(*chosen)
        [added] = (await session_of(bank, link_token))["results"]["item_add_results"]
        assert [a["mask"] for a in added["accounts"]] == ["0000", "9999"]
        await bank.control("/clock", seconds=10)
        token = await linked(bank, link_token)
        accounts = await accounts_of(bank, token)
        assert [a["mask"] for a in accounts] == ["0000", "9999"]
        told = {t["account_id"] for t in await lines_of(bank, token)}
        assert told == {a["account_id"] for a in accounts}

    async def test_no_account_has_a_lasting_id(self, bank: BankClient) -> None:
        accounts = await accounts_of(bank, await bank.link())
        assert [a for a in accounts if "persistent_account_id" in a] == []

    async def test_lasting_ids_where_the_scenario_says_so(self, bank: BankClient) -> None:
        await bank.control("/scenario", persistent_ids=[PLATYPUS])
        first, second = [
            [a["persistent_account_id"] for a in await accounts_of(bank, await bank.link())]
            for _ in range(2)
        ]
        assert first == second
        assert len(set(first)) == len(first) == 6
        other = await accounts_of(bank, await bank.link(institution_id="ins_109509"))
        assert "persistent_account_id" not in other[0]


class TestNextLink:
    SAID = ("amount", "pending")

    async def test_unknown_login_is_refused(self, bank: BankClient) -> None:
        status, _ = await bank.control_attempt("/logins/nobody/next_link", other_words=True)
        assert status == 404

    async def test_other_words_before_the_same_lines(self, bank: BankClient) -> None:
        before = await lines_of(bank, await bank.ready())
        await bank.control(f"/logins/{await the_login(bank)}/next_link", other_words=True)
        after = await lines_of(bank, await bank.ready())
        for line in before:
            line["original_description"] = f"POS PURCHASE {line['original_description']}"
        said = ("date", "amount", "pending", "merchant_name")
        assert facts(before, *said) == facts(after, *said) != []
        # `name` alone tells nothing where a merchant is known
        names = {t["name"] for t in after if t["merchant_name"] is None}
        assert names
        assert all(name.startswith("POS PURCHASE ") for name in names)

    async def test_dates_a_day_later(self, bank: BankClient) -> None:
        before = await lines_of(bank, await bank.ready())
        await bank.control(f"/logins/{await the_login(bank)}/next_link", days_later=1)
        after = await lines_of(bank, await bank.ready())
        for line in before:
            line["date"] = date.fromisoformat(line["date"]) + timedelta(days=1)
        assert facts(before, "date", *self.SAID) == facts(after, "date", *self.SAID) != []

    async def test_only_one_link_and_not_the_older_ones(self, bank: BankClient) -> None:
        first = await bank.ready()
        before = await lines_of(bank, first)
        path = f"/logins/{await the_login(bank)}/next_link"
        await bank.control(path, other_words=True, days_later=-1)
        await bank.ready()
        for token in (first, await bank.ready()):
            after = await lines_of(bank, token)
            assert facts(before, "date", "name") == facts(after, "date", "name")

    async def test_empty_body_takes_it_back(self, bank: BankClient) -> None:
        before = await lines_of(bank, await bank.ready())
        path = f"/logins/{await the_login(bank)}/next_link"
        await bank.control(path, other_words=True, days_later=2)
        await bank.control(path)
        after = await lines_of(bank, await bank.ready())
        assert facts(before, "date", "name") == facts(after, "date", "name")


class TestEqualMasks:
    async def test_nothing_but_name_and_lines_tells_them_apart(self, bank: BankClient) -> None:
        token = await bank.ready(username="user_equal_masks", password="any")
        one, two = await accounts_of(bank, token)
        assert (one["name"], two["name"]) == ("Operating Checking", "Payroll Checking")
        for same in ("mask", "type", "subtype", "official_name"):
            assert one[same] == two[same]
        lines = await lines_of(bank, token)
        mine, theirs = [
            {t["amount"] for t in lines if t["account_id"] == each["account_id"]}
            for each in (one, two)
        ]
        assert len(mine) > 30
        assert len(theirs) > 30
        assert not mine & theirs


class TestRevokeAccount:
    async def test_account_that_the_item_does_not_share_is_refused(self, bank: BankClient) -> None:
        token = await bank.ready()
        other = await accounts_of(bank, await bank.ready(username="user_equal_masks"))
        path = f"/items/{await item_id(bank, token)}/revoke_account"
        status, answer = await bank.control_attempt(path, account_id=other[0]["account_id"])
        assert (status, answer["error"]) == (400, "the Item does not share this account")
        assert len(await accounts_of(bank, token)) == 6

    async def test_siblings_stay_and_the_reader_is_told(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        token = await bank.ready(webhook=box.url)
        accounts = await accounts_of(bank, token)
        gone = accounts[1]["account_id"]
        _, cursor = await bank.sync(token)
        path = f"/items/{await item_id(bank, token)}/revoke_account"
        await bank.control(path, account_id=gone)
        letter = await box.first("ITEM/USER_ACCOUNT_REVOKED")
        assert letter.payload["account_id"] == gone
        assert named_faults("UserAccountRevokedWebhook", letter.payload) == []
        left = await accounts_of(bank, token)
        assert [a["account_id"] for a in left] == [
            a["account_id"] for a in accounts if a["account_id"] != gone
        ]
        assert gone not in {t["account_id"] for t in await lines_of(bank, token)}
        told, _ = await bank.sync(token, cursor)
        assert told == {"added": [], "modified": [], "removed": []}

    async def test_update_mode_with_selection_brings_it_back(self, bank: BankClient) -> None:
        token = await bank.ready()
        accounts = await accounts_of(bank, token)
        [item] = (await bank.look("/state"))["items"]
        ids = {theirs: ours for ours, theirs in item["item_account_ids"].items()}
        gone = accounts[0]["account_id"]
        await bank.control(f"/items/{item['item_id']}/revoke_account", account_id=gone)
        _, cursor = await bank.sync(token)
        await in_update_mode(bank, token, *ids.values())
        assert await accounts_of(bank, token) == accounts
        told, _ = await bank.sync(token, cursor)
        assert {t["account_id"] for t in told["added"]} == {gone}


class TestEndOfConsent:
    async def test_american_item_is_told_under_another_name(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        token = await bank.link(webhook=box.url)
        await bank.control(
            f"/items/{await item_id(bank, token)}", consent_expires_in_seconds=10 * 86_400
        )
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["consent_expiration_time"] is not None
        await bank.control("/clock", days=4)
        letter = await box.first("ITEM/PENDING_DISCONNECT")
        assert letter.payload["reason"] == "INSTITUTION_TOKEN_EXPIRATION"
        assert letter.payload["disconnect_time"] == item["consent_expiration_time"]

    async def test_ended_consent_is_renewed_in_update_mode(self, bank: BankClient) -> None:
        token = await bank.ready()
        before = await accounts_of(bank, token)
        await bank.control(f"/items/{await item_id(bank, token)}", consent_expires_in_seconds=60)
        await bank.control("/clock", seconds=61)
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["error"]["error_code_reason"] == "OAUTH_CONSENT_EXPIRED"
        await in_update_mode(bank, token)
        after = await accounts_of(bank, token)
        assert [a["account_id"] for a in after] == [a["account_id"] for a in before]

    async def test_end_that_is_put_off_is_told_again(self, bank: BankClient, box: Mailbox) -> None:
        token = await bank.link(webhook=box.url)
        path = f"/items/{await item_id(bank, token)}"
        for seconds in (3600, 7200):
            await bank.control(path, consent_expires_in_seconds=seconds)
        sent = [w["payload"] for w in (await bank.look("/webhooks"))["webhooks"]]
        ends = [p["disconnect_time"] for p in sent if p["webhook_code"] == "PENDING_DISCONNECT"]
        assert len(set(ends)) == 2


class TestInstitutionMoves:
    async def test_what_cannot_move(self, bank: BankClient) -> None:
        await bank.control(f"/institutions/{PLATYPUS}/move")
        for path, body, status, words in (
            ("ins_0", {}, 404, "there is no institution 'ins_0'"),
            (PLATYPUS, {}, 400, "ins_109508 has moved already"),
            ("ins_109509", {"institution_id": "ins_43"}, 400,
             "there is an institution ins_43 already"),
        ):  # fmt: skip
            given, answer = await bank.control_attempt(f"/institutions/{path}/move", **body)
            assert (given, answer["error"]) == (status, words)

    async def test_login_goes_on_under_the_new_id(self, bank: BankClient) -> None:
        before = await lines_of(bank, await bank.ready())
        moved = await bank.control(f"/institutions/{PLATYPUS}/move", name="Platypus One")
        new_id = moved["institution_id"]
        assert new_id == "ins_209508"
        token = await bank.ready(institution_id=new_id)
        said = ("date", "amount", "name")
        assert facts(before, *said) == facts(await lines_of(bank, token), *said) != []
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert (item["institution_id"], item["institution_name"]) == (new_id, "Platypus One")
        assert len((await bank.look("/state"))["logins"]) == 1

    async def test_nobody_signs_in_under_the_old_id(self, bank: BankClient) -> None:
        moved = await bank.control(f"/institutions/{PLATYPUS}/move")
        code = await bank.refused(
            "/sandbox/public_token/create",
            institution_id=PLATYPUS,
            initial_products=["transactions"],
        )
        assert code == "INSTITUTION_NO_LONGER_SUPPORTED"
        found = await bank.call(
            "/institutions/search", query="first platypus", country_codes=["US"]
        )
        [one] = found["institutions"]
        assert (one["institution_id"], one["oauth"]) == (moved["institution_id"], True)
        _, person = await begin(bank)
        assert "First Platypus Bank" in person.html
        await person.choose(moved["institution_id"])
        assert person.title == "Sign in to First Platypus Bank"

    async def test_older_item_is_told_ends_and_is_carried_over(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        token = await bank.ready(webhook=box.url)
        before = await accounts_of(bank, token)
        _, cursor = await bank.sync(token)
        moved = await bank.control(f"/institutions/{PLATYPUS}/move", notice_days=10)
        await bank.control("/clock", days=4)
        letter = await box.first("ITEM/PENDING_DISCONNECT")
        assert letter.payload["reason"] == "INSTITUTION_MIGRATION"
        assert named_faults("PendingDisconnectWebhook", letter.payload) == []
        assert len(await accounts_of(bank, token)) == 6
        await bank.control("/clock", days=7)
        assert await bank.refused("/accounts/get", access_token=token) == "ITEM_LOGIN_REQUIRED"
        await in_update_mode(bank, token)
        after = await accounts_of(bank, token)
        assert [a["account_id"] for a in after] == [a["account_id"] for a in before]
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert (item["institution_id"], item["error"]) == (moved["institution_id"], None)
        told, _ = await bank.sync(token, cursor)
        assert (len(told["added"]) > 5, told["modified"]) == (True, [])

    async def test_a_bank_may_move_twice(self, bank: BankClient) -> None:
        token = await bank.ready()
        for old in (PLATYPUS, "ins_209508"):
            await bank.control(f"/institutions/{old}/move")
        await in_update_mode(bank, token)
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["institution_id"] == "ins_309508"


class TestWhatTheBankDoesToAccounts:
    async def test_closed_account_comes_back_when_it_is_opened(self, bank: BankClient) -> None:
        token = await bank.ready()
        accounts = await accounts_of(bank, token)
        path = f"/accounts/{accounts[0]['account_id']}"
        await bank.control(path, closed=True)
        _, person = await begin(bank)
        await (await person.choose()).sign_in()
        assert len(person.account_ids) == 5
        await bank.control(path, closed=False)
        assert await accounts_of(bank, token) == accounts

    async def test_last_open_account_leaves_an_item_without_any(self, bank: BankClient) -> None:
        token = await bank.ready(username="user_transactions_dynamic")
        [account] = await accounts_of(bank, token)
        await bank.control(f"/accounts/{account['account_id']}", closed=True)
        assert await bank.refused("/accounts/get", access_token=token) == "NO_ACCOUNTS"

    async def test_changed_number_keeps_the_id(self, bank: BankClient) -> None:
        token = await bank.ready()
        before = (await accounts_of(bank, token))[0]
        await bank.control(f"/accounts/{before['account_id']}", mask="8080")
        after = (await accounts_of(bank, token))[0]
        assert (after["account_id"], after["mask"]) == (before["account_id"], "8080")

    async def test_line_changes_goes_and_comes_back_after_it_was_posted(
        self, bank: BankClient
    ) -> None:
        token = await bank.ready()
        told, cursor = await bank.sync(token)
        line = next(t for t in told["added"] if not t["pending"])
        path = f"/lines/{line['transaction_id']}"
        await bank.control(path, amount=-7, description="OTHER", posted_on="2026-01-02")
        told, cursor = await bank.sync(token, cursor)
        [changed] = told["modified"]
        assert changed["transaction_id"] == line["transaction_id"]
        assert (changed["amount"], changed["date"], changed["original_description"]) == (
            7, "2026-01-02", "OTHER",
        )  # fmt: skip
        await bank.control(f"{path}/remove")
        told, cursor = await bank.sync(token, cursor)
        assert [t["transaction_id"] for t in told["removed"]] == [line["transaction_id"]]
        await bank.control(f"{path}/restore")
        told, _ = await bank.sync(token, cursor)
        assert [t["transaction_id"] for t in told["added"]] == [line["transaction_id"]]
