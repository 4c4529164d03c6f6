"""A sandbox bank as a process of its own, and a client that checks each answer as it comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import anyio

from tests.fakebank.plaid_schema import answer_faults

CLIENT_ID, SECRET = "test-client", "test-secret"
PASS_GOOD = "pass_good"
KEYS = {"PLAID-CLIENT-ID": CLIENT_ID, "PLAID-SECRET": SECRET}
ROOT = Path(__file__).parents[2]
READY = "fakebank: ready on "
Body = dict[str, Any]


def command(*arguments: str) -> list[str]:
    """The command line of a sandbox bank."""
    return [sys.executable, "-m", "fakebank", *arguments]


def environment(**settings: str) -> dict[str, str]:
    """The environment of a sandbox bank."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "backend"), **settings}


@contextmanager
def running_bank(*arguments: str, kill: bool = False, **settings: str) -> Iterator[str]:
    """The address of a running sandbox bank; it is stopped afterwards, or killed."""
    keys = {"FAKEBANK_CLIENT_ID": CLIENT_ID, "FAKEBANK_SECRET": SECRET}
    process = subprocess.Popen(
        command("--port", "0", *arguments),
        env=environment(**(keys | settings)),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = next((each for each in process.stdout if each.startswith(READY)), "")
        assert line, "the sandbox bank ended before it was ready"
        yield line.removeprefix(READY).strip()
    finally:
        process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()


class BankClient:
    """Calls one sandbox bank; each answer must be one that Plaid's official schema allows."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def call(self, path: str, /, **body: Any) -> Body:
        """The answer of a call that must succeed."""
        status, answer = await self.attempt(path, **body)
        assert status == 200, answer
        return answer

    async def refused(self, path: str, /, **body: Any) -> str:
        """The error code of a call that must be refused."""
        status, answer = await self.attempt(path, **body)
        assert status >= 400, answer
        return str(answer["error_code"])

    async def attempt(self, path: str, /, **body: Any) -> tuple[int, Body]:
        """Status and answer of a call."""
        async with self.session.post(self.url + path, json=body, headers=KEYS) as response:
            raw = await response.read()
        answer = json.loads(raw)
        assert answer_faults(path, answer, status=response.status) == []
        return response.status, json.loads(raw, parse_float=Decimal)

    async def control(self, path: str, /, **body: Any) -> Body:
        """A control call that must succeed."""
        status, answer = await self.control_attempt(path, **body)
        assert status == 200, answer
        return answer

    async def control_attempt(self, path: str, /, **body: Any) -> tuple[int, Body]:
        """Status and answer of a control call."""
        url = f"{self.url}/_control{path}"
        async with self.session.post(url, json=body, headers=KEYS) as response:
            return response.status, await response.json()

    async def look(self, path: str) -> Body:
        """What a control view shows."""
        async with self.session.get(f"{self.url}/_control{path}", headers=KEYS) as response:
            assert response.status == 200, await response.text()
            shown: Body = await response.json()
            return shown

    async def link(
        self, *, institution_id: str = "ins_109508", username: str = "user_good",
        password: str = PASS_GOOD, days: int = 40, webhook: str | None = None,
    ) -> str:  # fmt: skip
        """The access token of a new Item."""
        options: Body = {
            "override_username": username,
            "override_password": password,
            "transactions": {"days_requested": days},
        }
        if webhook is not None:
            options["webhook"] = webhook
        created = await self.call(
            "/sandbox/public_token/create",
            institution_id=institution_id,
            initial_products=["transactions"],
            options=options,
        )
        exchanged = await self.call(
            "/item/public_token/exchange", public_token=created["public_token"]
        )
        return str(exchanged["access_token"])

    async def ready(self, **link: Any) -> str:
        """The access token of a new Item whose whole history is ready."""
        await self.control("/scenario", initial_seconds=0, historical_seconds=0)
        return await self.link(**link)

    async def sync(self, token: str, cursor: str = "", *, count: int = 500) -> tuple[Body, str]:
        """All pages from a cursor: what was added, modified and removed, and the new cursor."""
        told: Body = {"added": [], "modified": [], "removed": []}
        while True:
            page = await self.call(
                "/transactions/sync",
                access_token=token,
                cursor=cursor,
                count=count,
                options={"include_original_description": True},
            )
            for kind, entries in told.items():
                entries.extend(page[kind])
            cursor = page["next_cursor"]
            if not page["has_more"]:
                return told, cursor


async def until(condition: Callable[[], Awaitable[bool] | bool], *, seconds: float = 60) -> None:
    """Wait until a condition holds; fails when it does not in time."""
    with anyio.fail_after(seconds):
        while True:
            holds = condition()
            if holds if isinstance(holds, bool) else await holds:
                return
            await anyio.sleep(0.02)
