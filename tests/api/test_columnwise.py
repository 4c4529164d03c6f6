"""Lists completed by columns are, value for value and error for error, the stock executor's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import strawberry
from graphql import GraphQLObjectType, execute_sync, get_named_type, is_object_type, parse
from hypothesis import given
from hypothesis import strategies as st
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from counterfoil.aggregators.port import AccountType
from counterfoil.api.bank_accounts import BankAccount
from counterfoil.api.columnwise import ColumnwiseExecutor
from counterfoil.api.graphql_schema import make_schema
from counterfoil.api.rowtypes import qualified, reading_of
from counterfoil.kit.conditions import Kind
from counterfoil.kit.table import Row
from counterfoil.links.models import RefreshPhase, RefreshState, RefreshTrigger
from counterfoil.links.queries import LINKED_ACCOUNTS
from counterfoil.links.status import LinkStatusCode
from counterfoil.viewer import Right, Viewer

VIEWER = Viewer.system(UUID(int=1))


@strawberry.type
class Listed:
    place: int
    account: BankAccount


@strawberry.type
class Query:
    found: strawberry.Private[list[BankAccount]]

    @strawberry.field
    def accounts(self) -> list[BankAccount]:
        return self.found

    @strawberry.field
    def maybe(self) -> list[BankAccount | None] | None:
        return list(self.found)

    @strawberry.field
    def listed(self) -> list[Listed]:
        return [Listed(place=place, account=each) for place, each in enumerate(self.found)]


SCHEMA = make_schema(query=Query, mutation=None, subscription=None)._schema


class NeverCellwise(ColumnwiseExecutor):
    """Fails where a list is left to the stock executor."""

    def complete_iterable_value(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("completed cell by cell")


def accounts(rows: Sequence[Row], viewer: Viewer = VIEWER) -> list[BankAccount]:
    return [BankAccount(row=row, viewer=viewer) for row in rows]


def answer(
    executor: Any, document: str, found: list[BankAccount], **variables: Any
) -> dict[str, Any]:
    answered = execute_sync(
        SCHEMA,
        parse(document),
        root_value=Query(found=found),
        variable_values=variables,
        executor_class=executor,
    )
    return dict(answered.formatted)


def both(document: str, found: list[BankAccount], **variables: Any) -> dict[str, Any]:
    """What both executors answer."""
    stock = answer(StrawberryGraphQLCoreExecutionContext, document, found, **variables)
    ours = answer(ColumnwiseExecutor, document, found, **variables)
    assert ours == stock
    return ours


_CODES: dict[str, list[str]] = {
    "bank_account.type": [each.value for each in AccountType],
    "bank_account.feed_state": ["OPEN", "CLOSED", "ACCESS_LOST"],
    "bank_link.status_code": [each.value for each in LinkStatusCode],
    "under_way.state": [RefreshState.QUEUED.value, RefreshState.RUNNING.value],
    "under_way.phase": [each.value for each in RefreshPhase],
    "under_way.trigger": [each.value for each in RefreshTrigger],
    "under_way.status_code": [each.value for each in LinkStatusCode],
    "ledger_account.type": ["ASSET", "LIABILITY", "EQUITY", "INCOME", "EXPENSE"],
}
_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(max_size=4),
    Kind.UUID: st.integers(0, 3).map(lambda number: UUID(int=number)),
    Kind.DATE: st.dates(),
    Kind.MOMENT: st.datetimes(timezones=st.just(UTC)),
    Kind.WHOLE: st.integers(-(2**31), 2**31 - 1),
    Kind.BOOLEAN: st.booleans(),
    Kind.JSON: st.sampled_from(['["US"]', "[]"]),
}


def _names(graphql_type: Any, alias: str, seen: set[tuple[str, str]]) -> set[str]:
    """Every column that the fields of this type are read from, in all objects of the row."""
    if (graphql_type.name, alias) in seen:
        return set()
    seen.add((graphql_type.name, alias))
    found: set[str] = set()
    for field in graphql_type.fields.values():
        if (reading := reading_of(field)) is not None:
            found |= {qualified(name, alias) for name in reading.names}
            if reading.part is not None:
                found |= _names(get_named_type(field.type), reading.at, seen)
    return found


def _cell(name: str) -> st.SearchStrategy[Any]:
    """What the database may hold."""
    column = LINKED_ACCOUNTS.column(name)
    values = st.sampled_from(_CODES[name]) if name in _CODES else _VALUES[column.kind]
    if name.endswith("exponent"):
        values = st.integers(0, 4)
    return st.none() | values if column.nullable else values


_SIMPLEST: Mapping[Kind, object] = {
    Kind.TEXT: "text",
    Kind.UUID: UUID(int=1),
    Kind.DATE: date(2026, 3, 2),
    Kind.MOMENT: datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    Kind.WHOLE: 2,
    Kind.BOOLEAN: True,
    Kind.JSON: '["US"]',
}


def _simplest(name: str) -> object:
    """A value that is not null."""
    return _CODES[name][0] if name in _CODES else _SIMPLEST[LINKED_ACCOUNTS.column(name).kind]


ACCOUNT: Any = SCHEMA.type_map["BankAccount"]
NAMES = sorted(_names(ACCOUNT, "bank_account", set()))
SOUND_ROWS = st.lists(st.fixed_dictionaries({name: _cell(name) for name in NAMES}), max_size=4)
SOUND_ROW = {name: _simplest(name) for name in NAMES}


def _plain(parent: GraphQLObjectType, depth: int) -> list[str]:
    """The fields that take no arguments and have no resolver; deep down, only the leaves."""
    return [
        name
        for name, field in parent.fields.items()
        if not field.args
        and getattr(field.resolve, "_is_default", False)
        and (depth < 2 or not is_object_type(get_named_type(field.type)))
    ]


def _everything(parent: GraphQLObjectType, depth: int = 0) -> str:
    """A selection of all that is plain."""
    parts = ["__typename"]
    for name in _plain(parent, depth):
        below: Any = get_named_type(parent.fields[name].type)
        more = f" {{ {_everything(below, depth + 1)} }}" if is_object_type(below) else ""
        parts.append(name + more)
    return " ".join(parts)


@st.composite
def selections(draw: st.DrawFn, parent: GraphQLObjectType, depth: int = 0) -> str:
    """A selection of some of what is plain, in any order, under any names."""
    choice = st.sampled_from([*_plain(parent, depth), "__typename"])
    chosen = draw(st.lists(choice, min_size=1, unique=True))
    parts = []
    for number, name in enumerate(chosen):
        text = draw(st.sampled_from(["", f"alias{number}: "])) + name
        below: Any = get_named_type(parent.fields[name].type) if name in parent.fields else None
        if below is not None and is_object_type(below):
            text += f" {{ {draw(selections(below, depth + 1))} }}"
        parts.append(text)
    return " ".join(parts)


EVERYTHING = f"{{ maybe {{ {_everything(ACCOUNT)} }} }}"
LISTS = st.sampled_from(["accounts { %s }", "maybe { %s }", "listed { place account { %s } }"])


class TestColumnwiseExecutor:
    @given(LISTS, selections(ACCOUNT), SOUND_ROWS)
    def test_any_selection_of_any_rows_is_answered_alike(
        self, listed: str, selection: str, rows: list[Row]
    ) -> None:
        both(f"{{ {listed % selection} }}", accounts(rows))

    @given(st.sampled_from(NAMES), st.sampled_from([None, "?", 7]))
    def test_a_wrong_cell_is_told_or_passed_on_alike(self, name: str, value: object) -> None:
        both(EVERYTHING, accounts([{**SOUND_ROW, name: value}]))

    @given(SOUND_ROWS)
    def test_sound_rows_are_never_completed_cell_by_cell(self, rows: list[Row]) -> None:
        linked = [{**SOUND_ROW, **{n: v for n, v in row.items() if v is not None}} for row in rows]
        assert "errors" not in answer(NeverCellwise, EVERYTHING, accounts(linked))

    def test_a_value_that_may_not_be_null_is_an_error_at_its_place(self) -> None:
        rows = [_row(name="Checking"), _row(name=None)]
        answered = both("{ maybe { name } }", accounts(rows))
        assert answered["data"] == {"maybe": [{"name": "Checking"}, None]}
        assert [error["path"] for error in answered["errors"]] == [["maybe", 1, "name"]]

    @pytest.mark.parametrize("shown", [True, False])
    def test_fragments_and_conditions_are_followed(self, shown: bool) -> None:
        document = """query ($shown: Boolean!) { accounts { ...Names type @skip(if: $shown) } }
            fragment Names on BankAccount { name ... on Node @include(if: $shown) { id } }"""
        answered = both(document, accounts([_row(name="Checking")]), shown=shown)
        [found] = answered["data"]["accounts"]
        assert list(found) == (["name", "id"] if shown else ["name", "type"])

    def test_objects_of_several_viewers_are_each_read_for_their_own(self) -> None:
        other = replace(VIEWER, rights=frozenset({Right.READ}))
        row = _row(name="Checking")
        found = [*accounts([row]), *accounts([row], viewer=other)]
        answered = both("{ accounts { viewerCan { allowed } } }", found)["data"]["accounts"]
        assert [each["viewerCan"][0]["allowed"] for each in answered] == [True, False]


def _row(**values: Any) -> Row:
    """A row that says nothing but this of its account."""
    known = {f"bank_account.{name}": value for name, value in values.items()}
    empty = dict.fromkeys(NAMES)
    return {**empty, "bank_account.id": UUID(int=1), "bank_account.type": "BANK", **known}
