"""docs/operating.md against the code: every setting, command and make target, in their words."""

from __future__ import annotations

import re

from counterfoil.__main__ import COMMANDS
from counterfoil.settings import declared
from tests.services.processes import ROOT

_LINES = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").splitlines()
_TARGET = re.compile(r"^([a-z0-9-]+):.*## (.*)$", re.MULTILINE)


def _table(heading: str) -> list[str]:
    """The rows of the table under a head line that begins so."""
    start = next(at for at, line in enumerate(_LINES) if line.startswith(heading))
    rows = _LINES[start + 2 :]
    return rows[: next(at for at, row in enumerate(rows) if not row.startswith("|"))]


def _default(shown: str) -> str:
    return shown if not shown or "`" in shown or " " in shown else f"`{shown}`"


def test_every_setting_stands_in_the_table_as_it_is_declared() -> None:
    assert _table("| name | default |") == [
        f"| `{setting.name}` | {_default(setting.shown)} | {setting.about} |"
        for setting in declared()
    ]


def test_every_command_stands_in_the_table_as_its_help_says() -> None:
    assert _table("| command | what") == [
        f"| `counterfoil {command.name}` | {command.about} |" for command in COMMANDS
    ]


def test_every_make_target_stands_in_the_table_as_make_help_says() -> None:
    targets = _TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(targets) > 10
    assert _table("| from the clone |") == [
        f"| `make {name}` | {about} |" for name, about in targets
    ]
