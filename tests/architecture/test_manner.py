"""What CONTRIBUTING.md asks of every Python file, as far as it can be measured."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median_low

import pytest

from tests.services.processes import ROOT

_LONGEST_FUNCTION = 70
_LONGEST_FILE = 400
_SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
_FOLDERS = ("backend", "tests", "tools")
_FILES = sorted(
    path
    for folder in _FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


@pytest.fixture(scope="module")
def lengths() -> Sequence[tuple[str, int]]:
    """The name of each function, with its file, and of how many lines it is."""
    return [measured for path in _FILES for measured in _functions(path)]


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{_name(path)} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
        # what an expression holds is no function of a name
        waiting += [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr)]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [_name(path) for path in _FILES if path.stem in _SAYS_NOTHING] == []


def test_no_file_of_the_product_holds_two_ideas() -> None:
    product = [path for path in _FILES if not path.is_relative_to(ROOT / "tests")]
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in product}
    assert {name: lines for name, lines in lengths.items() if lines > _LONGEST_FILE} == {}


def test_no_function_is_too_long_to_be_seen_at_once(lengths: Sequence[tuple[str, int]]) -> None:
    assert [(name, lines) for name, lines in lengths if lines > _LONGEST_FUNCTION] == []


def test_a_usual_function_is_short(lengths: Sequence[tuple[str, int]]) -> None:
    assert median_low(lines for _, lines in lengths) < 10
