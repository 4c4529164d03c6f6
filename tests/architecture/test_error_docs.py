"""docs/errors.md and docs/security.md say what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

import counterfoil.app
import counterfoil.worker  # noqa: F401 - with these two every room has declared its errors
from counterfoil.api import bodies, documents, execution, guard, sockets, turns, webhooks, websocket
from counterfoil.api.errors import ErrorCode
from counterfoil.api.refusals import STATUS, RequestCode
from counterfoil.errors import CounterfoilError
from counterfoil.identity import operations as identity
from counterfoil.plumbing import patience
from counterfoil.server import configuration

DOCS = Path(__file__).parents[2] / "docs"


def rows(section: str) -> list[list[str]]:
    """The table rows of a section of docs/errors.md, cell by cell."""
    text = (DOCS / "errors.md").read_text().split(f"## {section}")[1].split("\n## ")[0]
    found = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found]


def test_every_code_of_the_rooms_has_its_row() -> None:
    table = rows("Codes of the rooms")
    assert [row[0].strip("`") for row in table] == [code.name for code in ErrorCode]
    assert all(len(row) == 3 and row[1] and row[2] for row in table)


def _below(kind: type[CounterfoilError]) -> Iterator[type[CounterfoilError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_every_code_is_of_an_error_that_is_raised_and_every_error_has_its_code() -> None:
    ours = [each for each in _below(CounterfoilError) if each.__module__.startswith("counterfoil.")]
    raised = {each.code for each in ours}
    of_rooms, of_requests = set(ErrorCode.__members__), {code.name for code in RequestCode}
    assert of_rooms <= raised
    assert raised <= of_rooms | of_requests


def test_every_code_of_requests_has_its_row_with_its_status() -> None:
    table = rows("Codes of requests")
    assert [row[0].strip("`") for row in table] == [code.name for code in RequestCode]
    for row in table:
        assert str(STATUS[row[0].strip("`")]) in row[1].split(", ")
        assert len(row) == 4
        assert row[2]
        assert row[3]


@pytest.mark.parametrize(
    "sentence",
    [
        f"{patience.HEAD_SECONDS:g} s, {patience.HEAD_BYTES // 1024} KB",
        f"{bodies.SECONDS:g} s; {guard.BODY_BYTES // 1024} KB for GraphQL",
        f"{webhooks.BODY_BYTES // 1024**2} MB for webhooks",
        f"{guard.SIGNED_IN.tokens:,}; {guard.SIGNED_OUT.tokens:,} for people",
        f"| Depth | {guard.SIGNED_IN.depth} levels",
        f"repeated fields | {guard.SIGNED_IN.aliases} |",
        f"expanded | {guard.SIGNED_IN.fields:,} |",
        f"| Fragments | {guard.SIGNED_IN.fragments} |",
        f"| Objects in the answer | {guard.SIGNED_IN.cost:,} |",
        f"depth {guard.INTROSPECTION.depth}, {guard.INTROSPECTION.fields} fields",
        f"| Nesting of variables | {guard.VARIABLE_DEPTH} levels",
        f"query or mutation | {execution.EXECUTION_SECONDS:g} s |",
        f"in one process | {turns.AT_A_TIME} by",
        f"one websocket | {websocket.OPERATIONS} |",
        f"first message | {websocket.INIT_WAIT.total_seconds():g} s |",
        f"from the client | {websocket.FRAME_BYTES // 1024} KB |",
        f"{websocket.WAITING_MESSAGES}, or {websocket.WAITING_BYTES // 1024**2} MB",
        f"a ping | {configuration(Starlette()).ws_ping_interval:g} s + 25 s |",
        f"within {sockets.CHECK_SECONDS:g} seconds",
        f"{documents.KEPT_CHARACTERS:,} characters of them",
        f"within {identity.TRIES_WITHIN.total_seconds() / 60:g} minutes",
    ],
)
def test_limits_are_those_of_the_code(sentence: str) -> None:
    text = re.sub(r"\s+", " ", (DOCS / "security.md").read_text())
    assert sentence in text
