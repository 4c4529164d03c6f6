"""The door as a person meets it: real processes, their words and exit codes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from counterfoil.__main__ import COMMANDS
from counterfoil.launcher.ports import listen
from tests.services.processes import COUNTERFOIL, environment, free_port


def counterfoil(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COUNTERFOIL, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(**settings),
    )


class TestWrongUse:
    def test_an_unknown_command_is_refused(self) -> None:
        done = counterfoil("balance")
        assert done.returncode == 2
        assert "invalid choice: 'balance'" in done.stderr

    def test_wrong_settings_are_named_one_line_each(self, tmp_path: Path) -> None:
        done = counterfoil("up", DATA_DIR=str(tmp_path / "books"), PORT="x", TICK="y")
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.splitlines() == [
            "counterfoil: PORT must be a whole number from 1 to 65535.",
            "counterfoil: TICK must be a whole number with its unit: 30s, 15m, 6h or 2d.",
        ]
        assert not (tmp_path / "books").exists()

    def test_a_port_in_use_is_one_line_before_anything_starts(self, tmp_path: Path) -> None:
        port = free_port()
        with listen("127.0.0.1", port, setting="PORT"):
            done = counterfoil("up", DATA_DIR=str(tmp_path / "books"), PORT=str(port))
        assert (done.returncode, done.stdout) == (1, "")
        [line] = done.stderr.splitlines()
        assert line.startswith(f"counterfoil: Port {port} on 127.0.0.1 is in use: ")
        assert not (tmp_path / "books").exists()

    def test_the_port_of_the_sandbox_in_use_is_named_too(self, tmp_path: Path) -> None:
        taken = free_port()
        with listen("127.0.0.1", taken, setting="PORT"):
            done = counterfoil(
                "up",
                DATA_DIR=str(tmp_path / "books"),
                PORT=str(free_port()),
                FAKEBANK_PORT=str(taken),
            )
        assert done.returncode == 1
        assert "set FAKEBANK_PORT to another" in done.stderr

    def test_a_database_that_does_not_answer_is_one_line(self) -> None:
        done = counterfoil("migrate", DATABASE_URL=f"postgres://nobody@127.0.0.1:{free_port()}/x")
        assert done.returncode == 1
        [line] = done.stderr.splitlines()
        assert line.startswith("counterfoil: The database does not answer: ")


class TestHelp:
    def test_lists_every_command(self) -> None:
        done = counterfoil("--help")
        assert done.returncode == 0
        listed = re.findall(r"^ {4}([a-z-]+)\b", done.stdout, re.MULTILINE)
        assert listed == list(dict.fromkeys(command.name.split()[0] for command in COMMANDS))

    def test_lists_what_can_be_done_about_accounts(self) -> None:
        done = counterfoil("accounts", "--help")
        listed = re.findall(r"^ {4}([a-z-]+)\b", done.stdout, re.MULTILINE)
        assert (done.returncode, listed) == (0, ["hidden", "unhide"])


class TestMigrate:
    def test_makes_the_database_and_can_be_repeated(self, tmp_path: Path) -> None:
        for _ in range(2):
            done = counterfoil("migrate", DATA_DIR=str(tmp_path / "books"))
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (tmp_path / "books" / "counterfoil.sqlite3").exists()

    def test_a_file_that_cannot_be_opened_is_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "books").touch()
        done = counterfoil("migrate", DATA_DIR=str(tmp_path / "books"))
        assert done.returncode == 1
        [line] = done.stderr.splitlines()
        assert line.startswith("counterfoil: The database does not answer: ")
