"""Asks the schema as a viewer, without the transport, and counts what the database is asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from inspect import isawaitable
from typing import Any, cast

from graphql import DocumentNode, execute, parse, validate
from strawberry.execution import optimized_is_awaitable

from counterfoil.api.context import Context, Services
from counterfoil.api.loaders import Loaders
from counterfoil.api.schema import read_node, schema
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Viewer
from tests.factories import KEYRING, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue


class Refused(Exception):
    """The answer holds errors; `codes` are those of the rooms."""

    def __init__(self, errors: Any) -> None:
        self.errors = errors
        self.codes = [getattr(error.original_error, "code", None) for error in errors]
        super().__init__(str(errors))


def services(**values: Any) -> Services:
    """What resolvers are given, with nothing that reaches outside."""
    clock = FixedClock()
    defaults: dict[str, Any] = {
        "transactions": Transactions(clock, RecordingBell(), RecordingQueue()),
        "linking": None,
        "live": None,
        "clock": clock,
        "keyring": KEYRING,
        "registry": None,
        "read_node": read_node,
        "loaders": Loaders,
    }
    return Services(**{**defaults, **values})


async def some_viewer() -> Viewer:
    """A new person with every right in a new organization."""
    return await make_viewer(await make_organization())


async def ask(
    viewer: Viewer | None,
    document: str,
    *,
    through: Services | None = None,
    **variables: Any,
) -> dict[str, Any]:
    """What the schema answers.

    Raises:
        Refused: the answer holds errors.
    """
    running = execute(
        schema._schema,
        _valid(document),
        variable_values=variables,
        context_value=Context(through or services(), viewer, "req-test"),
        executor_class=schema.execution_context_class,
        is_awaitable=cast(Any, optimized_is_awaitable),
    )
    answer: Any = await running if isawaitable(running) else running
    if answer.errors:
        raise Refused(answer.errors)
    return cast(dict[str, Any], answer.data)


@lru_cache(maxsize=100)
def _valid(document: str) -> DocumentNode:
    """Parse and validate a document once, as the product does; properties ask it many times."""
    parsed = parse(document)
    if errors := validate(schema._schema, parsed):
        raise Refused(errors)
    return parsed


@contextmanager
def told_of_statements(handler: logging.Handler) -> Iterator[None]:
    """Tell a handler of every statement, right before the database is given it."""
    logger = logging.getLogger("tortoise.db_client")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that the database is given while the body runs."""
    seen: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    with told_of_statements(Listening()):
        yield seen
