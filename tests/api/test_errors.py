"""Errors of the rooms as a mutation answers them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
import strawberry

from counterfoil.api.context import Context, Info
from counterfoil.api.errors import ErrorCode, UserError, UserErrors
from counterfoil.api.graphql_schema import make_schema
from counterfoil.api.node import Node
from counterfoil.errors import Conflict, CounterfoilError, InvalidInput, NotFound
from counterfoil.identity.queries import NotSignedIn
from counterfoil.viewer import Forbidden, Right

ID = UUID("018f3b6e-0000-7000-8000-000000000001")


class TooSoon(CounterfoilError):
    """Comes back later."""

    code = "RATE_LIMITED"
    retryable = True
    retry_at = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)

    def __init__(self) -> None:
        super().__init__("Too soon.")


RAISED: dict[str, BaseException] = {
    "forbidden": Forbidden(Right.BANKS),
    "conflict": Conflict(of="Thing", object_id=ID, expected=1, actual=2),
    "not_found": NotFound(field=("items", "0", "bank_link_id")),
    "invalid": InvalidInput("Too long."),
    "soon": TooSoon(),
    "nobody": NotSignedIn(),
    "bug": ZeroDivisionError("a secret"),
}


@strawberry.type
class Thing(Node):
    name: str


@strawberry.type
class Payload:
    thing: Thing | None = None
    replayed: bool = False
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class Query:
    one: int = 1


@strawberry.type
class Mutation:
    @strawberry.mutation(extensions=[UserErrors()])
    async def fail(self, info: Info, how: str) -> Payload:
        if how in RAISED:
            raise RAISED[how]
        return Payload(thing=Thing(id=strawberry.ID("1"), name=how))


SCHEMA = make_schema(query=Query, mutation=Mutation, subscription=None, types=[Thing])
TEXT = """
    mutation($how: String!) { fail(how: $how) { thing { name } replayed errors {
        __typename code message field retryable
        ... on ConflictError { current { id ... on Thing { name } } }
        ... on RetryLaterError { retryAt }
        ... on ForbiddenError { right }
    } } }
"""


class _Services:
    async def read_node(self, info: Info, of: str, object_id: UUID) -> Thing | None:
        assert (of, object_id) == ("Thing", ID)
        return Thing(id=strawberry.ID("now"), name="as it is now")


async def failed(how: str) -> dict[str, Any]:
    context = Context(cast(Any, _Services()), None, "request")
    result = await SCHEMA.execute(TEXT, variable_values={"how": how}, context_value=context)
    assert result.errors is None
    assert result.data is not None
    payload: dict[str, Any] = result.data["fail"]
    return payload


async def test_a_missing_right_is_named() -> None:
    payload = await failed("forbidden")
    assert payload["thing"] is None
    assert payload["replayed"] is False
    assert payload["errors"] == [
        {
            "__typename": "ForbiddenError",
            "code": "FORBIDDEN",
            "message": "This needs the right “banks”. Ask an administrator for it.",
            "field": None,
            "retryable": False,
            "right": "BANKS",
        }
    ]


async def test_a_conflict_carries_the_object_as_it_is_now() -> None:
    [error] = (await failed("conflict"))["errors"]
    assert error["__typename"] == "ConflictError"
    assert error["field"] == ["expectedRevision"]
    assert error["current"] == {"id": "now", "name": "as it is now"}


async def test_a_path_is_in_camel_case_with_indexes_as_they_are() -> None:
    [error] = (await failed("not_found"))["errors"]
    assert (error["__typename"], error["code"]) == ("SimpleError", "NOT_FOUND")
    assert error["field"] == ["items", "0", "bankLinkId"]


async def test_what_may_work_later_says_when() -> None:
    [error] = (await failed("soon"))["errors"]
    assert error["__typename"] == "RetryLaterError"
    assert error["retryAt"] == "2026-01-31T18:30:00.000Z"
    assert error["retryable"] is True


async def test_success_has_no_errors() -> None:
    assert await failed("well") == {"thing": {"name": "well"}, "replayed": False, "errors": []}


@pytest.mark.parametrize("how", ["nobody", "bug"])
async def test_what_clients_can_not_act_on_here_stays_a_top_level_error(how: str) -> None:
    result = await SCHEMA.execute(TEXT, variable_values={"how": how}, context_value=None)
    assert result.data is None
    assert result.errors is not None
    assert result.errors[0].original_error is RAISED[how]


def _subclasses(error: type[CounterfoilError]) -> set[type[CounterfoilError]]:
    below = set(error.__subclasses__())
    return below.union(*(_subclasses(each) for each in below))


def test_every_error_of_the_rooms_has_a_code_that_clients_know() -> None:
    import counterfoil.app  # noqa: F401 - everything that can be raised there is imported by it

    known = {code.name for code in ErrorCode} | {"UNAUTHENTICATED", "TOKEN_EXPIRED"}
    ours = {e for e in _subclasses(CounterfoilError) if e.__module__.startswith("counterfoil.")}
    assert {error.__name__: error.code for error in ours if error.code not in known} == {}
    assert len(ours) > 15
