"""A process that deletes an account and adds it again is killed: whoever goes on ends alike."""

from __future__ import annotations

import random
import signal
import sys
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import pytest

from counterfoil import verifying
from counterfoil.accounts.models import BankAccount
from counterfoil.links.models import BankLink, Deletion, Grant, Revocation
from counterfoil.plumbing.database import connected
from counterfoil.transactions.models import BankTransaction
from tests.faults.mover import AMOUNTS, NEW, OLD
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import make_books
from tests.services.processes import BACKEND, ROOT, Running, environment, running

STATEMENTS = 120
"""About as many as it sends: it dies anywhere in deleting, in adding, or in between."""


async def prepare(folder: Path) -> tuple[UUID, UUID]:
    """An account with lines of which one is booked; their ids. Its login lives at the bank."""
    books = await make_books()
    facts = {"aggregator_id": "old-checking", "number": "4021", "name": "Payroll", "memo": "Ask Jo"}
    await BankAccount.filter(id=books.account.id).update(**facts, renamed_at=books.clock.now())
    lines = [
        await books.line(
            amount, aggregator_id=f"old-{number}", description=f"Line {max(number, 1)}"
        )
        for number, amount in enumerate(AMOUNTS)
    ]
    await booked(books, lines[0])
    (folder / OLD).touch()
    return books.account.id, lines[0].id


def mover(
    database_url: str, account_id: UUID, folder: Path, *, day: int, moment: str
) -> AbstractContextManager[Running]:
    """The process; it dies at a moment, or lives."""
    told = [database_url, account_id, folder, day, moment]
    return running(
        [sys.executable, "-m", "tests.faults.mover", *map(str, told)],
        env=environment(PYTHONPATH=f"{BACKEND}:{ROOT}"),
    )


def living(folder: Path) -> list[str]:
    """The logins that the bank has."""
    return sorted(login.name for login in folder.iterdir())


async def require_end(database_url: str, account_id: UUID, booked_id: UUID, folder: Path) -> None:
    """The account is the one that it was, nothing is lost or doubled, and one login is left."""
    async with connected(database_url, pool=1):
        account = await BankAccount.get()
        assert (account.id, account.name, account.memo) == (account_id, "Payroll", "Ask Jo")
        assert (account.deleted_at, account.aggregator_id) == (None, "new-checking")
        rows = await BankTransaction.filter(removed_at=None)
        assert Counter(row.amount_minor for row in rows) == Counter(AMOUNTS)
        assert {row.id for row in rows if row.reconciled_minor} == {booked_id}
        old, new = await BankLink.all().order_by("id")
        assert (old.ended_at is not None, account.bank_link_id) == (True, new.id)
        assert (await Grant.get(id=old.grant_id)).secret_encrypted == ""
        row = await Revocation.get()
        assert row.id == old.grant_id
        assert row.done_at is not None
        assert not row.secret_encrypted
        assert await Deletion.all().count() == 1
        assert [one.sentence async for one in verifying.findings() if not one.holds] == []
    assert living(folder) == [NEW]


@pytest.fixture
def statement(request: pytest.FixtureRequest) -> str:
    """One of the statements, another one in each run, which repeats with its seed."""
    seed = int(request.config.option.randomly_seed)
    return str(random.Random(seed).randint(1, STATEMENTS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the bank keeps."""
    folder = tmp_path / "bank"
    folder.mkdir()
    return folder


class TestAMoverIsKilled:
    @pytest.mark.parametrize("moment", ["statement", "committed", "revoked"])
    async def test_whoever_goes_on_ends_in_the_same_state(
        self, database_url: str, folder: Path, moment: str, statement: str
    ) -> None:
        async with connected(database_url, pool=1):
            account_id, booked_id = await prepare(folder)
        at = statement if moment == "statement" else moment
        with mover(database_url, account_id, folder, day=0, moment=at) as child:
            assert child.wait(within=180) == -signal.SIGKILL, (at, child.output)
        with mover(database_url, account_id, folder, day=1, moment="never") as child:
            assert child.wait(within=180) == 0, (at, child.output)
        await require_end(database_url, account_id, booked_id, folder)
