from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.processes import Running, environment, running, wait_until
from tools import setup


@pytest.fixture
def lock() -> Path:
    return setup.ROOT / "requirements.txt"


class Kitchen:
    """Counts how often a step is made."""

    def __init__(self) -> None:
        self.made = 0

    def make(self) -> None:
        self.made += 1

    def fail(self) -> None:
        self.made += 1
        raise setup.StepFailed("burnt")


class TestStep:
    def test_one_that_failed_is_made_again(self, tmp_path: Path, lock: Path) -> None:
        kitchen = Kitchen()
        step = setup.Step("soup", [lock], tmp_path / "stamp", kitchen.fail)
        for _ in range(2):
            with pytest.raises(setup.StepFailed):
                step.run()
        assert kitchen.made == 2

    def test_is_made_once(self, tmp_path: Path, lock: Path) -> None:
        kitchen = Kitchen()
        for _ in range(3):
            setup.Step("soup", [lock], tmp_path / "stamp", kitchen.make).run()
        assert kitchen.made == 1

    def test_is_made_again_for_other_inputs(self, tmp_path: Path, lock: Path) -> None:
        kitchen = Kitchen()
        for inputs in ([lock], [lock, setup.ROOT / "pyproject.toml"], [lock]):
            setup.Step("soup", inputs, tmp_path / "stamp", kitchen.make).run()
        assert kitchen.made == 3

    def test_says_its_name_and_its_seconds(
        self, tmp_path: Path, lock: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        setup.Step("soup", [lock], tmp_path / "stamp", Kitchen().make).run()
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err == "setup  soup … 0.0 s\n"


class TestSteps:
    def test_tests_need_other_packages(self) -> None:
        names = [[step.stamp.name for step in setup.steps(test=test)] for test in (False, True)]
        assert [name for name in names[0] if name not in names[1]] == ["requirements.txt"]
        assert [name for name in names[1] if name not in names[0]] == ["requirements-dev.txt"]

    def test_the_page_is_made_of_its_sources_and_the_schema(self) -> None:
        sources = setup.steps(test=False)[-1].inputs
        shown = {str(path.relative_to(setup.ROOT)) for path in sources}
        assert {"schema.graphql", "frontend/package.json", "frontend/index.html"} <= shown
        assert not any("node_modules" in name or "/dist/" in name for name in shown)


class Clone:
    """A folder with the set-up alone, and what its first step is made from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.venv = folder / ".venv"
        self.python = self.venv / "bin" / "python"
        shutil.copytree(setup.ROOT / "tools", folder / "tools")
        self._env = environment(PYTHONPATH=str(folder))

    def interrupt(self, number: signal.Signals) -> Running:
        """The real set-up, ended by a signal as soon as the environment has a Python."""
        command = [sys.executable, "-m", "tools.setup", "--without-page"]
        with running(command, env=self._env, cwd=self.folder) as process:
            wait_until(self.python.exists, within=60, what="a Python in .venv")
            process.signal(number)
            process.wait()
            return process

    def make_environment(self) -> None:
        """The first step alone, to its end."""
        code = "from tools import setup; setup.steps(test=False)[0].run()"
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, env=self._env)

    def has_pip(self) -> bool:
        ask = [str(self.python), "-m", "pip", "--version"]
        return subprocess.run(ask, check=False, capture_output=True).returncode == 0


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "counterfoil")


class TestInterrupted:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_says_so_in_one_line(self, clone: Clone, number: signal.Signals) -> None:
        process = clone.interrupt(number)
        assert process.wait() == 130
        assert process.lines == [
            "setup  Python environment … stopped: the next start goes on from here"
        ]

    def test_the_next_one_makes_the_environment_whole_and_then_keeps_it(self, clone: Clone) -> None:
        clone.interrupt(signal.SIGINT)
        assert clone.python.exists()
        assert not clone.has_pip()
        clone.make_environment()
        assert clone.has_pip()
        (clone.venv / "mine").touch()
        (clone.venv / ".setup" / "venv").unlink()
        clone.make_environment()
        assert (clone.venv / "mine").exists()
