"""The limits on what one request may ask for, and the check of a document against them.

The limits hold before validation: nothing that is over them is validated or executed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Token,
    TokenKind,
)

from counterfoil.api.weighing import Verdict, weigh

BODY_BYTES = 256 * 1024
"""The longest request body."""
VARIABLE_DEPTH = 40
"""How deep lists and objects may be nested in variables."""
NUMBER_CHARACTERS = 40
"""The longest number in a document: longer than any value of ours, and short enough for Python."""


_NUMBERS = frozenset({TokenKind.INT, TokenKind.FLOAT})


class TooCostly(Exception):
    """The document, or the request for it, is over one of the limits."""

    def __init__(self, what: str, *, limit: int) -> None:
        self.what, self.limit = what, limit
        super().__init__(f"This asks for too much: {what}. The limit is {limit:,}.")


class IntrospectionOff(Exception):
    """The schema is shown to those who are signed in."""

    def __init__(self) -> None:
        super().__init__("Sign in to read the schema, or fetch it from /schema.graphql.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may weigh; `cost` is in objects of the answer. None: no limit.

    Fragments have a limit because validation compares them in pairs.
    """

    tokens: int | None = 4_000
    depth: int | None = 12
    aliases: int = 30
    fields: int = 1_000
    fragments: int = 60
    cost: int = 20_000


SIGNED_IN = Limits()
SIGNED_OUT = Limits(tokens=1_000)
INTROSPECTION = Limits(depth=20, fields=500)
REGISTERED = Limits(tokens=None, depth=None)
"""For documents that an operator registered."""


def check(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    *,
    operation: OperationDefinitionNode,
    limits: Limits,
    signed_in: bool,
) -> Verdict:
    """Weigh a document and hold it against `limits`; introspection has limits of its own.

    Raises:
        FragmentCycle: a fragment spreads itself.
        TooCostly: it is over a limit.
        IntrospectionOff: it asks for the schema, and nobody is signed in.
    """
    verdict = weigh(schema, document, variables, operation=operation)
    if verdict.introspects and not signed_in:
        raise IntrospectionOff
    if verdict.introspection_only:
        _hold(verdict, INTROSPECTION)
    else:
        _hold(verdict, limits)
        _refuse(verdict.cost, limits.cost, f"up to {_short(verdict.cost)} objects")
    return verdict


def check_numbers(document: DocumentNode) -> None:
    """Refuse numbers that are longer than any input of ours; Python reads but 4,300 digits.

    Raises:
        GraphQLError: there is one, with its place in the document.
    """
    for token in _tokens(document):
        if token.kind in _NUMBERS and token.end - token.start > NUMBER_CHARACTERS:
            raise GraphQLError(
                f"A number may have at most {NUMBER_CHARACTERS} characters.",
                source=document.loc.source if document.loc else None,
                positions=[token.start],
            )


def _tokens(document: DocumentNode) -> Iterator[Token]:
    token = document.loc.start_token if document.loc else None
    while token is not None:
        yield token
        token = token.next


def check_variables(variables: Mapping[str, Any]) -> None:
    """Refuse variables that are nested deeper than any input of ours.

    Raises:
        TooCostly: they are.
    """
    level: list[Any] = [variables]
    for _ in range(VARIABLE_DEPTH):
        level = [inner for value in level for inner in _contents(value)]
        if not level:
            return
    raise TooCostly("variables nested deeply", limit=VARIABLE_DEPTH)


def _contents(value: object) -> list[Any]:
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [inner for inner in found if isinstance(inner, dict | list)]


def _hold(verdict: Verdict, limits: Limits) -> None:
    _refuse(verdict.depth, limits.depth, f"{verdict.depth:,} levels of fields")
    _refuse(verdict.aliases, limits.aliases, f"{_short(verdict.aliases)} aliases")
    _refuse(verdict.fields, limits.fields, f"{_short(verdict.fields)} fields")
    _refuse(verdict.fragments, limits.fragments, f"{verdict.fragments} fragments")


def _refuse(found: int, limit: int | None, what: str) -> None:
    if limit is not None and found > limit:
        raise TooCostly(what, limit=limit)


def _short(number: int) -> str:
    """A fragment bomb's numbers may have hundreds of digits."""
    return f"{number:,}" if number < 10**9 else "more than a thousand million"
