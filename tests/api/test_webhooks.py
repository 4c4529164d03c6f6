"""The sandbox bank's webhooks at the real door: signed by the one, judged by the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app import create_app
from counterfoil.kit.crypto import create_key_file
from counterfoil.settings import Settings
from tests.aggregators.sandbox import CLIENT_ID, SECRET, SandboxBank, sandbox_bank
from tests.api.serving import served

LIMIT = 60.0
PAYLOAD = {
    "webhook_type": "TRANSACTIONS",
    "webhook_code": "SYNC_UPDATES_AVAILABLE",
    "item_id": "item-of-nobody",
    "environment": "sandbox",
}


@pytest.fixture(scope="module")
def bank() -> Iterator[SandboxBank]:
    with sandbox_bank() as running:
        yield running


@pytest.fixture
async def door(
    bank: SandboxBank, tmp_path: Path, sqlite_url: str, redis_url: str
) -> AsyncIterator[str]:
    """The address of the product's webhooks; its aggregator is the sandbox bank."""
    create_key_file(tmp_path / "encryption.keys")
    settings = Settings.from_environment(
        {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": redis_url,
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "PLAID_URL": bank.address,
            "PLAID_CLIENT_ID": CLIENT_ID,
            "PLAID_SECRET": SECRET,
        }
    )
    async with served(create_app(settings, page_at=tmp_path / "absent")) as url:
        yield f"{url}/webhooks/plaid"


async def delivery(bank: SandboxBank, url: str, **how: str) -> Any:
    """The bank's note of a webhook to this address, once it has been tried."""
    sent = {"url": url, "payload": PAYLOAD, **how}
    await asyncio.to_thread(bank.control, "/webhooks", sent)
    async with asyncio.timeout(LIMIT):
        while True:
            noted = (await asyncio.to_thread(bank.control, "/webhooks"))["webhooks"]
            [ours] = [each for each in noted if each["url"] == url]
            if ours["tries"]:
                return ours
            await asyncio.sleep(0.05)


class TestDelivery:
    async def test_a_forged_one_is_refused_and_will_come_again(
        self, bank: SandboxBank, door: str
    ) -> None:
        noted = await delivery(bank, door, forgery="forged")
        assert noted["answer"] == "401"
        assert noted["delivered_at"] is None

    async def test_an_honest_one_is_accepted_and_not_sent_again(
        self, bank: SandboxBank, door: str
    ) -> None:
        noted = await delivery(bank, door)
        assert noted["answer"] == "200"
        assert noted["delivered_at"] is not None
        assert noted["due_at"] is None
