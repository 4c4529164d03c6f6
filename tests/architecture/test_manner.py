"""What CONTRIBUTING.md asks of every Python file, as far as it can be measured."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

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


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [_name(path) for path in _FILES if path.stem in _SAYS_NOTHING] == []


def test_no_file_of_the_product_holds_two_ideas() -> None:
    product = [path for path in _FILES if not path.is_relative_to(ROOT / "tests")]
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in product}
    assert {name: lines for name, lines in lengths.items() if lines > _LONGEST_FILE} == {}


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    lengths = {
        f"{_name(path)} {found.name}": _lines(found)
        for path in _FILES
        for found in _functions(path)
    }
    assert {name: lines for name, lines in lengths.items() if lines > _LONGEST_FUNCTION} == {}


def test_a_usual_function_is_short() -> None:
    lengths = sorted(_lines(found) for path in _FILES for found in _functions(path))
    assert lengths[len(lengths) // 2] < 10
