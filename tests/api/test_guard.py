"""The limits: what is just within them passes, one more does not."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_introspection_query, parse

from counterfoil.api.guard import (
    REGISTERED,
    SIGNED_IN,
    IntrospectionOff,
    Limits,
    TooCostly,
    check,
    check_variables,
)
from counterfoil.api.weighing import Verdict
from tests.api.documents import SCHEMA
from tests.api.test_weighing import bomb


def checked(
    text: str,
    variables: dict[str, Any] | None = None,
    *,
    limits: Limits = SIGNED_IN,
    signed_in: bool = True,
) -> Verdict:
    document = parse(text)
    operation: Any = document.definitions[0]
    return check(
        SCHEMA, document, variables or {}, operation=operation, limits=limits, signed_in=signed_in
    )


def nested(levels: int) -> str:
    return "{me{" + "tag{thing{" * ((levels - 2) // 2) + "id" + "}}" * ((levels - 2) // 2) + "}}"


def introspection(levels: int) -> str:
    return "{__schema{types{name " + "ofType{" * levels + "name" + "}" * levels + "}}}"


class TestIntrospection:
    def test_is_off_for_people_who_are_not_signed_in(self) -> None:
        with pytest.raises(IntrospectionOff):
            checked("{__schema{queryType{name}}}", signed_in=False)

    def test_is_off_for_them_also_beside_other_fields_and_in_fragments(self) -> None:
        with pytest.raises(IntrospectionOff):
            checked('{me{id} ...f} fragment f on Query{__type(name:"Tag"){name}}', signed_in=False)

    def test_the_standard_query_passes(self) -> None:
        verdict = checked(get_introspection_query(input_value_deprecation=True))
        assert 13 <= verdict.depth <= 20

    def test_has_its_own_depth(self) -> None:
        assert checked(introspection(17)).depth == 20
        with pytest.raises(TooCostly, match=r"21 levels of fields\. The limit is 20"):
            checked(introspection(18))

    def test_has_its_own_number_of_fields(self) -> None:
        names = " ".join(["...a"] * 5)
        fragment = "fragment a on __Schema{" + "types{name kind}" * 1 + "}"
        assert checked("{__schema{" + names + "}} " + fragment).fields == 16
        with pytest.raises(TooCostly, match="limit is 500"):
            checked("{__schema{" + "...a " * 170 + "}} " + fragment)


class TestLimits:
    def test_a_fragment_bomb_is_refused(self) -> None:
        with pytest.raises(TooCostly, match="more than a thousand million fields") as refused:
            checked(
                bomb(30, head="{me{...f0}}").replace("a:", ""),
                limits=Limits(depth=99, aliases=10**12),
            )
        assert refused.value.limit == 1_000

    def test_depth(self) -> None:
        assert checked(nested(12)).depth == 12
        with pytest.raises(TooCostly, match=r"14 levels of fields\. The limit is 12"):
            checked(nested(14))

    def test_aliases(self) -> None:
        assert checked("{me{" + " ".join(f"a{i}:id" for i in range(30)) + "}}").aliases == 30
        with pytest.raises(TooCostly, match=r"31 aliases\. The limit is 30"):
            checked("{me{" + " ".join(f"a{i}:id" for i in range(31)) + "}}")

    def test_fields(self) -> None:
        fragment = "fragment a on Thing{id name}"
        assert checked("{me{" + "...a " * 499 + "}} " + fragment).fields == 999
        with pytest.raises(TooCostly, match=r"1,001 fields\. The limit is 1,000"):
            checked("{me{" + "...a " * 500 + "}} " + fragment)

    def test_fragments(self) -> None:
        def chain(length: int) -> str:
            links = " ".join(f"fragment f{i} on Thing{{...f{i + 1}}}" for i in range(length - 1))
            return f"{{me{{...f0}}}} {links} fragment f{length - 1} on Thing{{id}}"

        assert checked(chain(60)).fragments == 60
        with pytest.raises(TooCostly, match=r"61 fragments\. The limit is 60"):
            checked(chain(61))

    def test_cost(self) -> None:
        text = "query($n:Int){things(first:$n){nodes{id}}}"
        assert checked(text, {"n": 19_999}).cost == 20_000
        with pytest.raises(TooCostly, match=r"up to 20,001 objects\. The limit is 20,000"):
            checked(text, {"n": 20_000})

    def test_registered_documents_may_be_deep_but_not_costly(self) -> None:
        assert checked(nested(40), limits=REGISTERED).depth == 40
        with pytest.raises(TooCostly, match="limit is 20,000"):
            checked("{things(first:20000){nodes{id}}}", limits=REGISTERED)


class TestVariables:
    def test_nested_deeper_than_any_input_are_refused(self) -> None:
        value: Any = {}
        for _ in range(40):
            value = {"and": [value]}
        with pytest.raises(TooCostly, match="variables nested deeply"):
            check_variables({"where": value})

    def test_of_a_usual_shape_pass(self) -> None:
        check_variables({"where": {"and": [{"or": [{"name": {"eq": "a"}}]}]}, "first": 5})
