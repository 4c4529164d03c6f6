"""Webhooks: which are sent when, how they are signed, and when they are tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fakebank.plaid.outbox import Delivery
from tests.fakebank.browsing import begin, linked
from tests.fakebank.listening import Mailbox, NotGenuine, check
from tests.fakebank.plaid_schema import named_faults
from tests.fakebank.running import BankClient, until


class TestSignature:
    async def test_honest_webhook_is_genuine(self, bank: BankClient, box: Mailbox) -> None:
        token = await bank.link(webhook=box.url)
        await bank.call("/sandbox/item/reset_login", access_token=token)
        await check(bank, await box.first("ITEM/ERROR"))

    @pytest.mark.parametrize(
        ("forgery", "failed"),
        [
            ("unsigned", "no signature"),
            ("forged", "signature"),
            ("unknown_key", "unknown key"),
            ("stale", "age"),
            ("none_algorithm", "algorithm"),
            ("hmac_algorithm", "algorithm"),
            ("other_body", "body"),
            ("reserialized", "body"),
        ],
    )
    async def test_forgery_is_found_out(
        self, bank: BankClient, box: Mailbox, forgery: str, failed: str
    ) -> None:
        await bank.control(
            "/webhooks",
            url=box.url,
            payload={"webhook_type": "ITEM", "webhook_code": "ERROR"},
            forgery=forgery,
        )
        with pytest.raises(NotGenuine, match=failed):
            await check(bank, await box.first("ITEM/ERROR"))

    async def test_rotated_key_is_told_to_have_expired(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        payload = {"webhook_type": "ITEM", "webhook_code": "ERROR"}
        await bank.control("/webhooks", url=box.url, payload=payload)
        old = await box.first("ITEM/ERROR")
        rotated = await bank.control("/webhook_key/rotate")
        with pytest.raises(NotGenuine, match="expired key"):
            await check(bank, old)
        answer = await bank.call("/webhook_verification_key/get", key_id=rotated["kid"])
        assert answer["key"]["expired_at"] is None

    async def test_unknown_key_id_is_refused(self, bank: BankClient) -> None:
        code = await bank.refused("/webhook_verification_key/get", key_id="nobody")
        assert code == "INVALID_WEBHOOK_VERIFICATION_KEY_ID"

    async def test_body_is_indented_as_plaid_does(self, bank: BankClient, box: Mailbox) -> None:
        await bank.control(
            "/webhooks", url=box.url, payload={"webhook_type": "A", "webhook_code": "B"}
        )
        letter = await box.first("A/B")
        assert letter.raw == b'{\n  "webhook_type": "A",\n  "webhook_code": "B"\n}'


class TestOccasions:
    async def test_nothing_is_sent_without_an_address(self, bank: BankClient) -> None:
        token = await bank.link()
        await bank.call("/sandbox/item/reset_login", access_token=token)
        assert (await bank.look("/webhooks"))["webhooks"] == []

    async def test_first_pulls_of_a_reader_of_sync(self, bank: BankClient, box: Mailbox) -> None:
        await bank.control("/scenario", initial_seconds=60, historical_seconds=120)
        token = await bank.link(webhook=box.url)
        await bank.call("/transactions/sync", access_token=token)
        await bank.control("/clock", seconds=60)
        await bank.control("/clock", seconds=60)
        await until(lambda: len(box.letters) == 2)
        flags = {
            (
                letter.payload["initial_update_complete"],
                letter.payload["historical_update_complete"],
            )
            for letter in box.named("TRANSACTIONS/SYNC_UPDATES_AVAILABLE")
        }
        assert flags == {(True, False), (True, True)}
        assert named_faults("SyncUpdatesAvailableWebhook", box.letters[0].payload) == []

    async def test_first_pulls_of_others_are_the_older_webhooks(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        await bank.ready(webhook=box.url)
        initial = await box.first("TRANSACTIONS/INITIAL_UPDATE")
        historical = await box.first("TRANSACTIONS/HISTORICAL_UPDATE")
        assert named_faults("InitialUpdateWebhook", initial.payload) == []
        assert named_faults("HistoricalUpdateWebhook", historical.payload) == []

    async def test_new_line_is_told_to_a_reader_of_sync(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        token = await bank.ready(webhook=box.url)
        await bank.sync(token)
        accounts = (await bank.call("/accounts/get", access_token=token))["accounts"]
        await bank.control(f"/accounts/{accounts[0]['account_id']}/lines", amount=-1)
        await box.first("TRANSACTIONS/SYNC_UPDATES_AVAILABLE")

    async def test_line_of_an_account_that_is_not_shared_is_not_told(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        link_token, person = await begin(bank, webhook=box.url)
        await (await (await person.choose()).sign_in()).share(person.account_ids[0])
        token = await linked(bank, link_token)
        await bank.control("/clock", seconds=10)
        await bank.sync(token)
        shared, other = (await bank.look("/state"))["logins"][0]["account_ids"][:2]
        assert await self.told_of_a_line_in(bank, token, other) is False
        assert await self.told_of_a_line_in(bank, token, shared) is True

    async def told_of_a_line_in(self, bank: BankClient, token: str, account_id: str) -> bool:
        before = len((await bank.look("/webhooks"))["webhooks"])
        await bank.control(f"/accounts/{account_id}/lines", amount=-1)
        await bank.call("/item/get", access_token=token)
        news = (await bank.look("/webhooks"))["webhooks"][before:]
        return [w["payload"]["webhook_code"] for w in news] == ["SYNC_UPDATES_AVAILABLE"]

    async def test_broken_login_is_told_once(self, bank: BankClient, box: Mailbox) -> None:
        token = await bank.link(webhook=box.url)
        for _ in range(2):
            await bank.call("/sandbox/item/reset_login", access_token=token)
        letter = await box.first("ITEM/ERROR")
        assert letter.payload["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
        assert named_faults("ItemErrorWebhook", letter.payload) == []
        sent = (await bank.look("/webhooks"))["webhooks"]
        assert [w["payload"]["webhook_code"] for w in sent].count("ERROR") == 1

    async def test_login_that_healed_by_itself_is_told(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        token = await bank.link(webhook=box.url)
        await bank.call("/sandbox/item/reset_login", access_token=token)
        await bank.control(f"/items/{token}", login_required=False)
        letter = await box.first("ITEM/LOGIN_REPAIRED")
        assert named_faults("ItemLoginRepairedWebhook", letter.payload) == []

    async def test_finished_session_is_told(self, bank: BankClient, box: Mailbox) -> None:
        link_token, person = await begin(bank, webhook=box.url)
        await (await (await person.choose()).sign_in()).share()
        letter = await box.first("LINK/SESSION_FINISHED")
        assert letter.payload["status"] == "SUCCESS"
        assert letter.payload["link_token"] == link_token
        assert len(letter.payload["public_tokens"]) == 1
        assert named_faults("LinkSessionFinishedWebhook", letter.payload) == []

    async def test_session_that_was_left_is_told(self, bank: BankClient, box: Mailbox) -> None:
        _, person = await begin(bank, webhook=box.url)
        await person.send("leave")
        letter = await box.first("LINK/SESSION_FINISHED")
        assert (letter.payload["status"], letter.payload["public_tokens"]) == ("EXITED", [])
        assert named_faults("LinkSessionFinishedWebhook", letter.payload) == []

    async def test_new_address_is_acknowledged(self, bank: BankClient, box: Mailbox) -> None:
        token = await bank.link()
        await bank.call("/item/webhook/update", access_token=token, webhook=box.url)
        letter = await box.first("ITEM/WEBHOOK_UPDATE_ACKNOWLEDGED")
        assert letter.payload["new_webhook_url"] == box.url
        assert named_faults("WebhookUpdateAcknowledgedWebhook", letter.payload) == []

    async def test_end_of_consent_is_told_a_week_before(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        token = await bank.link(institution_id="ins_117650", webhook=box.url)
        await bank.control("/clock", days=172)
        await bank.call("/item/get", access_token=token)
        codes = [w["payload"]["webhook_code"] for w in (await bank.look("/webhooks"))["webhooks"]]
        assert "PENDING_EXPIRATION" not in codes
        await bank.control("/clock", days=2)
        letter = await box.first("ITEM/PENDING_EXPIRATION")
        assert named_faults("PendingExpirationWebhook", letter.payload) == []

    async def test_webhooks_may_get_lost(self, bank: BankClient, box: Mailbox) -> None:
        await bank.control("/scenario", lose_webhooks=True)
        token = await bank.link(webhook=box.url)
        await bank.call("/sandbox/item/reset_login", access_token=token)
        assert (await bank.look("/webhooks"))["webhooks"] == []


class TestFireWebhook:
    async def test_item_without_address_is_refused(self, bank: BankClient) -> None:
        token = await bank.link()
        code = await bank.refused(
            "/sandbox/item/fire_webhook", access_token=token, webhook_code="DEFAULT_UPDATE"
        )
        assert code == "SANDBOX_WEBHOOK_INVALID"

    @pytest.mark.parametrize(
        ("code", "name", "schema"),
        [
            ("SYNC_UPDATES_AVAILABLE", "TRANSACTIONS", "SyncUpdatesAvailableWebhook"),
            ("DEFAULT_UPDATE", "TRANSACTIONS", "DefaultUpdateWebhook"),
            ("NEW_ACCOUNTS_AVAILABLE", "ITEM", "NewAccountsAvailableWebhook"),
            ("LOGIN_REPAIRED", "ITEM", "ItemLoginRepairedWebhook"),
            ("PENDING_DISCONNECT", "ITEM", "PendingDisconnectWebhook"),
            ("USER_PERMISSION_REVOKED", "ITEM", "UserPermissionRevokedWebhook"),
            ("USER_ACCOUNT_REVOKED", "ITEM", "UserAccountRevokedWebhook"),
        ],
    )
    async def test_each_kind(
        self, bank: BankClient, box: Mailbox, code: str, name: str, schema: str
    ) -> None:
        token = await bank.link(webhook=box.url)
        answer = await bank.call(
            "/sandbox/item/fire_webhook", access_token=token, webhook_code=code
        )
        assert answer["webhook_fired"] is True
        letter = await box.first(f"{name}/{code}")
        assert named_faults(schema, letter.payload) == []

    async def test_revoked_permission_breaks_the_item(self, bank: BankClient, box: Mailbox) -> None:
        token = await bank.link(webhook=box.url)
        await bank.call(
            "/sandbox/item/fire_webhook",
            access_token=token,
            webhook_code="USER_PERMISSION_REVOKED",
        )
        item = (await bank.call("/item/get", access_token=token))["item"]
        assert item["error"]["error_code"] == "ACCESS_NOT_GRANTED"
        assert item["error"]["error_code_reason"] == "OAUTH_USER_REVOKED"

    async def test_revoked_account_is_no_longer_shown(self, bank: BankClient, box: Mailbox) -> None:
        token = await bank.link(webhook=box.url)
        before = (await bank.call("/accounts/get", access_token=token))["accounts"]
        await bank.call(
            "/sandbox/item/fire_webhook", access_token=token, webhook_code="USER_ACCOUNT_REVOKED"
        )
        letter = await box.first("ITEM/USER_ACCOUNT_REVOKED")
        after = (await bank.call("/accounts/get", access_token=token))["accounts"]
        gone = {a["account_id"] for a in before} - {a["account_id"] for a in after}
        assert gone == {letter.payload["account_id"]}


class TestRetries:
    async def test_refused_webhook_comes_again_after_thirty_seconds(
        self, bank: BankClient, box: Mailbox
    ) -> None:
        box.status = 500
        token = await bank.link(webhook=box.url)
        await bank.call("/sandbox/item/reset_login", access_token=token)
        await box.first("ITEM/ERROR")
        await self.tried(bank, 1)
        box.status = 200
        await bank.control("/clock", seconds=31)
        await until(lambda: len(box.letters) == 2)
        await self.tried(bank, 2)
        [sent] = (await bank.look("/webhooks"))["webhooks"]
        assert (sent["answer"], sent["due_at"]) == ("200", None)

    async def tried(self, bank: BankClient, times: int) -> None:
        async def enough() -> bool:
            [sent] = (await bank.look("/webhooks"))["webhooks"]
            return bool(sent["tries"] == times)

        await until(enough)

    def test_schedule_grows_fourfold_and_ends_after_a_day(self) -> None:
        begin_at = datetime(2026, 1, 1, tzinfo=UTC)
        delivery = Delivery("1", "http://x.test", {}, begin_at, due_at=begin_at)
        waits = []
        while delivery.due_at is not None:
            now = delivery.due_at
            delivery.tried(now=now, answer="500", accepted=False, retries=True)
            if delivery.due_at is not None:
                waits.append(delivery.due_at - now)
        assert waits == [timedelta(seconds=30 * 4**n) for n in range(6)]
        assert delivery.tries == 7
