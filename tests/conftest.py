"""Fixtures for all tests: the services that they run on, and the budget of generated tests.

`database_url` runs a test twice, on SQLite and on PostgreSQL, each time on a fresh database with
the whole schema; `database` is the same with the models bound to it. `redis_url` is a real and
empty Valkey server.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings

from counterfoil.plumbing.database import connected
from tests.services.postgres import PostgresServer, postgres_server
from tests.services.processes import COUNTERFOIL, environment
from tests.services.sharing import made_once, shared_folder
from tests.services.valkey import ValkeyServer
from tools.machine import find_chromium

_BUDGETS = {"ci": 50, "soak": 5_000}
for _profile, _examples in _BUDGETS.items():
    hypothesis_settings.register_profile(
        _profile,
        max_examples=_examples,
        deadline=None,  # two busy cores make any deadline a coin toss
        derandomize=False,  # whatever a CI server sets: the seed that is printed is the one used
        phases=[phase for phase in Phase if phase is not Phase.explain],  # traces every line
        suppress_health_check=[HealthCheck.too_slow],
    )
hypothesis_settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """One seed for the order of the tests and for what they generate."""
    if config.option.randomly_seed == "default":
        config.option.randomly_seed = random.SystemRandom().getrandbits(32)
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = config.option.randomly_seed


def pytest_xdist_auto_num_workers() -> int:
    """Three test processes to two processors: half of the time they wait for other processes."""
    return (os.cpu_count() or 1) * 3 // 2 or 1


def pytest_report_header(config: pytest.Config) -> str:
    profile = config.getoption("hypothesis_profile", None) or "ci"
    seed = config.getoption("hypothesis_seed")
    return f"generated tests: {_BUDGETS[profile]} examples each (again: --randomly-seed={seed})"


def migrate(url: str) -> None:
    """Bring a database to the current schema, by the command that operators use."""
    done = subprocess.run(
        [*COUNTERFOIL, "migrate"],
        check=False,
        capture_output=True,
        text=True,
        env=environment(DATABASE_URL=url),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def migrated_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a PostgreSQL server with a migrated database `template`; copy them."""

    def make(path: Path) -> None:
        with postgres_server() as server:
            server.sql("CREATE DATABASE template")
            migrate(server.url("template"))
            server.stop()
            shutil.copytree(server.folder / "cluster", path)

    return made_once(shared_folder(tmp_path_factory) / "postgres", make)


@pytest.fixture(scope="session")
def postgres(migrated_cluster: Path) -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole run; a test that stops it starts its own instead."""
    with postgres_server(cluster=migrated_cluster) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a database with the schema and no rows of a person's; never connect to it."""
    return "template"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema and no rows of a person's; never open it, copy it."""
    path = shared_folder(tmp_path_factory) / "template.sqlite3"
    return made_once(path, lambda rough: migrate(f"sqlite://{rough}"))


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """One Valkey server for the whole run; a test that stops it starts its own instead."""
    with (
        tempfile.TemporaryDirectory(prefix="counterfoil-valkey-") as folder,
        ValkeyServer(Path(folder)).started() as server,
    ):
        yield server


@pytest.fixture
def redis_url(valkey: ValkeyServer) -> str:
    """The address of a real and empty Redis-compatible server."""
    valkey.flush()
    return valkey.url


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    path = tmp_path / "counterfoil.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite://{path}"


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """PostgreSQL databases that a test has left as if they were fresh: emptying beats cloning."""
    return []


@pytest.fixture
def postgres_url(
    postgres: PostgresServer, migrated_postgres: str, spare_databases: list[str]
) -> Iterator[str]:
    """A fresh PostgreSQL database, or one that is like it again."""
    name = spare_databases.pop() if spare_databases else postgres.clone(migrated_postgres)
    yield postgres.url(name)
    if postgres.emptied(name, like=migrated_postgres):
        spare_databases.append(name)
    else:
        postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """A fresh database of each kind, with the models bound to it; its address."""
    async with connected(database_url, pool=4):
        yield database_url


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The program of a real browser."""
    found = find_chromium()
    assert found is not None, "Chromium is missing. Install it: sudo apt-get install chromium"
    return found
