from __future__ import annotations

import logging
import re
import sys

import asyncpg
import pytest

from counterfoil.api.outages import is_outage
from counterfoil.kit.sql import fetch
from counterfoil.plumbing.console import OutagesInOneLine
from counterfoil.plumbing.database import connected
from tests.services.processes import free_port


def printed(error: Exception, message: str, *values: object) -> list[str]:
    """The lines that are printed for an error that was really raised."""
    try:
        raise error
    except Exception:  # noqa: BLE001 - whatever the test hands in
        record = logging.LogRecord("any", logging.ERROR, "", 0, message, values, sys.exc_info())
    lines = OutagesInOneLine(is_outage).format(record).splitlines()
    assert record.exc_info is not None  # another handler still has it all
    return lines


class TestOutagesInOneLine:
    def test_a_mistake_keeps_its_traceback(self) -> None:
        lines = printed(KeyError("amount"), "the job failed")
        assert lines[:2] == ["ERROR the job failed", "Traceback (most recent call last):"]
        assert lines[-1] == "KeyError: 'amount'"

    def test_a_lost_connection_is_one_line(self) -> None:
        lost = asyncpg.ConnectionDoesNotExistError("connection was closed\nin the middle")
        words = "ConnectionDoesNotExistError: connection was closed in the middle"
        assert printed(lost, "Exception in ASGI application\n") == [
            f"ERROR Exception in ASGI application: {words}"
        ]

    async def test_a_database_that_is_away_is_one_line_with_our_own_place(self) -> None:
        async with connected(f"postgres://nobody@127.0.0.1:{free_port()}/books"):
            with pytest.raises(Exception, match="Connect") as met:
                await fetch("SELECT 1")
        (line,) = printed(met.value, "the tick failed")
        assert line.startswith(f"ERROR the tick failed: {type(met.value).__name__}: ")
        assert re.search(r" \((sql|postgres_engine)\.py:\d+\)$", line)

    def test_what_the_message_says_is_not_said_again(self) -> None:
        refused = ConnectionRefusedError("no answer")
        words = "%s failed, %s: %s"
        assert printed(refused, words, "tick", "ConnectionRefusedError", refused) == [
            "ERROR tick failed, ConnectionRefusedError: no answer"
        ]
