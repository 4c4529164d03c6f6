"""Reading the table of linked accounts through GraphQL, against the same JSON made by hand.

The product runs as in production: its own process, a signed-in browser's cookie, all limits on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from counterfoil.identity.models import Membership, Organization, User
from counterfoil.identity.operations import make_sign_in_link, redeem_sign_in_link
from counterfoil.kit.clock import SystemClock
from counterfoil.launcher.prepare import encryption_keys
from counterfoil.plumbing.database import connected
from counterfoil.viewer import Right
from tests.benchmarks.books import fill
from tests.benchmarks.figures import Figure
from tests.benchmarks.measuring import medians
from tests.services.processes import COUNTERFOIL, ROOT, environment, free_port, running, wait_until

SIZES = {100: 100, 1_000: 1_000, 10_000: 1_000}
"""How many accounts, and in pages of how many they are read."""
_MORE_ROUNDS = {100: 10, 1_000: 3, 10_000: 1}
"""What is over soon is measured more often: one pause of the machine weighs more there."""

QUERY = """
query Table($first: Int!, $after: Cursor) {
  bankAccounts(first: $first, after: $after) {
    nodes {
      id
      aggregatorId
      name
      number
      type
      bankLink { id aggregatorId name }
      institution { id aggregatorId name }
      status { code activity severity label }
      nextUpdateAt
      lastUpdateAt
      currentBalance { amount { amount currency } kind asOf receivedAt }
      ledgerAccount { id number name }
      revision
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Company:
    """An organization, and the cookie of the person who signed in to it."""

    organization_id: UUID
    cookie: str


async def found(name: str, *, accounts: int) -> Company:
    """Make an organization with accounts, and let its only person sign in."""
    now = SystemClock().now()
    organization = await Organization.create(
        name=name, base_currency="USD", time_zone="UTC", created_at=now
    )
    user = await User.create(
        email=f"{organization.id}@bench.example", name=name, password_hash="none", created_at=now
    )
    await Membership.create(
        organization=organization, user=user, rights=[each.value for each in Right]
    )
    await fill(organization.id, accounts=accounts)
    link = await make_sign_in_link(user, now=now)
    session = await redeem_sign_in_link(link.reveal(), now=now, lifetime=timedelta(hours=1))
    return Company(organization.id, f"counterfoil_session={session.token.reveal()}")


@contextmanager
def product(database_url: str, redis_url: str, folder: Path) -> Iterator[int]:
    """The web process of the product; its port."""
    port = free_port()
    keys = folder / "keys"
    encryption_keys(keys)
    settings = environment(
        PORT=str(port),
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        DATA_DIR=str(folder),
        ENCRYPTION_KEY_FILE=str(keys),
    )
    with running([*COUNTERFOIL, "web"], env=settings):
        wait_until(lambda: _answers(port), within=30, what="the web process to answer")
        yield port


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()


@contextmanager
def by_module(name: str, *arguments: str, ready: str) -> Iterator[None]:
    """A module of this package as a process, from the line on in which it says `ready`."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}"}
    with running(command, ready=ready, env={**environment(), **path}):
        yield


@contextmanager
def _by_hand(database_url: str, company: Company) -> Iterator[int]:
    port = free_port()
    arguments = (str(port), database_url, str(company.organization_id))
    with by_module("table_bound", *arguments, ready="Uvicorn running"):
        yield port


@dataclass(frozen=True, slots=True)
class _Reader:
    """A client that reads the whole table in pages, each time over one connection."""

    port: int
    company: Company
    page: int

    async def seconds(self) -> float:
        """From sending each request to having its answer; what the client does with it is free."""
        return sum(seconds for seconds, _ in self._pages())

    def nodes(self) -> Sequence[Mapping[str, Any]]:
        return [node for _, answer in self._pages() for node in answer["nodes"]]

    def _pages(self) -> Iterator[tuple[float, Mapping[str, Any]]]:
        connection, after = HTTPConnection("127.0.0.1", self.port), None
        connection.connect()
        while True:
            body = orjson.dumps({"query": QUERY, "variables": {"first": self.page, "after": after}})
            begun = time.perf_counter()
            content = self._post(connection, body)
            seconds = time.perf_counter() - begun
            answer = orjson.loads(content)["data"]["bankAccounts"]
            yield seconds, answer
            if not answer["pageInfo"]["hasNextPage"]:
                return connection.close()
            after = answer["pageInfo"]["endCursor"]

    def _post(self, connection: HTTPConnection, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Cookie": self.company.cookie}
        connection.request("POST", "/graphql", body, headers)
        response = connection.getresponse()
        content = response.read()
        assert response.status == 200, content[:500]
        return content


async def measure(
    database_url: str, redis_url: str, folder: Path, *, rounds: int
) -> Sequence[Figure]:
    """One figure for each size, in milliseconds for the whole table."""
    async with connected(database_url, pool=2):
        companies = {size: await found(f"Company of {size}", accounts=size) for size in SIZES}
    figures = []
    with product(database_url, redis_url, folder) as port:
        for size, page in SIZES.items():
            with ExitStack() as stack:
                company = companies[size]
                bound_port = stack.enter_context(_by_hand(database_url, company))
                ours = _Reader(port, company, page)
                bound = _Reader(bound_port, company, page)
                assert ours.nodes() == bound.nodes()
                assert len(ours.nodes()) == size
                trials = {"ours": ours.seconds, "bound": bound.seconds}
                taken = await medians(trials, rounds=rounds * _MORE_ROUNDS[size])
            figures.append(
                Figure(f"read {size:,} accounts by {page:,}", taken["ours"], "ms", taken["bound"])
            )
    return figures
