"""/transactions/sync and /transactions/refresh."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.fakebank.running import BankClient, Body


async def first_account(bank: BankClient, token: str) -> str:
    answer = await bank.call("/accounts/get", access_token=token)
    return str(answer["accounts"][0]["account_id"])


async def quiet_item(bank: BankClient) -> tuple[str, str]:
    """An Item with one empty account, and the account's id."""
    login = await bank.control(
        "/logins",
        institution_id="ins_109509",
        username="quiet",
        password="word",
        custom_user={"override_accounts": [{"starting_balance": 0}]},
    )
    token = await bank.ready(institution_id="ins_109509", username="quiet", password="word")
    return token, login["account_ids"][0]


class TestSync:
    async def test_broken_item_gives_no_lines(self, bank: BankClient) -> None:
        token = await bank.ready()
        await bank.call("/sandbox/item/reset_login", access_token=token)
        code = await bank.refused("/transactions/sync", access_token=token)
        assert code == "ITEM_LOGIN_REQUIRED"

    async def test_status_follows_the_clock(self, bank: BankClient) -> None:
        await bank.control("/scenario", initial_seconds=600, historical_seconds=1200)
        token = await bank.link(days=730)
        statuses, counts = [], []
        for _ in range(3):
            page = await bank.call("/transactions/sync", access_token=token, count=500)
            statuses.append(page["transactions_update_status"])
            counts.append(len(page["added"]))
            await bank.control("/clock", seconds=600)
        assert statuses == [
            "NOT_READY",
            "INITIAL_UPDATE_COMPLETE",
            "HISTORICAL_UPDATE_COMPLETE",
        ]
        assert counts[0] == 0 < counts[1] < counts[2] == 500

    async def test_not_ready_has_an_empty_cursor(self, bank: BankClient) -> None:
        await bank.control("/scenario", initial_seconds=600, historical_seconds=1200)
        token = await bank.link()
        page = await bank.call("/transactions/sync", access_token=token)
        assert (page["next_cursor"], page["has_more"], page["accounts"]) == ("", False, [])

    async def test_initial_pull_holds_thirty_days(self, bank: BankClient) -> None:
        await bank.control("/scenario", initial_seconds=0, historical_seconds=1200)
        token = await bank.link()
        told, cursor = await bank.sync(token)
        today = date.fromisoformat((await bank.look("/state"))["now"][:10])
        occurred = [date.fromisoformat(t["authorized_date"]) for t in told["added"]]
        assert min(occurred) >= today - timedelta(days=30)
        await bank.control("/clock", seconds=1200)
        history, _ = await bank.sync(token, cursor)
        older = [date.fromisoformat(t["authorized_date"]) for t in history["added"]]
        assert max(older) < today - timedelta(days=30)

    async def test_days_requested_bound_the_history(self, bank: BankClient) -> None:
        token = await bank.ready(days=45)
        told, _ = await bank.sync(token)
        today = date.fromisoformat((await bank.look("/state"))["now"][:10])
        oldest = min(t["authorized_date"] for t in told["added"])
        assert today - timedelta(days=45) <= date.fromisoformat(oldest) < today - timedelta(days=40)

    async def test_pages_have_the_wanted_size_and_no_line_twice(self, bank: BankClient) -> None:
        token = await bank.ready(days=90)
        sizes, ids, cursor = [], [], ""
        while True:
            page = await bank.call(
                "/transactions/sync", access_token=token, cursor=cursor, count=50
            )
            sizes.append(len(page["added"]))
            ids += [t["transaction_id"] for t in page["added"]]
            cursor = page["next_cursor"]
            if not page["has_more"]:
                break
        assert set(sizes[:-1]) == {50}
        assert len(set(ids)) == len(ids) == sum(sizes)

    async def test_nothing_new_gives_nothing(self, bank: BankClient) -> None:
        token, _ = await quiet_item(bank)
        _, cursor = await bank.sync(token)
        told, again = await bank.sync(token, cursor)
        assert told == {"added": [], "modified": [], "removed": []}
        assert again == cursor

    async def test_added_modified_and_removed(self, bank: BankClient) -> None:
        token, account_id = await quiet_item(bank)
        ids = [
            (await bank.control(f"/accounts/{account_id}/lines", amount=-n))["line_id"]
            for n in (1, 2)
        ]
        told, cursor = await bank.sync(token)
        assert [(t["amount"], t["pending"]) for t in told["added"]] == [(1, True), (2, True)]
        await bank.control(f"/lines/{ids[0]}", amount=-1.5)
        await bank.control(f"/lines/{ids[1]}/remove")
        changed, _ = await bank.sync(token, cursor)
        assert [t["amount"] for t in changed["modified"]] == [Decimal("1.5")]
        assert [t["transaction_id"] for t in changed["removed"]] == [
            told["added"][1]["transaction_id"]
        ]

    async def test_line_that_came_and_went_is_never_told(self, bank: BankClient) -> None:
        token, account_id = await quiet_item(bank)
        _, cursor = await bank.sync(token)
        line = await bank.control(f"/accounts/{account_id}/lines", amount=3)
        await bank.control(f"/lines/{line['line_id']}/remove")
        told, _ = await bank.sync(token, cursor)
        assert told == {"added": [], "modified": [], "removed": []}

    async def test_posting_gives_a_new_line_that_names_the_pending_one(
        self, bank: BankClient
    ) -> None:
        token, account_id = await quiet_item(bank)
        line = await bank.control(f"/accounts/{account_id}/lines", amount=-40, description="DINER")
        told, cursor = await bank.sync(token)
        pending = told["added"][0]
        await bank.control(f"/lines/{line['line_id']}/post", amount=-48)
        posted, _ = await bank.sync(token, cursor)
        new = posted["added"][0]
        assert (new["pending"], new["amount"], new["name"]) == (False, 48, "DINER")
        assert new["pending_transaction_id"] == pending["transaction_id"]
        assert new["transaction_id"] != pending["transaction_id"]
        assert posted["removed"] == [
            {key: pending[key] for key in ("transaction_id", "account_id")}
        ]

    async def test_posting_may_leave_out_the_pending_id(self, bank: BankClient) -> None:
        token, account_id = await quiet_item(bank)
        line = await bank.control(f"/accounts/{account_id}/lines", amount=-40)
        await bank.control(f"/lines/{line['line_id']}/post", linked=False)
        told, _ = await bank.sync(token)
        assert [t["pending_transaction_id"] for t in told["added"]] == [None]

    async def test_restored_line_comes_back_under_its_id(self, bank: BankClient) -> None:
        token, account_id = await quiet_item(bank)
        line = await bank.control(f"/accounts/{account_id}/lines", amount=-5)
        told, cursor = await bank.sync(token)
        await bank.control(f"/lines/{line['line_id']}/remove")
        _, cursor = await bank.sync(token, cursor)
        await bank.control(f"/lines/{line['line_id']}/restore")
        again, _ = await bank.sync(token, cursor)
        assert again["added"] == told["added"]

    async def test_pending_lines_post_as_days_go_by(self, bank: BankClient) -> None:
        token = await bank.ready(days=30)
        told, cursor = await bank.sync(token)
        waiting = {t["transaction_id"] for t in told["added"] if t["pending"]}
        await bank.control("/clock", days=8)
        news, _ = await bank.sync(token, cursor)
        assert waiting
        assert waiting <= {t["transaction_id"] for t in news["removed"]}
        assert waiting <= {t["pending_transaction_id"] for t in news["added"]}

    async def test_one_account_is_a_stream_of_its_own(self, bank: BankClient) -> None:
        token = await bank.ready(days=90)
        account_id = await first_account(bank, token)
        page = await bank.call(
            "/transactions/sync", access_token=token, options={"account_id": account_id}
        )
        assert {t["account_id"] for t in page["added"]} == {account_id}
        assert [a["account_id"] for a in page["accounts"]] == [account_id]
        code = await bank.refused(
            "/transactions/sync", access_token=token, cursor=page["next_cursor"]
        )
        assert code == "INVALID_FIELD"

    async def test_cursor_of_another_item_is_refused(self, bank: BankClient) -> None:
        mine, other = await bank.ready(), await bank.ready()
        _, cursor = await bank.sync(other)
        code = await bank.refused("/transactions/sync", access_token=mine, cursor=cursor)
        assert code == "INVALID_FIELD"

    async def test_original_description_only_when_asked(self, bank: BankClient) -> None:
        token = await bank.ready(days=30)
        plain = await bank.call("/transactions/sync", access_token=token, count=1)
        asked = await bank.call(
            "/transactions/sync",
            access_token=token,
            count=1,
            options={"include_original_description": True},
        )
        assert plain["added"][0]["original_description"] is None
        assert len(asked["added"][0]["original_description"]) > 5

    async def test_same_seed_tells_the_same_story(self, bank: BankClient) -> None:
        stories = []
        for _ in range(2):
            await bank.control("/reset")
            told, _ = await bank.sync(await bank.ready(days=60))
            stories.append([(t["date"], t["name"], t["amount"]) for t in told["added"]])
        assert stories[0] == stories[1]
        await bank.control("/load", reset=True, scenario={"seed": "another"})
        told, _ = await bank.sync(await bank.ready(days=60))
        assert [(t["date"], t["name"], t["amount"]) for t in told["added"]] != stories[0]


class TestMutationDuringPagination:
    async def begin(self, bank: BankClient) -> tuple[str, str, list[str], Body]:
        """An Item, its account, three lines, and the first page of two."""
        token, account_id = await quiet_item(bank)
        ids = [
            (await bank.control(f"/accounts/{account_id}/lines", amount=-n))["line_id"]
            for n in (1, 2, 3)
        ]
        page = await bank.call("/transactions/sync", access_token=token, count=2)
        assert page["has_more"] is True
        return token, account_id, ids, page

    async def test_change_between_pages_is_told(self, bank: BankClient) -> None:
        token, _, ids, page = await self.begin(bank)
        await bank.control(f"/lines/{ids[0]}", amount=-9)
        code = await bank.refused(
            "/transactions/sync", access_token=token, cursor=page["next_cursor"], count=2
        )
        assert code == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
        told, _ = await bank.sync(token)
        assert [t["amount"] for t in told["added"]] == [9, 2, 3]

    async def test_withdrawal_between_pages_is_told(self, bank: BankClient) -> None:
        token, _, ids, page = await self.begin(bank)
        await bank.control(f"/lines/{ids[2]}/remove")
        code = await bank.refused(
            "/transactions/sync", access_token=token, cursor=page["next_cursor"], count=2
        )
        assert code == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"

    async def test_new_line_between_pages_waits_for_the_next_update(self, bank: BankClient) -> None:
        token, account_id, _, page = await self.begin(bank)
        await bank.control(f"/accounts/{account_id}/lines", amount=-4)
        rest = await bank.call(
            "/transactions/sync", access_token=token, cursor=page["next_cursor"], count=2
        )
        assert [t["amount"] for t in rest["added"]] == [3]
        later, _ = await bank.sync(token, rest["next_cursor"])
        assert [t["amount"] for t in later["added"]] == [4]


class TestRefresh:
    async def test_broken_item_cannot_be_refreshed(self, bank: BankClient) -> None:
        token = await bank.ready()
        await bank.call("/sandbox/item/reset_login", access_token=token)
        code = await bank.refused("/transactions/refresh", access_token=token)
        assert code == "ITEM_LOGIN_REQUIRED"

    async def test_dynamic_login_begins_with_fifty_lines(self, bank: BankClient) -> None:
        token = await bank.ready(username="user_transactions_dynamic", password="any", days=60)
        told, _ = await bank.sync(token)
        assert len(told["added"]) == 50
        assert sum(t["pending"] for t in told["added"]) == 5

    async def test_dynamic_login_posts_adds_and_raises(self, bank: BankClient) -> None:
        token = await bank.ready(username="user_transactions_dynamic", password="any")
        told, cursor = await bank.sync(token)
        before = {t["transaction_id"]: t for t in told["added"]}
        await bank.call("/transactions/refresh", access_token=token)
        news, _ = await bank.sync(token, cursor)
        pending = {t["transaction_id"] for t in told["added"] if t["pending"]}
        assert {t["transaction_id"] for t in news["removed"]} == pending
        assert {t["pending_transaction_id"] for t in news["added"] if not t["pending"]} == pending
        assert sum(t["pending"] for t in news["added"]) == 2
        [raised] = news["modified"]
        assert raised["amount"] - before[raised["transaction_id"]]["amount"] == 1

    async def test_company_login_is_not_changed_by_it(self, bank: BankClient) -> None:
        token = await bank.ready(days=30)
        _, cursor = await bank.sync(token)
        await bank.call("/transactions/refresh", access_token=token)
        assert (await bank.sync(token, cursor))[0] == {"added": [], "modified": [], "removed": []}


class TestRateLimits:
    async def test_fifty_first_sync_in_a_minute_is_refused(self, bank: BankClient) -> None:
        token, _ = await quiet_item(bank)
        for _ in range(50):
            await bank.call("/transactions/sync", access_token=token)
        status, answer = await bank.attempt("/transactions/sync", access_token=token)
        assert (status, answer["error_type"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert answer["error_code"] == "TRANSACTIONS_SYNC_LIMIT"
        await bank.control("/clock", seconds=61)
        await bank.call("/transactions/sync", access_token=token)

    async def test_limits_can_be_switched_off(self, bank: BankClient) -> None:
        token, _ = await quiet_item(bank)
        await bank.control("/scenario", rate_limits=False)
        for _ in range(3):
            await bank.call("/transactions/refresh", access_token=token)
