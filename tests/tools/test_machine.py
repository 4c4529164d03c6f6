"""What is missing is named in one line, on a PATH that holds nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.services.processes import ROOT
from tools import machine

_BASE = ("make", "sh", "python3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a PATH; it has make, sh and this Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in _BASE:
        found = sys.executable if name == "python3" else shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(Path(found).resolve())
    return folder


def program(folder: Path, name: str, *, says: str) -> None:
    """A program that only says its version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)


def setup(folder: Path, command: Sequence[str]) -> tuple[int, str]:
    """Run a command on that PATH alone: its exit code and all that it said."""
    done = subprocess.run(
        [str(folder / command[0]), *command[1:]],
        check=False, capture_output=True, text=True, cwd=ROOT, timeout=120,
        env={"PATH": str(folder), "HOME": os.environ.get("HOME", "/")},
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.mark.skipif(sys.platform == "darwin", reason="the command to install differs")
class TestMissing:
    def test_python(self, folder: Path) -> None:
        (folder / "python3").unlink()
        code, said = setup(folder, ["make", "--silent", "run"])
        assert code == 2
        assert said.splitlines()[0] == (
            "Python 3.11 or newer is missing. Install it: sudo apt-get install python3 python3-venv"
        )

    def test_node(self, folder: Path) -> None:
        assert setup(folder, ["python3", "-m", "tools.setup"]) == (
            1,
            (
                "Node 20.19 or newer is missing. Install it: sudo apt-get install nodejs "
                "(before Debian 13: https://nodejs.org/en/download)"
            ),
        )

    def test_a_node_that_is_too_old(self, folder: Path) -> None:
        program(folder, "node", says="v18.20.4")
        code, said = setup(folder, ["python3", "-m", "tools.setup"])
        assert code == 1
        assert said.startswith("Node 20.19 or newer is missing (this one is 18.20). Install it: ")

    def test_npm(self, folder: Path) -> None:
        program(folder, "node", says="v20.19.0")
        assert setup(folder, ["python3", "-m", "tools.setup"]) == (
            1,
            "npm 10.0 or newer is missing. Install it: sudo apt-get install npm",
        )

    def test_an_npm_that_is_too_old(self, folder: Path) -> None:
        program(folder, "node", says="v22.1.0")
        program(folder, "npm", says="9.2.0")
        assert setup(folder, ["python3", "-m", "tools.setup"]) == (
            1,
            (
                "npm 10.0 or newer is missing (this one is 9.2). "
                "Install it: sudo npm install --global npm@11"
            ),
        )


class TestServices:
    def test_a_browser_that_is_absent_is_named(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(folder, "initdb", says="15")
        monkeypatch.setenv("PATH", str(folder))
        with pytest.raises(machine.Missing, match=r"^Chromium is missing\. Install it: \S+"):
            machine.require_test_services(install=True)

    def test_both_are_found_on_the_path(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(folder, "initdb", says="15")
        program(folder, "chromium", says="150")
        monkeypatch.setenv("PATH", str(folder))
        machine.require_test_services(install=False)
        assert machine.find_postgres() == folder
        assert machine.find_chromium() == folder / "chromium"
