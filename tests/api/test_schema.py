"""The schema as the product's face: printed, described, and honest about what may grow."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
)

from counterfoil.api.schema import schema
from tests.services.processes import COUNTERFOIL, ROOT, environment

_TYPES: list[GraphQLNamedType] = [
    named for name, named in schema._schema.type_map.items() if not name.startswith("__")
]
_OWN = [named for named in _TYPES if named.name not in {"Boolean", "Float", "ID", "Int", "String"}]


def test_the_committed_schema_is_the_one_that_the_code_prints() -> None:
    printed = subprocess.run(
        [*COUNTERFOIL, "schema"], check=True, capture_output=True, text=True, env=environment()
    )
    assert printed.stdout == (ROOT / "schema.graphql").read_text(encoding="utf-8")


def _described() -> Iterator[tuple[str, str | None]]:
    for named in _OWN:
        yield named.name, named.description
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in named.fields.items():
                yield f"{named.name}.{name}", field.description
        if isinstance(named, GraphQLObjectType):
            for name, field in named.fields.items():
                for argument, declared in field.args.items():
                    yield f"{named.name}.{name}({argument})", declared.description


def test_every_type_field_and_argument_is_described() -> None:
    roots = {"Query", "Mutation", "Subscription"}
    missing = [name for name, description in _described() if not description and name not in roots]
    assert missing == []


@pytest.mark.parametrize(
    "enum", [each for each in _OWN if isinstance(each, GraphQLEnumType)], ids=lambda each: each.name
)
def test_every_enum_says_whether_it_may_grow(enum: GraphQLEnumType) -> None:
    assert re.search(r"\b(Open: |Closed: )", enum.description or "")


def test_every_scalar_of_ours_says_by_what_it_is_specified() -> None:
    scalars = [each for each in _OWN if isinstance(each, GraphQLScalarType)]
    assert {each.name for each in scalars if not each.specified_by_url} == set()
    assert {each.name for each in scalars} == {
        "CurrencyCode",
        "Cursor",
        "Date",
        "DateTime",
        "Decimal",
    }


def test_every_list_can_grow_without_breaking_a_client_that_knows_a_union() -> None:
    unions = [each for each in _OWN if isinstance(each, GraphQLUnionType)]
    assert {each.name for each in unions} == {"LinkStep", "OrganizationEvent"}
    assert all("Open: " in (each.description or "") for each in unions)


def test_every_input_field_that_is_not_needed_may_be_left_out() -> None:
    needed = {
        f"{named.name}.{name}"
        for named in _OWN
        if isinstance(named, GraphQLInputObjectType)
        for name, field in named.fields.items()
        if str(field.type).endswith("!") and field.default_value is None
    }
    assert {name for name in needed if name.split(".")[0].endswith(("Where", "Filter"))} == set()


def test_every_mutation_answers_the_errors_that_kept_it_from_doing_anything() -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        payload = field.type.of_type
        assert str(payload.fields["errors"].type) == "[UserError!]!", name
