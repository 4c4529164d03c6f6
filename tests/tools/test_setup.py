from __future__ import annotations

from pathlib import Path

import pytest

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
