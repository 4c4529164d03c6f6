"""`counterfoil accounts …`, as a process."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.audit.models import AuditEvent
from counterfoil.kit.ids import new_id
from counterfoil.links.hiding import hide_account
from counterfoil.links.models import BankLink, Refresh
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import ActorKind
from tests.factories import KEYRING, make_account, make_link, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue
from tests.services.processes import COUNTERFOIL, environment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, database: str, redis_url: str) -> Run:
    """Runs `counterfoil accounts` with these words."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COUNTERFOIL, "accounts", *words],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env=environment(DATA_DIR=str(tmp_path), DATABASE_URL=database, REDIS_URL=redis_url),
        )

    return run


async def hidden(*, with_sibling: bool = True) -> BankAccount:
    """An account that a person hid."""
    organization = await make_organization()
    link = await make_link(organization)
    account = await make_account(link, name="Old Card", number="1881")
    if with_sibling:
        await make_account(link)
    viewer = await make_viewer(organization)
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    async with transactions.begin(organization.id) as uow:
        return await hide_account(
            uow,
            viewer,
            bank_account_id=account.id,
            expected_revision=1,
            reason="Closed",
            waiting=0,
            keyring=KEYRING,
        )


class TestHidden:
    async def test_without_any_it_says_nothing(self, run: Run) -> None:
        done = await asyncio.to_thread(run, "hidden")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    async def test_lists_who_hid_what_when_and_why(self, run: Run) -> None:
        account = await hidden()
        done = await asyncio.to_thread(run, "hidden")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            f"{account.id}  Old Card ••1881 at Elm Bank (Elm Street Hardware)",
            "    hidden 2026-03-10 by Ada Abbott, last handed over 2026-03-10: Closed",
        ]


class TestUnhide:
    @pytest.mark.parametrize("given", ["1881", "0190d2a4-0000-7000-8000-000000000001"])
    async def test_an_id_of_no_hidden_account_is_one_line(self, run: Run, given: str) -> None:
        await make_account(await make_link(await make_organization()))
        done = await asyncio.to_thread(run, "unhide", given, "--reason", "Why not")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"counterfoil: No hidden account has the id “{given}”. "
            "Run: counterfoil accounts hidden\n"
        )

    async def test_an_empty_reason_is_refused_and_it_stays_hidden(self, run: Run) -> None:
        account = await hidden()
        done = await asyncio.to_thread(run, "unhide", str(account.id), "--reason", " ")
        assert (done.returncode, done.stderr) == (1, "counterfoil: Say why, with --reason.\n")
        assert not await BankAccount.exists(id=account.id, hidden_at=None)

    async def test_without_a_reason_it_is_wrong_use(self, run: Run) -> None:
        done = await asyncio.to_thread(run, "unhide", str(new_id()))
        assert done.returncode == 2
        assert "--reason" in done.stderr

    async def test_it_is_shown_again_and_its_history_fetched(self, run: Run) -> None:
        account = await hidden()
        done = await asyncio.to_thread(run, "unhide", str(account.id), "--reason", "Wrong one")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "Old Card is shown again. Its history is fetched now.\n"
        after = await BankAccount.get(id=account.id)
        assert after.hidden_at is None
        assert after.wanted_at is not None
        assert await Refresh.filter(bank_link_id=account.bank_link_id).count() == 1
        event = await AuditEvent.get(action="unhideBankAccount")
        assert (event.actor_kind, event.object_id) == (ActorKind.OPERATOR, UUID(str(account.id)))
        assert (datetime.now(UTC) - event.happened_at).total_seconds() < 60

    async def test_one_whose_login_ended_with_it_has_no_feed(self, run: Run) -> None:
        account = await hidden(with_sibling=False)
        assert await BankLink.filter(ended_at__not_isnull=True).count() == 1
        done = await asyncio.to_thread(run, "unhide", str(account.id), "--reason", "Wrong one")
        assert done.stdout == (
            "Old Card is shown again. It has no login: add its bank again to go on.\n"
        )
