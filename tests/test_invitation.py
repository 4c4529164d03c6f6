"""`counterfoil sign-in-link`, as a process."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from counterfoil.identity.models import Organization, SignInLink, User
from counterfoil.ledger.models import LedgerAccount
from counterfoil.plumbing.database import connected
from tests.services.processes import COUNTERFOIL, environment

LINK = re.compile(
    r"Sign in, once and within the hour: http://books\.test:8000/sign-in\?token=([\w-]{43})"
)
PASSWORD = re.compile(
    r"Or with owner@counterfoil\.localhost and the password ([\w-]{20}) \(shown only now\)"
)


def invited(folder: Path, database_url: str, redis_url: str) -> list[str]:
    done = subprocess.run(
        [*COUNTERFOIL, "sign-in-link"],
        check=False,
        capture_output=True,
        text=True,
        env=environment(
            DATA_DIR=str(folder),
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            PUBLIC_URL="http://books.test:8000",
        ),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


async def test_the_first_start_makes_a_person_and_a_chart_the_next_only_a_link(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    first = await asyncio.to_thread(invited, tmp_path, database_url, redis_url)
    then = await asyncio.to_thread(invited, tmp_path, database_url, redis_url)
    assert len(first) == 2
    assert LINK.fullmatch(first[0])
    assert PASSWORD.fullmatch(first[1])
    assert len(then) == 1
    assert LINK.fullmatch(then[0])
    assert then[0] != first[0]
    async with connected(database_url):
        assert await User.all().count() == 1
        organization = await Organization.get()
        assert await SignInLink.all().count() == 2
        chart = LedgerAccount.filter(organization_id=organization.id)
        assert await chart.count() > 10
        assert await LedgerAccount.all().count() == await chart.count()


@pytest.mark.parametrize(
    ("database_url", "said"),
    [
        ("", "The database's schema is not the current one. Run: counterfoil migrate"),
        ("sqlite:///proc/nowhere/books.sqlite3", "The database does not answer: /proc/nowhere"),
        ("postgres://a@127.0.0.1:9/books", "The database does not answer: "),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, database_url: str, said: str) -> None:
    done = subprocess.run(
        [*COUNTERFOIL, "sign-in-link"],
        check=False,
        capture_output=True,
        text=True,
        env=environment(DATA_DIR=str(tmp_path), DATABASE_URL=database_url),
    )
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"counterfoil: {said}")
