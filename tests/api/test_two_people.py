"""Two people at one page: each sees at once what the other does, over real websockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from counterfoil.api.live import Live
from counterfoil.api.schema import schema
from counterfoil.identity.models import Session, User
from counterfoil.identity.queries import token_hash
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer
from tests.api.asking import services
from tests.api.bookkeeping import KEY, ledger_id, line_id
from tests.api.serving import NOW, Client, Edge, MovableClock, Person, served
from tests.api.test_subscriptions import InMemoryBus
from tests.api.test_websocket import Wire, wire
from tests.fakes import RecordingQueue
from tests.reconciliation.conftest import Books, books

__all__ = ["books"]

SOON = 1.0
"""Seconds within which the other person sees it."""
FOLLOW = """
subscription { organizationChanged(types: [BANK_TRANSACTION, JOURNAL_ENTRY, ACT]) {
  ... on ChangesEvent { changes { type kind node {
    ... on BankTransaction { id state revision }
    ... on JournalEntry { number total { amount } }
    ... on Act { actKind: kind actor { name } }
  } } }
} }
"""


@dataclass
class Desk:
    """One person's page: what they send, and what they are told."""

    client: Client
    wire: Wire

    async def do(self, mutation: str, name: str, given: dict[str, Any]) -> None:
        """Send a mutation, which is not refused."""
        document = (
            f"mutation($input: {name}!) {{ done: {mutation}(input: $input) {{"
            " act { id } errors { message } } }"
        )
        answer = await self.client.graphql(document, variables={"input": given})
        assert answer.json["data"]["done"]["errors"] == [], answer.json

    async def told(self) -> dict[str, dict[str, Any]]:
        """The next changes, by their type."""
        message = await self.wire.next()
        assert message["type"] == "next", message
        changes = message["payload"]["data"]["organizationChanged"]["changes"]
        return {change["type"]: change["node"] for change in changes}


@asynccontextmanager
async def _edge() -> AsyncIterator[str]:
    """The whole schema behind the real edge; its address."""
    clock, bus = MovableClock(), InMemoryBus()
    live = Live(listen=bus.listen, clock=clock)
    given = services(
        live=live, clock=clock, transactions=Transactions(clock, bus, RecordingQueue())
    )
    running = asyncio.create_task(live.run())
    try:
        async with served(Edge(clock=clock, schema=schema, services=given).app) as url:
            yield url
    finally:
        running.cancel()
        await asyncio.wait([running])


@asynccontextmanager
async def _desk(url: str, viewer: Viewer) -> AsyncIterator[Desk]:
    """A person who is signed in and follows the organization."""
    token = f"token of {viewer.user_id}"
    await Session.create(
        token_hash=token_hash(token),
        user_id=viewer.user_id,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    assert viewer.user_id is not None
    person = Person(token, viewer.user_id, viewer.organization_id)
    async with ClientSession(cookies=person.cookies) as session:
        client = Client(session, url)
        async with wire(client) as socket:
            await socket.acknowledged()
            await socket.subscribe("1", FOLLOW)
            desk = Desk(client, socket)
            assert await desk.told() == {}
            yield desk


class TestTwoPeople:
    async def test_somebody_without_the_right_to_read_is_told_nothing(self, books: Books) -> None:
        stranger = await books.clerk(Right.READ)
        async with _edge() as url:
            with pytest.raises(AssertionError, match="FORBIDDEN"):
                async with _desk(url, stranger):
                    pass

    async def test_each_sees_the_others_act_within_a_second(self, books: Books) -> None:
        ada, ben = books.viewer, await books.clerk()
        await User.filter(id=ben.user_id).update(name="Ben Baker")
        async with books.begin() as uow:
            await uow.position()  # that of the lines that are there from the beginning
        first, second = await books.line(-1234), await books.line(-500)
        part = {"ledgerAccountId": ledger_id(books.supplies), "amount": "-12.34"}
        async with _edge() as url, _desk(url, ada) as hers, _desk(url, ben) as his:
            begun = time.monotonic()
            await hers.do(
                "bookTransaction",
                "BookTransactionInput",
                {
                    "bankTransactionId": line_id(first),
                    "expectedRevision": 1,
                    "lines": [part],
                    "idempotencyKey": KEY,
                },
            )
            booked = await his.told()
            assert time.monotonic() - begun < SOON
            assert booked == {
                "BANK_TRANSACTION": {"id": line_id(first), "state": "RECONCILED", "revision": 2},
                "JOURNAL_ENTRY": {"number": "2026-0001", "total": {"amount": "12.34"}},
                "ACT": {"actKind": "BOOK", "actor": {"name": "Ada Abbott"}},
            }
            assert await hers.told() == booked
            begun = time.monotonic()
            await his.do(
                "excludeTransactions",
                "ExcludeTransactionsInput",
                {
                    "items": [{"bankTransactionId": line_id(second), "expectedRevision": 1}],
                    "reason": "Booked elsewhere",
                    "idempotencyKey": KEY,
                },
            )
            excluded = await hers.told()
            assert time.monotonic() - begun < SOON
            assert excluded == {
                "BANK_TRANSACTION": {"id": line_id(second), "state": "EXCLUDED", "revision": 2},
                "ACT": {"actKind": "EXCLUDE", "actor": {"name": "Ben Baker"}},
            }
