"""`counterfoil up` as a whole: the real processes, started, killed and stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services.homes import furnish
from tests.services.postgres import PostgresServer, postgres_server
from tests.services.processes import (
    COUNTERFOIL,
    Running,
    alive,
    children_of,
    environment,
    free_port,
    running,
    wait_until,
)
from tests.services.valkey import ValkeyServer

_READY = "Sign in, once"


class Home:
    """A folder and two ports for one installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "FAKEBANK_PORT": str(free_port()),
        }

    @contextmanager
    def up(self) -> Iterator[Running]:
        """Run the product until the block ends."""
        env = environment(**self.settings)
        with running([*COUNTERFOIL, "up"], env=env, ready=_READY) as launcher:
            yield launcher


@pytest.fixture
def new_home(tmp_path: Path) -> Home:
    """Where nothing is yet."""
    return Home(tmp_path / "books")


@pytest.fixture
def home(tmp_path: Path, migrated_sqlite: Path) -> Home:
    """Where the schema is in place."""
    return Home(furnish(tmp_path / "books", migrated_sqlite))


@pytest.fixture(scope="module")
def running_home(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Home:
    return Home(furnish(tmp_path_factory.mktemp("running") / "books", migrated_sqlite))


@pytest.fixture(scope="module")
def launcher(running_home: Home) -> Iterator[Running]:
    """One that the tests of this file share."""
    with running_home.up() as launcher:
        yield launcher


def children(launcher: Running) -> dict[str, int]:
    """The processes of a launcher by what they run."""
    mine = children_of(launcher.pid).items()
    kinds = ("valkey-server", "counterfoil web", "counterfoil worker", "fakebank")
    return {kind: pid for kind in kinds for pid, args in mine if kind in args}


def all_children(launcher: Running) -> dict[str, int]:
    """The same once all four run; one that is being started has no command line for a moment."""
    wait_until(lambda: len(children(launcher)) == 4, what="four children")
    return children(launcher)


def wait_until_gone(pids: dict[str, int]) -> None:
    wait_until(lambda: not any(map(alive, pids.values())), what=f"{pids} to end")


class TestFirstStart:
    def test_says_how_to_sign_in_and_keeps_it_for_the_next(self, new_home: Home) -> None:
        with new_home.up() as launcher:
            launcher.wait_for("(shown only now)")
            assert f"Counterfoil is ready on http://127.0.0.1:{new_home.port}" in launcher.lines
            link = launcher.wait_for(_READY)
            assert re.search(
                rf"http://127\.0\.0\.1:{new_home.port}/sign-in\?token=\S{{30,}}$", link
            )
            with urllib.request.urlopen(f"http://127.0.0.1:{new_home.port}/health") as health:
                assert (health.status, health.read()) == (200, b'{"status":"ok"}')
        with new_home.up() as launcher:
            launcher.wait_for(_READY)
            assert "shown only now" not in launcher.output
            assert "migrate" not in launcher.output


class TestUnusableFiles:
    """What cannot be mended by starting again ends the start, in one line."""

    def test_a_damaged_key_file_stops_it_before_anything_is_started(self, home: Home) -> None:
        (home.folder / "encryption.keys").write_text("{")
        (home.folder / "encryption.keys").chmod(0o600)
        with running([*COUNTERFOIL, "up"], env=environment(**home.settings)) as launcher:
            assert launcher.wait() == 1
        path = home.folder / "encryption.keys"
        words = f"The key file {path} is damaged. Put back the copy that you keep of it."
        assert launcher.lines == [f"counterfoil: {words}"]

    def test_a_damaged_file_of_the_sandbox_bank_is_not_tried_again(self, home: Home) -> None:
        (home.folder / "fakebank.sqlite3").write_text("this is no database at all" * 100)
        with running([*COUNTERFOIL, "up"], env=environment(**home.settings)) as launcher:
            assert launcher.wait() == 1
        assert launcher.lines[-1] == (
            "counterfoil: The process fakebank can't do its work; its lines above say why."
        )
        launcher.wait_for(f"fakebank | fakebank: the state file {home.folder / 'fakebank.sqlite3'}")
        assert "starting it again" not in launcher.output
        assert "Traceback" not in launcher.output


class TestOutsideServers:
    def test_are_used_instead_of_our_own(
        self, new_home: Home, postgres: PostgresServer, redis_url: str
    ) -> None:
        postgres.sql("CREATE DATABASE outside")
        new_home.settings |= {"DATABASE_URL": postgres.url("outside"), "REDIS_URL": redis_url}
        with new_home.up() as launcher:
            assert set(children(launcher)) == {"counterfoil web", "counterfoil worker", "fakebank"}
            assert not (new_home.folder / "counterfoil.sqlite3").exists()
        assert postgres.sql('SELECT count(*) FROM "user"', database="outside") == "1"
        postgres.drop("outside")

    def test_a_redis_that_is_not_there_yet_is_waited_for(self, home: Home, tmp_path: Path) -> None:
        server = ValkeyServer(tmp_path)
        home.settings["REDIS_URL"] = server.url
        with running([*COUNTERFOIL, "up"], env=environment(**home.settings)) as launcher:
            launcher.wait_for("Waiting for Redis at")
            assert launcher.lines == [f"Waiting for Redis at {server.socket}"]
            assert children(launcher) == {}
            with server.started():
                launcher.wait_for(
                    f"Counterfoil is ready on http://127.0.0.1:{home.port}", within=60
                )
                launcher.end()

    def test_real_keys_take_the_place_of_the_sandbox(self, home: Home) -> None:
        home.settings |= {"PLAID_CLIENT_ID": "ours", "PLAID_SECRET": "s3cret"}
        with home.up() as launcher:
            assert set(children(launcher)) == {
                "valkey-server",
                "counterfoil web",
                "counterfoil worker",
            }
            assert not (home.folder / "sandbox.json").exists()

    def test_a_database_that_does_not_answer_stops_the_start(self, home: Home) -> None:
        url = f"postgres://nobody@127.0.0.1:{free_port()}/books"
        env = environment(**home.settings, DATABASE_URL=url)
        with running([*COUNTERFOIL, "up"], env=env) as launcher:
            assert launcher.wait() == 1
        assert launcher.lines[-1] == (
            "counterfoil: The database could not be prepared; the lines above say why."
        )
        launcher.wait_for("migrate | counterfoil: The database does not answer: ")


class TestAway:
    def test_a_database_that_goes_away_is_told_in_single_lines(self, home: Home) -> None:
        with postgres_server() as server:
            server.sql("CREATE DATABASE books")
            home.settings |= {"DATABASE_URL": server.url("books"), "TICK": "1s"}
            with home.up() as launcher:
                server.stop()
                failed = launcher.wait_for("cron:tick failed")
                launcher.wait_for("cron:tick failed", after=launcher.lines.index(failed) + 1)
                server.start()
                assert "Traceback" not in launcher.output
                assert re.search(r"cron:\w+ failed, \w+: .+ \(\w+\.py:\d+\)$", failed)


class TestWhileItRuns:
    @pytest.mark.usefixtures("launcher")
    def test_a_second_one_in_the_same_folder_is_refused(self, running_home: Home) -> None:
        ports = {"PORT": str(free_port()), "FAKEBANK_PORT": str(free_port())}
        second = subprocess.run(
            [*COUNTERFOIL, "up"],
            check=False,
            capture_output=True,
            text=True,
            env=environment(**{**running_home.settings, **ports}),
        )
        assert second.returncode == 1
        assert second.stderr.startswith("counterfoil: Counterfoil is running already")

    @pytest.mark.parametrize("kind", ["valkey-server", "counterfoil web", "counterfoil worker"])
    def test_a_child_that_is_killed_comes_back(self, launcher: Running, kind: str) -> None:
        before = all_children(launcher)
        os.kill(before[kind], signal.SIGKILL)
        name = kind.removeprefix("counterfoil ").removesuffix("-server")
        launcher.wait_for(f"{name} was killed (SIGKILL); starting it again in 0.5 s.")
        after = all_children(launcher)
        assert after[kind] != before[kind]
        assert {**after, kind: 0} == {**before, kind: 0}


class TestEnd:
    def test_all_end_when_the_launcher_is_killed(self, home: Home) -> None:
        with home.up() as launcher:
            pids = children(launcher)
            assert len(pids) == 4
            launcher.signal(signal.SIGKILL)
            wait_until_gone(pids)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_all_end_when_it_is_asked_to_stop(self, home: Home, number: signal.Signals) -> None:
        with home.up() as launcher:
            pids = all_children(launcher)
            launcher.signal(number)
            assert launcher.wait() == 0
            wait_until_gone(pids)
            assert "starting it again" not in launcher.output
            assert "Traceback" not in launcher.output
